// The spreadsheet of one table: takes over from the table the server rendered, at the same size and place.
import { GlobalEditorLock, SlickGrid } from "../../vendor/slickgrid@5.20.2/slickgrid.js";
import { toast } from "../toast.js";
import { bindAnnouncements } from "./announce.js";
import { bindBulk } from "./bulk.js";
import { bindClipboard } from "./clipboard.js";
import { bindColumnDrag } from "./column_drag.js";
import { bindColumnMenu } from "./column_menu.js";
import { buildColumns } from "./columns.js";
import { Conflicts } from "./conflicts.js";
import { bindEmpty } from "./empty.js";
import { bindFiles } from "./files.js";
import { Fill } from "./fill.js";
import { bindFilters } from "./filter_dialog.js";
import { bindFind } from "./find.js";
import { Gestures } from "./gestures.js";
import { bindGroupLines } from "./group_lines.js";
import { GroupedStore } from "./grouped_store.js";
import { bindHeadings } from "./headings.js";
import { bindKeyboard } from "./keyboard.js";
import { Layout } from "./layout.js";
import { Marks } from "./marks.js";
import { bindLive } from "./live.js";
import { bindPainter } from "./painter.js";
import { bindPanel } from "./panel.js";
import { bindPatience } from "./patience.js";
import { bindPrint } from "./print.js";
import { Question } from "./question.js";
import { bindSentence } from "./sentence.js";
import { WindowedSelection } from "./selection.js";
import { Status } from "./status.js";
import { PageStore } from "./store.js";
import { bindTotals } from "./totals.js";
import { bindTouch } from "./touch.js";
import { bindTrouble } from "./trouble.js";
import { Writer } from "./writer.js";

const ROW_HEIGHT = 28; // --row in tokens.css
const FOOTER_HEIGHT = 28;

let nonce = null; // of the page: a part fetched later comes with that of another answer

export function connect(root) {
  const config = JSON.parse(root.querySelector(":scope > script").textContent);
  const container = root.querySelector("[data-grid]");
  const marks = new Marks();
  const question = new Question(root, config);
  const grouped = config.groups.length > 0;
  const store = new (grouped ? GroupedStore : PageStore)({
    url: config.urls.rows,
    ladderUrl: config.urls.ladder,
    groupsUrl: config.urls.groups,
    groups: config.groups,
    columns: config.columns.map((column) => column.id),
    question: () => question.parameters(),
  });
  store.isDirty = (row) => marks.any(row);
  if (config.window && !grouped) store.seed(config.window);
  const writer = new Writer({ url: config.urls.batch, store, marks, parent: config.parent });
  const selection = new WindowedSelection({ selectActiveCell: true, showDragHandle: config.can.change, selectionType: "cell" });

  container.replaceChildren();
  container.classList.add("live");
  const layout = new Layout(config, buildColumns(config, marks));
  const grid = new SlickGrid(container, store, layout.columns, {
    autoEdit: false,
    autoEditNewRow: false,
    editable: config.can.change || config.can.add,
    enableAddRow: config.can.add,
    enableColumnReorder: false,
    enableHtmlRendering: false,
    dataItemColumnValueExtractor: (row, column) => row.cells?.[column.id],
    editCommandHandler: (row, column, command) => {
      if (conflicts.keeps(row, column.id, command.serializedValue)) return;
      gestures.change([{ row, column: column.id, value: command.serializedValue }]);
    },
    emulatePagingWhenScrolling: false,
    explicitInitialization: true,
    createFooterRow: true,
    showFooterRow: true,
    footerRowHeight: FOOTER_HEIGHT,
    forceSyncScrolling: true,
    frozenColumn: layout.lastFrozen,
    nonce: (nonce ??= config.nonce),
    preventDragFromKeys: null, // Ctrl turns copies into series and back
    rowHeight: ROW_HEIGHT,
    suppressCssChangesOnHiddenInit: true,
  });
  if (grouped) bindGroupLines(container, grid, store, { config, layout });
  grid.setSelectionModel(selection);
  const gestures = new Gestures({ grid, store, writer, marks, selection, config, layout });
  bindHeadings(grid, question, selection);
  layout.attach(grid);
  grid.init();
  bindPatience(grid, store);

  const conflicts = new Conflicts(root, { grid, store, writer, marks, gestures, config });
  const parts = { grid, store, writer, marks, conflicts, selection, gestures, config, question, layout };
  bindPainter(root, parts);
  const panel = bindPanel(root, parts);
  const { copyWithHeadings } = bindClipboard(container, parts);
  bindKeyboard(container, grid, gestures, {
    copyWithHeadings,
    selectAll: () => selection.selectAll(),
    selectRows: () => selection.selectRows(),
    selectColumns: () => selection.selectColumns(),
    selectTo: (key, edge) => selection.selectTo(key, edge),
    fill: new Fill(parts),
    showRow: () => (panel ? panel.open() : openPage(parts)),
  });
  bindFind(root, parts, question);
  bindTouch(container, grid);
  bindFiles(container, parts);
  const bulk = bindBulk(root, parts);
  const totals = bindTotals(root, parts);
  bindColumnMenu(root, parts, { ...bindFilters(root, parts), chooseTotal: totals.choose });
  bindColumnDrag(container, parts);
  bindSentence(root, parts);
  bindLive(root, parts);
  bindAnnouncements(container, root.querySelector("[data-live]"), parts);
  const status = new Status(root, parts);
  selection.onSelectedRangesChanged.subscribe(() => status.selected(selection.ranges.at(-1), grid));
  bindButtons(root, {
    add: () => gestures.addRow(),
    delete: () => bulk.deleteRows(),
    refresh: () => store.reload(),
  });
  bindTrouble(root, parts);
  bindEmpty(root, parts);
  bindPrint(root, parts);

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
  const left = new AbortController(); // when the sheet goes before its page does
  addEventListener("beforeunload", (event) => {
    if (writer.waiting || marks.refused) event.preventDefault();
  }, left);
  for (const name of ["online", "focus", "visibilitychange"]) addEventListener(name, () => writer.trouble && writer.flush(), left);
  const resized = new ResizeObserver(() => grid.resizeCanvas());
  resized.observe(container);
  root.addEventListener("leave", async () => {
    resized.disconnect();
    await writer.settle();
    if (marks.refused) toast(config.words.refused.replace("%s", marks.refused), "error");
    left.abort();
  });

  layout.addEventListener("arranged", () => {
    selection.setSelectedRanges([]);
    question.show(container);
  });
  question.show(container);
  if (config.window && !grouped) store.want(0, grid.getViewport().bottom);
  else store.reset();
  root.sheet = { grid, store, writer, selection, gestures, panel, copyWithHeadings };
  root.dataset.ready = "true";
}

/** The page of the row one is on, where there is no place beside the sheet. */
async function openPage({ grid, store, writer, config }) {
  const row = store.getItem(grid.getActiveCell().row);
  if (!row?.id) return;
  await writer.settle();
  location.assign(config.urls.record.replace("/0/", `/${row.id}/`));
}

/** Buttons of the bar that only the live grid has; deleting shows when rows are selected. */
function bindButtons(root, acts) {
  for (const [name, act] of Object.entries(acts)) {
    const button = root.querySelector(`[data-${name}]`);
    button?.addEventListener("click", act);
    if (button) button.hidden = name === "delete";
  }
}
