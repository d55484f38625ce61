// The menu of a row of the sheet, by the right button or by the menu key (Shift+F10). Its links are the pages of a row
// and of a cell, with 0 in the place of their ids.
const PLACE = /\/r\/\d+\//;
const COLUMN = /\?column=\d+$/;

export function connect(menu) {
  const root = menu.closest(".sheet");
  const links = [...menu.querySelectorAll("a")];
  const items = [...menu.querySelectorAll("[role=menuitem]")];

  root.addEventListener("contextmenu", (event) => {
    const at = menu.contains(event.target) ? null : place(root, event);
    if (!at) return;
    event.preventDefault();
    for (const link of links) {
      link.href = link.href.replace(PLACE, `/r/${at.id}/`).replace(COLUMN, `?column=${at.column}`);
    }
    open(at);
  });
  menu.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) items.at((items.indexOf(document.activeElement) + step) % items.length).focus();
    else if (event.key === "Escape" || event.key === "Tab") close(true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  // A dialog that follows gives the keys back to where they are when it opens.
  menu.addEventListener("click", (event) => close(Boolean(event.target.closest("a"))));
  menu.querySelector("[data-copy-headings]").addEventListener("click", () => root.sheet.copyWithHeadings());
  menu.querySelector("[data-beside]")?.addEventListener("click", () => root.sheet.panel.open());
  document.addEventListener("pointerdown", (event) => {
    if (!menu.contains(event.target)) close(false);
  });

  function open({ x, y }) {
    menu.hidden = false;
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(0, Math.min(x, innerWidth - width))}px`;
    menu.style.top = `${Math.max(0, Math.min(y, innerHeight - height))}px`;
    items[0].focus();
  }

  function close(back) {
    if (menu.hidden) return;
    menu.hidden = true;
    if (back) root.sheet.grid.focus();
  }
}

/** Whether the cell is one of several that are selected: they stay so. */
function selected(selection, { row, cell }) {
  return selection.ranges.some((range) => range.contains(row, Math.max(cell, 1)));
}

/** The saved row the menu is asked for, and where it shall open; null while a cell is edited: that menu is the browser's. */
function place(root, event) {
  const { grid, store } = root.sheet ?? {};
  if (!grid || grid.getCellEditor()) return null;
  const under = event.target.closest(".slick-cell") && grid.getCellFromEvent(event);
  if (under && !selected(root.sheet.selection, under)) grid.setActiveCell(under.row, Math.max(under.cell, 1));
  const node = grid.getActiveCellNode();
  const id = node && store.getItem(grid.getActiveCell().row)?.id;
  if (!id || !(under || root.querySelector("[data-grid]").contains(event.target))) return null;
  const box = node.getBoundingClientRect();
  const column = grid.getColumns()[grid.getActiveCell().cell].id;
  return { id, column, ...(under ? { x: event.clientX, y: event.clientY } : { x: box.left, y: box.bottom }) };
}
