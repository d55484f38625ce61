// What SlickGrid does not tell to screen readers: sizes, row numbers, refused cells, and the cell one is on.
import { shown } from "./formats.js";

export function bindAnnouncements(container, live, { grid, store, writer, marks, config }) {
  container.setAttribute("aria-multiselectable", "true");
  // SlickGrid's layers are stops of the Tab key for nothing: the focus lies on one of its two empty elements, or on a
  // cell. A grid may own nothing but rows and their groups.
  for (const element of container.querySelectorAll("[tabindex='0']")) {
    if (element.className) element.removeAttribute("tabindex");
    else element.role = "rowgroup";
  }

  function sizes() {
    container.setAttribute("aria-rowcount", String(store.length + 1));
    container.setAttribute("aria-colcount", String(grid.getColumns().length));
  }

  function rows() {
    for (const row of container.querySelectorAll(".slick-row:not([aria-rowindex])")) {
      row.setAttribute("aria-rowindex", String(Number(row.dataset.row) + 2));
    }
    for (const cell of container.querySelectorAll(".slick-cell.refused:not([aria-invalid])")) {
      cell.setAttribute("aria-invalid", "true");
    }
  }

  grid.onRendered.subscribe(rows);
  function cell() {
    const at = grid.getActiveCell();
    const column = at && grid.getColumns()[at.cell];
    const item = at && store.getItem(at.row);
    if (!item || item.loading || !column?.spec) return;
    const value = shown(item.cells[column.id], column.spec, column.context) || config.words.empty;
    const reason = marks.get(item, column.id)?.message;
    const text = `${column.spec.name}: ${value}${reason ? `. ${reason}` : ""}`;
    if (live.textContent !== text) live.textContent = text;
  }

  grid.onActiveCellChanged.subscribe(cell);
  store.addEventListener("rows", cell);
  writer.addEventListener("painted", cell);
  store.addEventListener("length", sizes);
  sizes();
  rows();
}
