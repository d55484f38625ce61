// Keeps the grid's picture true to the store and to what is being saved, without disturbing an open editor.

export function bindPainter(root, { grid, store, writer }) {
  const postponed = new Set(); // rows changed under the open editor, painted when it closes

  function paint(indexes) {
    const editing = grid.getCellEditor() ? grid.getActiveCell().row : -1;
    if (indexes.includes(editing)) postponed.add(editing);
    grid.invalidateRows(indexes.filter((index) => index !== editing));
    grid.render();
  }

  /** Of the rows those that are drawn, which are few however many have changed. */
  const paintRows = ({ detail }) => {
    const rows = new Set(detail);
    const { top, bottom } = grid.getRenderedRange();
    const drawn = Array.from({ length: Math.max(bottom - top + 1, 0) }, (_, at) => top + at);
    const active = grid.getActiveCell()?.row;
    if (active !== undefined && (active < top || active > bottom)) drawn.push(active);
    paint(drawn.filter((index) => rows.has(store.getItem(index))));
  };
  writer.addEventListener("painted", paintRows);
  store.addEventListener("renewed", paintRows);
  grid.onBeforeCellEditorDestroy.subscribe(() => {
    if (!postponed.size) return;
    const indexes = [...postponed];
    postponed.clear();
    queueMicrotask(() => paint(indexes));
  });
  store.addEventListener("rows", ({ detail: { from, to } }) => {
    const { top, bottom } = grid.getRenderedRange();
    const first = Math.max(from, top);
    paint(Array.from({ length: Math.max(Math.min(to, bottom) - first + 1, 0) }, (_, at) => first + at));
    root.classList.remove("waiting");
  });
  store.addEventListener("length", () => {
    grid.updateRowCount();
    grid.render();
  });
  store.addEventListener("failed", () => root.classList.remove("waiting"));
  grid.onViewportChanged.subscribe(() => {
    const { top, bottom } = grid.getViewport();
    store.want(Math.max(top, 0), bottom);
  });
}
