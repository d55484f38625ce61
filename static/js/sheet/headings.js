// Headings of the columns: a click sorts, Shift beside the sorts there are; with Ctrl it selects the column.

export function bindHeadings(grid, question, selection) {
  grid.onHeaderClick.subscribe((event, { column }) => {
    if (!column.spec || event.getNativeEvent().target.closest(".head-menu, .slick-resizable-handle")) return;
    const cell = grid.getColumnIndex(column.id);
    if (!event.ctrlKey && !event.metaKey) question.sortBy(column.id, event.shiftKey);
    else if (grid.getDataLength()) {
      grid.setActiveCell(grid.getViewport().top, cell, false, false, true);
      selection.selectColumns({ fromCell: cell, toCell: cell });
    }
  });
  grid.onHeaderCellRendered.subscribe((_event, { node, column }) => {
    node.setAttribute("role", "columnheader");
    node.dataset.column = column.id;
    node.removeAttribute("title");
    queueMicrotask(() => node.dispatchEvent(new Event("contents", { bubbles: true })));
  });
}
