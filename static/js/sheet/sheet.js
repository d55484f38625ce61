// The spreadsheet of one table: takes over from the table the server rendered, at the same size and place.
import { GlobalEditorLock, SlickGrid, SlickRange } from "../../vendor/slickgrid@5.20.2/slickgrid.js";
import { requestJSON } from "../request.js";
import { toast } from "../toast.js";
import { bindAnnouncements } from "./announce.js";
import { bindClipboard } from "./clipboard.js";
import { buildColumns, ROW_NUMBER } from "./columns.js";
import { bindKeyboard } from "./keyboard.js";
import { Marks } from "./marks.js";
import { Question } from "./question.js";
import { WindowedSelection } from "./selection.js";
import { Status } from "./status.js";
import { PageStore } from "./store.js";
import { Undo } from "./undo.js";
import { Writer } from "./writer.js";

const ROW_HEIGHT = 28; // --row in tokens.css
const HEAD_HEIGHT = 32;

export function connect(root) {
  const config = JSON.parse(document.getElementById(root.dataset.config).textContent);
  const container = root.querySelector("[data-grid]");
  const context = { language: config.language, words: config.words };
  const marks = new Marks();
  const question = new Question(root, config);
  const store = new PageStore({
    url: config.urls.rows,
    columns: config.columns.map((column) => column.id),
    question: () => question.parameters(),
  });
  store.isDirty = (row) => marks.any(row);
  if (!question.asked) store.seed(config.window);

  const columns = buildColumns(config, marks);
  const selection = new WindowedSelection({ selectActiveCell: true, showDragHandle: false, selectionType: "cell" });
  container.replaceChildren();
  container.classList.add("live");
  const grid = new SlickGrid(container, store, columns, {
    autoEdit: false,
    autoEditNewRow: false,
    editable: config.can.change || config.can.add,
    enableAddRow: config.can.add,
    enableColumnReorder: false,
    enableHtmlRendering: false,
    dataItemColumnValueExtractor: (row, column) => row.cells?.[column.id],
    editCommandHandler: (row, column, command) => change([{ row, column: column.id, value: command.serializedValue }]),
    emulatePagingWhenScrolling: false,
    explicitInitialization: true,
    forceSyncScrolling: true,
    nonce: config.nonce,
    rowHeight: ROW_HEIGHT,
    suppressCssChangesOnHiddenInit: true,
  });
  grid.setSelectionModel(selection);

  const writer = new Writer({ url: config.urls.batch, store, marks, parent: config.parent });
  const undo = new Undo((changes) => {
    writer.apply(changes.map((one) => ({ ...one, row: store.row(one.row.id) ?? one.row })));
  });
  const status = new Status(root, { store, writer, marks, words: config.words, language: config.language });

  function change(changes) {
    const allowed = changes.filter(({ column }) => spec(column).edit);
    undo.push(writer.apply(allowed));
  }

  const spec = (id) => config.columns.find((column) => column.id === id);

  // ---- painting
  const postponed = new Set(); // rows changed under an open editor, painted when it closes
  function paint(rows) {
    const editing = grid.getCellEditor() ? grid.getActiveCell().row : -1;
    const indexes = [...rows].map((row) => store.indexOf(row)).filter((index) => index >= 0);
    if (indexes.includes(editing)) postponed.add(editing);
    grid.invalidateRows(indexes.filter((index) => index !== editing));
    grid.render();
  }
  writer.addEventListener("painted", (event) => paint(event.detail));
  grid.onBeforeCellEditorDestroy.subscribe(() => {
    if (!postponed.size) return;
    const rows = [...postponed];
    postponed.clear();
    queueMicrotask(() => {
      grid.invalidateRows(rows);
      grid.render();
    });
  });
  store.addEventListener("rows", ({ detail: { from, to } }) => {
    const { top, bottom } = grid.getRenderedRange();
    const rows = [];
    for (let index = Math.max(from, top); index <= Math.min(to, bottom); index += 1) rows.push(store.getItem(index));
    paint(rows);
    root.classList.remove("waiting");
  });
  store.addEventListener("length", () => {
    grid.updateRowCount();
    grid.render();
  });
  store.addEventListener("failed", (event) => {
    root.classList.remove("waiting");
    toast(event.detail.message, "error");
  });
  grid.onViewportChanged.subscribe(() => {
    const { top, bottom } = grid.getViewport();
    store.want(Math.max(top, 0), bottom);
  });

  // ---- editing
  grid.onBeforeEditCell.subscribe((_event, { item, column }) => {
    if (!column.spec?.edit || item?.loading) return false;
    return item ? config.can.change : config.can.add;
  });
  grid.onAddNewRow.subscribe((_event, { item, column }) => {
    const row = { id: null, version: null, cells: {} };
    store.append(row);
    change([{ row, column: column.id, value: item.cells[column.id] ?? null }]);
  });
  function toggle() {
    const at = grid.getActiveCell();
    const column = grid.getColumns()[at.cell];
    const row = store.getItem(at.row);
    if (column.spec?.type !== "boolean" || !column.spec.edit || !row || row.loading) return;
    change([{ row, column: column.id, value: row.cells[column.id] === "1" ? "0" : "1" }]);
  }
  grid.onClick.subscribe((event, { row, cell }) => {
    const column = grid.getColumns()[cell];
    if (column.id === ROW_NUMBER && !event.getNativeEvent().target.closest("a")) selectRow(row, event);
    else if (event.getNativeEvent().target.closest(".tick")) {
      grid.setActiveCell(row, cell);
      toggle();
    }
  });
  grid.onDblClick.subscribe((event, { cell }) => {
    if (grid.getColumns()[cell].spec?.type === "boolean") event.preventDefault();
  });
  function selectRow(row, event) {
    if (row >= store.length || !GlobalEditorLock.commitCurrentEdit()) return;
    const anchor = event.shiftKey ? (grid.getActiveCell()?.row ?? row) : row;
    if (!event.shiftKey) grid.setActiveCell(row, 1, false, false, true);
    const range = new SlickRange(Math.min(anchor, row), 1, Math.max(anchor, row), columns.length - 1);
    selection.setSelectedRanges([range]);
    event.stopImmediatePropagation();
  }

  async function eachSelected(work) {
    const range = selection.ranges.at(-1);
    if (!range) return;
    const last = Math.min(range.toRow, store.length - 1);
    if ((last - range.fromRow + 1) * (range.toCell - range.fromCell + 1) > config.mostCells) {
      toast(config.words.tooManyCells, "error");
      return;
    }
    const rows = await store.ensure(range.fromRow, last);
    work(rows, grid.getColumns().slice(range.fromCell, range.toCell + 1).filter((column) => column.spec));
  }
  const clear = () =>
    config.can.change &&
    eachSelected((rows, over) =>
      change(rows.flatMap((row) => over.map((column) => ({ row, column: column.id, value: null })))),
    );
  function paste({ rows, lines, columns: over }) {
    const changes = lines.flatMap((line, at) => {
      let row = rows[at];
      if (!row) {
        if (!config.can.add) return [];
        row = { id: null, version: null, cells: {} };
        store.append(row);
      }
      return over.flatMap((column, index) =>
        line[index] === undefined ? [] : [{ row, column: column.id, value: line[index] === "" ? null : { typed: line[index] } }],
      );
    });
    change(changes);
    const at = grid.getActiveCell();
    selection.setSelectedRanges([new SlickRange(at.row, at.cell, at.row + lines.length - 1, at.cell + over.length - 1)]);
  }
  async function deleteRows() {
    const range = selection.ranges.at(-1);
    if (!range) return;
    await writer.flush();
    const rows = (await store.ensure(range.fromRow, Math.min(range.toRow, store.length - 1))).filter((row) => !row.loading);
    for (const row of rows.filter((one) => one.id === null)) store.drop(row);
    const writes = rows.filter((one) => one.id !== null).map(({ id, version }) => ({ op: "delete", id, version }));
    if (!writes.length) return;
    try {
      const answer = await requestJSON(config.urls.batch, { method: "POST", body: { writes } });
      const refused = answer.results.filter((result) => result.status !== "ok");
      if (refused.length) toast(refused[0].message, "error");
      if (answer.results.length > refused.length) offerRestore(answer, config.words.deleted);
    } catch (error) {
      toast(error.message, "error");
    }
    await store.reload();
  }
  function offerRestore(answer, text) {
    const note = toast(text);
    if (!answer.batch) return;
    const button = document.createElement("button");
    button.className = "button small";
    button.textContent = config.words.undo;
    button.addEventListener("click", async () => {
      await requestJSON(config.urls.undo, { method: "POST", body: { batch: answer.batch } }).catch((error) =>
        toast(error.message, "error"),
      );
      store.reload();
    });
    note.append(button);
  }
  function addRow() {
    const first = grid.getColumns().findIndex((column) => column.spec?.edit);
    grid.scrollRowIntoView(store.length);
    grid.setActiveCell(store.length, Math.max(first, 1));
    grid.focus();
  }

  // ---- sort, filter, widths
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
  grid.onHeaderClick.subscribe((event, { column }) => {
    const target = event.getNativeEvent().target;
    if (!column.spec || target.closest(".head-menu, .slick-resizable-handle")) return;
    question.sortBy(column.id, event.shiftKey);
  });
  grid.onHeaderCellRendered.subscribe((_event, { node, column }) => {
    node.setAttribute("role", "columnheader");
    node.dataset.column = column.id;
    node.removeAttribute("title");
    queueMicrotask(() => node.dispatchEvent(new Event("contents", { bubbles: true })));
  });
  grid.onColumnsResized.subscribe(() => {
    const widths = Object.fromEntries(grid.getColumns().filter((one) => one.spec).map((one) => [one.id, one.width]));
    requestJSON(config.urls.widths, { method: "POST", body: { widths } }).catch(() => {});
  });

  // ---- start
  grid.init();
  bindKeyboard(container, grid, {
    undo: () => undo.undo(),
    redo: () => undo.redo(),
    clear,
    toggle,
    selectAll: () => selection.selectAll(),
    find: () => root.querySelector("[data-search]")?.select(),
  });
  bindClipboard(container, { grid, store, selection, context, paste, clear });
  bindAnnouncements(container, root.querySelector("[data-live]"), { grid, store, writer, marks, words: config.words });
  selection.onSelectedRangesChanged.subscribe(() => status.selected(selection.ranges.at(-1), grid));
  for (const [name, act] of Object.entries({ add: addRow, delete: deleteRows, refresh: () => store.reload() })) {
    const button = root.querySelector(`[data-${name}]`);
    button?.addEventListener("click", act);
    if (button) button.hidden = name === "delete";
  }
  addEventListener("beforeunload", (event) => {
    if (writer.waiting || marks.refused) event.preventDefault();
  });
  new ResizeObserver(() => grid.resizeCanvas()).observe(container);
  question.show(container);
  if (question.asked || store.length === 0) store.reset();
  else store.want(0, grid.getViewport().bottom);
  root.dataset.ready = "true";
  root.sheet = { grid, store, writer, selection };
}
