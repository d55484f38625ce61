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

  /** What scrolls has a cell the Tab key reaches: the active one, else the first. */
  function reachable() {
    for (const viewport of container.querySelectorAll(".slick-viewport")) {
      const cell = viewport.querySelector(".slick-cell.active") ?? viewport.querySelector(".slick-cell:not(.row-number)");
      for (const old of viewport.querySelectorAll(".slick-cell[tabindex='0']")) if (old !== cell) old.tabIndex = -1;
      if (cell) cell.tabIndex = 0;
    }
  }

  container.addEventListener("focusin", (event) => {
    const at = !grid.getActiveCell() && event.target.matches(".slick-cell") && grid.getCellFromEvent(event);
    if (at && store.getItem(at.row)) grid.setActiveCell(at.row, at.cell);
  });
  grid.onRendered.subscribe(rows);
  grid.onRendered.subscribe(reachable);
  grid.onActiveCellChanged.subscribe(reachable);
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
  reachable();
}
