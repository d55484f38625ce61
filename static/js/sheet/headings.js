// Headings of the columns: a click sorts, Shift beside the sorts there are; a drag puts a column elsewhere.

export function bindHeadings(grid, question) {
  grid.onHeaderClick.subscribe((event, { column }) => {
    if (!column.spec || event.getNativeEvent().target.closest(".head-menu, .slick-resizable-handle")) return;
    question.sortBy(column.id, event.shiftKey);
  });
  grid.onHeaderCellRendered.subscribe((_event, { node, column }) => {
    node.setAttribute("role", "columnheader");
    node.dataset.column = column.id;
    node.removeAttribute("title");
    queueMicrotask(() => node.dispatchEvent(new Event("contents", { bubbles: true })));
  });
}
