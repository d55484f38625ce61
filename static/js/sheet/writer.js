// Optimistic saving: a gesture changes rows at once, the server hears of it a moment later, one batch at a time.
//
// A change is {row, column, value}. What the server refuses stays in the cell as it was typed, marked with the reason.
import { requestJSON } from "../request.js";
import { sameValue, sent } from "./formats.js";

const SETTLE = 150;
const CHUNK = 500; // rows in one batch
const RETRY = 4000;

export class Writer extends EventTarget {
  #queue = new Map(); // row -> Map(column -> {value, before})
  #timer = 0;
  #busy = false;

  constructor({ url, store, marks, mainColumn, parent }) {
    super();
    Object.assign(this, { url, store, marks, mainColumn, parent });
    this.offline = false;
  }

  /** Rows with unsaved changes. */
  get waiting() {
    return this.#queue.size + (this.#busy ? 1 : 0);
  }

  /** Paints the changes, queues them, and gives the steps that undo them. */
  apply(changes) {
    const steps = [];
    for (const { row, column, value } of changes) {
      const before = row.cells[column] ?? null;
      if (sameValue(before, value) && !this.marks.get(row, column)) continue;
      steps.push({ row, column, before, after: value });
      this.#put(row, column, value, before);
    }
    this.#soon(SETTLE);
    if (steps.length) this.#painted(steps.map((step) => step.row));
    return steps;
  }

  #put(row, column, value, before) {
    row.cells[column] = value;
    this.marks.set(row, column, "pending");
    let cells = this.#queue.get(row);
    if (!cells) this.#queue.set(row, (cells = new Map()));
    cells.set(column, { value, before: cells.get(column)?.before ?? before });
  }

  #soon(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), delay);
    this.#changed();
  }

  /** Sends what waits. Resolves when the answer is in. */
  async flush() {
    if (this.#busy || !this.#queue.size) return;
    this.#busy = true;
    const taken = [...this.#queue].slice(0, CHUNK);
    for (const [row] of taken) this.#queue.delete(row);
    this.#changed();
    try {
      const writes = taken.map(([row, cells]) => this.#write(row, cells));
      const answer = await requestJSON(this.url, { method: "POST", body: { writes } });
      this.offline = false;
      taken.forEach(([row, cells], at) => this.#settle(row, cells, answer.results[at]));
    } catch (error) {
      this.#failed(taken, error);
    } finally {
      this.#busy = false;
    }
    this.#painted(taken.map(([row]) => row));
    if (this.#queue.size) this.#soon(this.offline ? RETRY : 0);
    else this.#changed();
  }

  #write(row, cells) {
    const values = Object.fromEntries([...cells].map(([column, { value }]) => [column, sent(value)]));
    if (row.id === null) return { op: "create", up: this.parent, values };
    return { op: "update", id: row.id, version: row.version, values };
  }

  #settle(row, cells, result) {
    if (result.status === "ok") {
      const later = this.#queue.get(row); // typed while the request was under way
      const shown = later && Object.fromEntries([...later.keys()].map((column) => [column, row.cells[column]]));
      if (row.id === null) this.store.adopt(row, result.row);
      else if (result.row) Object.assign(row, this.store.toRow(result.row));
      for (const column of cells.keys()) {
        if (!later?.has(column)) this.marks.clear(row, column);
      }
      Object.assign(row.cells, shown);
      return;
    }
    if (result.status === "conflict" && result.row && this.#mergeable(row, cells, result)) return;
    const whole = Object.keys(result.fields ?? {}).length === 0;
    for (const column of cells.keys()) {
      const message = result.fields?.[column] ?? (whole ? result.message : "");
      this.marks.set(row, column, "refused", message || result.message);
    }
  }

  /** Somebody changed other cells of the row: take his, and send ours again on top of them. */
  #mergeable(row, cells, result) {
    const fresh = this.store.toRow(result.row);
    for (const [column, { before }] of cells) {
      if (!sameValue(fresh.cells[column], before)) {
        row.version = fresh.version;
        return false;
      }
    }
    Object.assign(row, fresh);
    for (const [column, { value, before }] of cells) this.#put(row, column, value, before);
    return true;
  }

  #failed(taken, error) {
    this.offline = Boolean(error.offline);
    for (const [row, cells] of taken) {
      if (error.offline) {
        this.#queue.set(row, new Map([...cells, ...(this.#queue.get(row) ?? [])]));
        continue;
      }
      for (const column of cells.keys()) this.marks.set(row, column, "refused", error.message);
    }
  }

  #painted(rows) {
    this.dispatchEvent(new CustomEvent("painted", { detail: new Set(rows) }));
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("state"));
  }
}
