// Optimistic saving: a gesture changes rows at once, the server hears of it a moment later, one batch at a time. A batch
// whose answer is lost is sent again as it was, under its key, so that it is carried out once.
//
// A change is {row, column, value}. What the server refuses stays in the cell as it was typed, marked with the reason.
import { newKey, requestJSON } from "../request.js";
import { sameValue, sent } from "./formats.js";

const SETTLE = 150;
const CHUNK = 500; // rows in one batch
const RETRY = 4000;
const SIGNED_OUT_RETRY = 20_000; // coming back to this tab is sooner
const DELETED = new Map(); // in the place of cells: the row is to go

export class Writer extends EventTarget {
  #queue = new Map(); // row -> Map(column -> {value, base, step})
  versions = new Map(); // id of a row made here -> the version this page has left it at
  #timer = 0;
  #busy = false;
  #batch = null; // {key, taken, body}: sent, and its answer is not here
  #forgotten = new Set(); // rows of that batch that shall not be

  constructor({ url, store, marks, parent }) {
    super();
    Object.assign(this, { url, store, marks, parent });
    this.trouble = null; // why nothing can be sent at present: an error of a request
  }

  /** Rows with unsaved changes. */
  get waiting() {
    return this.#queue.size + (this.#batch ? this.#batch.taken.length : 0);
  }

  /** Paints the changes, queues them, and gives the steps that undo them. */
  apply(changes) {
    const steps = [];
    for (const { row, column, value } of changes) {
      if (row.group) continue; // the line of a group is no row
      const mark = this.marks.get(row, column);
      const before = (mark?.conflict ? mark.base : row.cells[column]) ?? null;
      if (sameValue(before, value) && !mark) continue;
      const step = { row, column, before, after: value }; // and `now`, what came of it, once it is saved
      steps.push(step);
      this.#put(row, column, value, mark ? mark.base : before, step);
    }
    this.#soon(SETTLE);
    if (steps.length) this.#painted(steps.map((step) => step.row));
    return steps;
  }

