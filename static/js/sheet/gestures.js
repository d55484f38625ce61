// What the user does with cells and rows. Every gesture is one step of undo and one batch of writes.
import { GlobalEditorLock, SlickRange } from "../../vendor/slickgrid@5.20.2/slickgrid.js";
import { writeOnce } from "../request.js";
import { toast } from "../toast.js";
import { ROW_NUMBER } from "./columns.js";
import { display } from "./formats.js";
import { Undo } from "./undo.js";

/** Canonical text of now by the user's clock, to the minute. */
function localMoment() {
  const now = new Date();
  return `${new Date(now - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)}:00`;
}

/** A text of the clipboard as a value; lines of it are several values where the column takes such. */
function pasted(text, spec) {
  const lines = spec?.multiple && typeof text === "string" ? text.split("\n").filter((line) => line.trim()) : [text];
  if (!lines.length || text === "") return null;
  return lines.length > 1 ? lines.map((line) => ({ typed: line.trim() })) : { typed: lines[0] };
}

const newRow = () => ({ id: null, version: null, cells: {} });

export class Gestures {
  #undo;
  #made = []; // rows of the gesture that is being made

  constructor({ grid, store, writer, marks, selection, config, layout }) {
    Object.assign(this, { grid, store, writer, selection, config });
    this.specs = new Map(config.columns.map((column) => [column.id, column]));
    this.#undo = new Undo({ store, writer, marks, config, layout });
    this.#undo.take(config.acts);
    layout.addEventListener("left", ({ detail }) => this.#undo.push({ layout: detail }));
    grid.onBeforeEditCell.subscribe((_event, { item, column }) => {
      if (!column.spec?.edit || item?.loading) return false;
      return item ? config.can.change : config.can.add;
    });
    grid.onAddNewRow.subscribe((_event, { item, column }) => {
      this.change([{ row: this.#append(1)[0], column: column.id, value: item.cells[column.id] ?? null }]);
    });
    grid.onClick.subscribe((event, at) => this.#click(event, at));
    grid.getContainerNode().addEventListener("made", ({ detail }) => this.remember(detail)); // on the way, by an editor
  }

  /** `changes`: [{row, column id, value}]; those of columns one may not change are left out. */
  change(changes) {
    const created = this.#made.splice(0);
    const steps = this.writer.apply(changes.filter(({ column }) => this.specs.get(column).edit));
    const fresh = new Set(created);
    this.#undo.push({ steps: steps.filter(({ row }) => !fresh.has(row)), created });
  }

  /** How many steps lie behind and before. */
  get steps() {
    return this.#undo.steps;
  }

  /** Another act of the user that the server can take back: a batch of its history. */
  remember(batch) {
    return this.#undo.push({ batches: [batch] });
  }

  /** What the server has done with many rows at once. */
  took(act, text) {
    this.#offer(this.#undo.take([act])[0], text);
    return this.store.reload();
  }

  async undo() {
    const at = this.grid.getActiveCell();
    await this.#undo.undo();
    this.#stay(at);
  }

  async redo() {
    const at = this.grid.getActiveCell();
    await this.#undo.redo();
    this.#stay(at);
  }

  /** Where the row one stood on is gone, the keys go on from the last one. */
  #stay(at) {
    if (!at || this.grid.getActiveCell() || !this.store.length) return;
    this.grid.setActiveCell(Math.min(at.row, this.store.length - 1), at.cell);
    this.grid.focus();
  }

  /** Ticks or unticks the active cell; false where it is none of yes and no. */
  toggle() {
    const at = this.grid.getActiveCell();
    const column = this.grid.getColumns()[at.cell];
    const row = this.store.getItem(at.row);
    if (column.spec?.type !== "boolean") return false;
    if (row && !row.loading) this.change([{ row, column: column.id, value: row.cells[column.id] === "1" ? "0" : "1" }]);
    return true;
  }

  /** Today, or this moment, into the active cell. */
  today() {
    const at = this.grid.getActiveCell();
    const column = this.grid.getColumns()[at.cell];
    const row = this.store.getItem(at.row);
    if (!row || row.loading || !this.config.can.change || !column.spec) return;
    const moment = localMoment();
    const value = { date: moment.slice(0, 10), datetime: moment }[column.spec.type];
    const typed = { typed: display(moment.slice(0, 10), { type: "date" }, column.context) };
    if (value || column.spec.type === "text") this.change([{ row, column: column.id, value: value ?? typed }]);
  }

  async clear() {
    if (!this.config.can.change) return;
    const range = this.selected();
    if (!range || this.isTooMuch(range)) return;
    const columns = this.#columns(range);
    const rows = await this.store.ensure(range.fromRow, range.toRow);
    this.change(rows.flatMap((row) => columns.map((column) => ({ row, column: column.id, value: null }))));
  }

  /** Puts lines of texts over rows and, past the last one, into new rows. */
  paste({ rows, lines, columns }) {
    const past = this.config.can.add ? Math.max(lines.length - rows.length, 0) : 0;
    const all = [...rows, ...this.#append(past)];
    const changes = lines.slice(0, all.length).flatMap((line, at) => {
      const row = all[at];
      return columns.flatMap((column, index) => {
        const text = line[index];
        return text === undefined ? [] : [{ row, column: column.id, value: pasted(text, column.spec) }];
      });
    });
    this.change(changes);
    const at = this.grid.getActiveCell();
    const range = new SlickRange(at.row, at.cell, at.row + lines.length - 1, at.cell + columns.length - 1);
    this.selection.setSelectedRanges([range]);
  }

  addRow() {
    const first = this.grid.getColumns().findIndex((column) => column.spec?.edit);
    this.grid.scrollRowIntoView(this.store.length);
    this.grid.setActiveCell(this.store.length, Math.max(first, 1));
    this.grid.focus();
  }

  async deleteRows() {
    const range = this.selected();
    if (!range || this.isTooMuch(range)) return;
    await this.writer.flush();
    const rows = await this.store.ensure(range.fromRow, range.toRow);
    for (const row of rows) if (row.id === null) this.store.drop(row);
    const writes = rows.filter((row) => row.id !== null).map(({ id, version }) => ({ op: "delete", id, version }));
    if (!writes.length) return;
    try {
      const answer = await writeOnce(this.config.urls.batch, { writes });
      const refused = answer.results.filter((result) => result.status !== "ok");
      if (refused.length) toast(refused[0].message, "error");
      if (refused.length < writes.length) this.#offer(this.remember(answer.batch), this.config.words.deleted);
    } catch (error) {
      toast(error.message, "error");
    }
    await this.store.reload();
  }

  #offer(entry, text) {
    const note = toast(text);
    const button = document.createElement("button");
    button.className = "button small";
    button.textContent = this.config.words.undo;
    button.addEventListener("click", () => this.#undo.takeBack(entry));
    note.append(button);
  }

  /** So many new rows at the end; the grid hears of them once. */
  #append(count) {
    const rows = Array.from({ length: count }, newRow);
    if (count) this.store.append(...rows);
    this.#made.push(...rows);
    return rows;
  }

  /** The selected range as far as there are rows. */
  selected() {
    const range = this.selection.ranges.at(-1);
    const toRow = Math.min(range?.toRow ?? -1, this.store.length - 1);
    return range && range.fromRow <= toRow ? { ...range, toRow } : null;
  }

  #columns(range) {
    return this.grid.getColumns().slice(range.fromCell, range.toCell + 1).filter((column) => column.spec);
  }

  /** Says so where a range has more cells than one gesture may touch. */
  isTooMuch({ fromRow, toRow, fromCell, toCell }) {
    const tooMuch = (toRow - fromRow + 1) * (toCell - fromCell + 1) > this.config.mostCells;
    if (tooMuch) toast(this.config.words.tooManyCells, "error");
    return tooMuch;
  }

  #click(event, { row, cell }) {
    const target = event.getNativeEvent().target;
    if (this.grid.getColumns()[cell].id === ROW_NUMBER && !target.closest("a")) this.#selectRow(row, event);
    else if (target.closest(".tick")) {
      this.grid.setActiveCell(row, cell);
      this.toggle();
    }
  }

  #selectRow(row, event) {
    if (row >= this.store.length || !GlobalEditorLock.commitCurrentEdit()) return;
    const anchor = event.shiftKey ? (this.grid.getActiveCell()?.row ?? row) : row;
    if (!event.shiftKey) this.grid.setActiveCell(row, 1, false, false, true);
    const last = this.grid.getColumns().length - 1;
    this.selection.setSelectedRanges([new SlickRange(Math.min(anchor, row), 1, Math.max(anchor, row), last)]);
    event.stopImmediatePropagation();
  }
}
