// What the user does with cells and rows. Every gesture is one step of undo and one batch of writes.
import { GlobalEditorLock, SlickRange } from "../../vendor/slickgrid@5.20.2/slickgrid.js";
import { requestJSON } from "../request.js";
import { toast } from "../toast.js";
import { ROW_NUMBER } from "./columns.js";
import { Undo } from "./undo.js";

const newRow = () => ({ id: null, version: null, cells: {} });

export class Gestures {
  #undo;

  constructor({ grid, store, writer, selection, config }) {
    Object.assign(this, { grid, store, writer, selection, config });
    this.specs = new Map(config.columns.map((column) => [column.id, column]));
    this.#undo = new Undo((changes) => {
      writer.apply(changes.map((one) => ({ ...one, row: store.row(one.row.id) ?? one.row })));
    });
    grid.onBeforeEditCell.subscribe((_event, { item, column }) => {
      if (!column.spec?.edit || item?.loading) return false;
      return item ? config.can.change : config.can.add;
    });
    grid.onAddNewRow.subscribe((_event, { item, column }) => {
      this.change([{ row: this.#append(), column: column.id, value: item.cells[column.id] ?? null }]);
    });
    grid.onClick.subscribe((event, at) => this.#click(event, at));
  }

  /** `changes`: [{row, column id, value}]; those of columns one may not change are left out. */
  change(changes) {
    this.#undo.push(this.writer.apply(changes.filter(({ column }) => this.specs.get(column).edit)));
  }

  undo() {
    this.#undo.undo();
  }

  redo() {
    this.#undo.redo();
  }

  /** Ticks or unticks the active yes-or-no cell. */
  toggle() {
    const at = this.grid.getActiveCell();
    const column = this.grid.getColumns()[at.cell];
    const row = this.store.getItem(at.row);
    if (column.spec?.type !== "boolean" || !row || row.loading) return;
    this.change([{ row, column: column.id, value: row.cells[column.id] === "1" ? "0" : "1" }]);
  }

  async clear() {
    if (!this.config.can.change) return;
    const range = this.#selected();
    if (!range || this.#isTooMuch(range)) return;
    const columns = this.#columns(range);
    const rows = await this.store.ensure(range.fromRow, range.toRow);
    this.change(rows.flatMap((row) => columns.map((column) => ({ row, column: column.id, value: null }))));
  }

  /** Puts lines of texts over rows and, past the last one, into new rows. */
  paste({ rows, lines, columns }) {
    const changes = lines.flatMap((line, at) => {
      const row = rows[at] ?? (this.config.can.add ? this.#append() : null);
      if (!row) return [];
      return columns.flatMap((column, index) => {
        const text = line[index];
        return text === undefined ? [] : [{ row, column: column.id, value: text === "" ? null : { typed: text } }];
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
    const range = this.#selected();
    if (!range || this.#isTooMuch(range)) return;
    await this.writer.flush();
    const rows = await this.store.ensure(range.fromRow, range.toRow);
    for (const row of rows) if (row.id === null) this.store.drop(row);
    const writes = rows.filter((row) => row.id !== null).map(({ id, version }) => ({ op: "delete", id, version }));
    if (!writes.length) return;
    try {
      const answer = await requestJSON(this.config.urls.batch, { method: "POST", body: { writes } });
      const refused = answer.results.filter((result) => result.status !== "ok");
      if (refused.length) toast(refused[0].message, "error");
      if (refused.length < writes.length) this.#offerRestore(answer.batch);
    } catch (error) {
      toast(error.message, "error");
    }
    await this.store.reload();
  }

  #offerRestore(batch) {
    const note = toast(this.config.words.deleted);
    const button = document.createElement("button");
    button.className = "button small";
    button.textContent = this.config.words.undo;
    button.addEventListener("click", async () => {
      await requestJSON(this.config.urls.undo, { method: "POST", body: { batch } }).catch((error) =>
        toast(error.message, "error"),
      );
      this.store.reload();
    });
    note.append(button);
  }

  #append() {
    const row = newRow();
    this.store.append(row);
    return row;
  }

  /** The selected range as far as there are rows. */
  #selected() {
    const range = this.selection.ranges.at(-1);
    const toRow = Math.min(range?.toRow ?? -1, this.store.length - 1);
    return range && range.fromRow <= toRow ? { ...range, toRow } : null;
  }

  #columns(range) {
    return this.grid.getColumns().slice(range.fromCell, range.toCell + 1).filter((column) => column.spec);
  }

  #isTooMuch({ fromRow, toRow, fromCell, toCell }) {
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