  /** `base`: what the server has in the cell, as far as this page knows. */
  #put(row, column, value, base, step) {
    row.cells[column] = value;
    this.marks.set(row, column, "pending", "", base);
    let cells = this.#queue.get(row);
    if (!cells) this.#queue.set(row, (cells = new Map()));
    cells.set(column, { value, base, step });
  }

  /** What the user typed stays in the cell unsent, because somebody else has put `theirs` there. */
  hold(row, column, value, theirs, message) {
    row.cells[column] = value;
    this.marks.set(row, column, "refused", message, theirs, true);
    this.#changed();
    this.#painted([row]);
  }

  /** Gives a held cell back to what somebody else has put there. */
  yield(row, column) {
    row.cells[column] = this.marks.get(row, column).base;
    this.marks.clear(row, column);
    this.#changed();
    this.#painted([row]);
  }

  /** A row that was never saved and shall not be; one that has been sent is deleted when its answer comes. */
  forget(row) {
    this.#queue.delete(row);
    if (this.#batch?.taken.some(([one]) => one === row)) this.#forgotten.add(row);
    for (const column of this.marks.columns(row)) this.marks.clear(row, column);
    this.#changed();
  }

  /** Resolves when everything is sent and answered, or cannot be sent. */
  async settle() {
    await this.flush();
    while (this.waiting && !this.trouble) {
      await new Promise((resolve) => this.addEventListener("state", resolve, { once: true }));
      await this.flush();
    }
  }

  #soon(delay) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), delay);
    this.#changed();
  }

  /** Sends what waits. Resolves when the answer is in. */
  async flush() {
    if (this.#busy || !(this.#batch ??= this.#take())) return;
    this.#busy = true;
    const { key, taken, body } = this.#batch;
    this.#changed();
    try {
      const answer = await requestJSON(this.url, { method: "POST", body, key });
      this.trouble = this.#batch = null;
      taken.forEach(([row, cells], at) => this.#settle(row, cells, answer.results[at]));
    } catch (error) {
      this.trouble = error.offline || error.signedOut ? error : null;
      if (!this.trouble) this.#failed(taken, error);
    } finally {
      this.#busy = false;
    }
    this.#painted(taken.map(([row]) => row));
    if (this.waiting) this.#soon(this.trouble?.signedOut ? SIGNED_OUT_RETRY : this.trouble ? RETRY : 0);
    else this.#changed();
  }

  /** The next batch, out of the queue; null where nothing waits. */
  #take() {
    const taken = [...this.#queue].slice(0, CHUNK);
    if (!taken.length) return null;
    for (const [row] of taken) this.#queue.delete(row);
    return { key: newKey(), taken, body: { writes: taken.map(([row, cells]) => this.#write(row, cells)) } };
  }

  /** A row that is not there yet is sent with everything typed into it so far. */
  #write(row, cells) {
    if (cells === DELETED) return { op: "delete", id: row.id, version: row.version };
    const typed = row.id === null ? Object.entries(row.cells) : [...cells].map(([column, { value }]) => [column, value]);
    const values = Object.fromEntries(typed.map(([column, value]) => [column, sent(value)]));
    if (row.id === null) return { op: "create", up: this.parent, values };
    return { op: "update", id: row.id, version: row.version, values };
  }

  #settle(row, cells, result) {
    if (this.#forgotten.delete(row)) this.#unmake(row, result);
    else if (cells === DELETED) return;
    else if (result.status === "ok") this.#saved(row, cells, result);
    else if (result.status === "conflict" && result.row) this.#conflict(row, cells, result);
    else this.#refused(row, cells, result);
  }

  /** A row that was taken back while it was under way. */
  #unmake(row, { row: wire }) {
    if (!wire) return;
    [row.id, row.version] = wire;
    this.#queue.set(row, DELETED);
  }

  #saved(row, cells, result) {
    const later = this.#queue.get(row); // typed while the request was under way
    for (const column of row.id === null ? this.marks.columns(row) : cells.keys()) {
      if (!later?.has(Number(column))) this.marks.clear(row, column);
    }
    const isNew = row.id === null;
    if (result.row) this.#renew(row, result.row);
    if (isNew || this.versions.has(row.id)) this.versions.set(row.id, row.version);
    for (const [column, { step }] of cells) if (step) step.now = row.cells[column] ?? null;
  }

  /** The row as the server has it, with what is not saved left in its cells. */
  #renew(row, wire) {
    const unsaved = this.marks.columns(row).map((column) => [column, row.cells[column] ?? null]);
    if (row.id === null) this.store.adopt(row, wire);
    else Object.assign(row, this.store.toRow(wire));
    Object.assign(row.cells, Object.fromEntries(unsaved));
  }

  /**
   * Somebody changed the row. Where it was other cells, his stay and ours are sent again beside them; where it was the
   * same, neither is lost: ours stays in the cell, and the user chooses (conflicts.js). Where it has
   * what was sent already, that was us: the answer had not come through.
   */
  #conflict(row, cells, result) {
    const fresh = this.store.toRow(result.row);
    if ([...cells].every(([column, { value }]) => sameValue(sent(fresh.cells[column]), sent(value)))) {
      this.#saved(row, cells, result);
      return;
    }
    this.#renew(row, result.row);
    for (const [column, { value, base, step }] of cells) {
      const theirs = fresh.cells[column] ?? null;
      if (sameValue(theirs, base)) this.#put(row, column, value, base, step);
      else this.marks.set(row, column, "refused", result.message, theirs, true);
    }
  }

  /** What the reasons name stays red in its cell; the rest of the gesture is sent without it. */
  #refused(row, cells, result) {
    const fields = new Map(Object.entries(result.fields ?? {}).map(([column, message]) => [Number(column), message]));
    for (const [column, message] of fields) this.marks.set(row, column, "refused", message);
    for (const [column, { value, base, step }] of cells) {
      if (fields.has(column)) continue;
      if (fields.size && row.id === null) this.marks.set(row, column, "pending", result.message);
      else if (fields.size && [...cells.keys()].some((one) => fields.has(one))) this.#put(row, column, value, base, step);
      else this.marks.set(row, column, "refused", result.message);
    }
  }

  /** The server would not take the batch. What was typed stays, and can be sent again. */
  #failed(taken, error) {
    this.#batch = null;
    this.#forgotten.clear();
    for (const [row, cells] of taken) {
      for (const column of cells.keys()) this.marks.set(row, column, "refused", error.message);
    }
  }

  /** Sends at once what could not be sent, and once more what was refused; what somebody else has changed waits. */
  again() {
    for (const [row, column] of this.marks.refusedCells()) {
      const { base } = this.marks.get(row, column);
      this.#put(row, column, row.cells[column] ?? null, base);
    }
    this.#soon(0);
  }

  #painted(rows) {
    this.dispatchEvent(new CustomEvent("painted", { detail: new Set(rows) }));
  }

  #changed() {
    this.dispatchEvent(new CustomEvent("state"));
  }
}
