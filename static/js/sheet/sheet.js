// The spreadsheet of one table: takes over from the table the server rendered, at the same size and place.
import { GlobalEditorLock, SlickGrid } from "../../vendor/slickgrid@5.20.2/slickgrid.js";
import { requestJSON } from "../request.js";
import { toast } from "../toast.js";
import { bindAnnouncements } from "./announce.js";
import { bindClipboard } from "./clipboard.js";
import { buildColumns } from "./columns.js";
import { bindFind } from "./find.js";
import { Gestures } from "./gestures.js";
import { bindKeyboard } from "./keyboard.js";
import { Marks } from "./marks.js";
import { bindLive } from "./live.js";
import { bindPainter } from "./painter.js";
import { Question } from "./question.js";
import { WindowedSelection } from "./selection.js";
import { Status } from "./status.js";
import { PageStore } from "./store.js";
import { Writer } from "./writer.js";

const ROW_HEIGHT = 28; // --row in tokens.css

export function connect(root) {
  const config = JSON.parse(document.getElementById(root.dataset.config).textContent);
  const container = root.querySelector("[data-grid]");
  const marks = new Marks();
  const question = new Question(root, config);
  const store = new PageStore({
    url: config.urls.rows,
    columns: config.columns.map((column) => column.id),
    question: () => question.parameters(),
  });
  store.isDirty = (row) => marks.any(row);
  if (config.window) store.seed(config.window);
  const writer = new Writer({ url: config.urls.batch, store, marks, parent: config.parent });
  const selection = new WindowedSelection({ selectActiveCell: true, showDragHandle: false, selectionType: "cell" });

  container.replaceChildren();
  container.classList.add("live");
  const grid = new SlickGrid(container, store, buildColumns(config, marks), {
    autoEdit: false,
    autoEditNewRow: false,
    editable: config.can.change || config.can.add,
    enableAddRow: config.can.add,
    enableColumnReorder: false,
    enableHtmlRendering: false,
    dataItemColumnValueExtractor: (row, column) => row.cells?.[column.id],
    editCommandHandler: (row, column, command) => {
      gestures.change([{ row, column: column.id, value: command.serializedValue }]);
    },
    emulatePagingWhenScrolling: false,
    explicitInitialization: true,
    forceSyncScrolling: true,
    nonce: config.nonce,
    rowHeight: ROW_HEIGHT,
    suppressCssChangesOnHiddenInit: true,
  });
  grid.setSelectionModel(selection);
  const gestures = new Gestures({ grid, store, writer, selection, config });
  bindHeadings(grid, question, config);
  grid.init();

  const parts = { grid, store, writer, marks, selection, gestures, config };
  bindPainter(root, parts);
  bindKeyboard(container, grid, gestures, { selectAll: () => selection.selectAll() });
  bindFind(root, parts, question);
  bindClipboard(container, parts);
  bindLive(root, parts);
  bindAnnouncements(container, root.querySelector("[data-live]"), parts);
  const status = new Status(root, parts);
  selection.onSelectedRangesChanged.subscribe(() => status.selected(selection.ranges.at(-1), grid));
  bindButtons(root, {
    add: () => gestures.addRow(),
    delete: () => gestures.deleteRows(),
    refresh: () => store.reload(),
  });
  store.addEventListener("failed", (event) => toast(event.detail.message, "error"));

  question.addEventListener("asked", async () => {
    if (!GlobalEditorLock.commitCurrentEdit()) return;
    await writer.flush();
    root.classList.add("waiting");
    selection.setSelectedRanges([]);
    grid.resetActiveCell();
    grid.scrollRowToTop(0);
    store.reset();
    grid.invalidate();
    question.show(container);
  });
  addEventListener("beforeunload", (event) => {
    if (writer.waiting || marks.refused) event.preventDefault();
  });
  new ResizeObserver(() => grid.resizeCanvas()).observe(container);

  question.show(container);
  if (config.window) store.want(0, grid.getViewport().bottom);
  else store.reset();
  root.sheet = { grid, store, writer, selection };
  root.dataset.ready = "true";
}

/** Headings sort on a click, with Shift beside the sorts there are; widths are remembered by the server. */
function bindHeadings(grid, question, config) {
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
  grid.onColumnsResized.subscribe(() => {
    const columns = grid.getColumns().filter((column) => column.spec);
    const widths = Object.fromEntries(columns.map((column) => [column.id, column.width]));
    requestJSON(config.urls.widths, { method: "POST", body: { widths } }).catch(() => {});
  });
}

/** Buttons of the bar that only the live grid has; deleting shows when rows are selected. */
function bindButtons(root, acts) {
  for (const [name, act] of Object.entries(acts)) {
    const button = root.querySelector(`[data-${name}]`);
    button?.addEventListener("click", act);
    if (button) button.hidden = name === "delete";
  }
}
