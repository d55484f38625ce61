// Undo and redo of what the user did here, across reloads of the page, never over what others did meanwhile.
//
// An entry is {steps, created, dropped, batches, layout}: cells changed, rows made (their ids), rows that were never saved
// (their cells), batches of the server, how the columns stood (null: they stayed). Taking it back gives the entry that
// brings it forward again.
import { requestJSON, writeOnce } from "../request.js";
import { toast } from "../toast.js";
import { sameValue } from "./formats.js";
import { ended } from "./long_job.js";

const LIMIT = 100;
const KEPT = 2_000_000; // characters in the session's storage
const CHUNK = 1000; // rows in one request

class Changed extends Error {}

export class Undo {
  #past = [];
  #future = [];
  #turn = Promise.resolve();
  #seen = null; // time of the last act taken
  #anew = false; // whether columns were changed by what was taken back

  constructor({ store, writer, marks, config, layout }) {
    Object.assign(this, { store, writer, marks, config, layout, words: config.words });
    this.key = `undo ${location.pathname} ${config.columns[0]?.id}`;
    this.#load();
    addEventListener("pagehide", () => this.#save());
  }

  push({ steps = [], created = [], batches = [], layout = null }) {
    if (!steps.length && !created.length && !batches.length && !layout) return null;
    const entry = { steps, created, dropped: [], batches, layout };
    this.#past.push(entry);
    if (this.#past.length > LIMIT) this.#past.shift();
    this.#future = [];
    return entry;
  }

  /**
   * What forms did to columns since this tab was last here: [{at, batch} or {at, colours}]. Forms end with another page,
   * so that it comes with the next one. A tab that has seen none begins now.
   */
  take(acts) {
    const fresh = this.#seen === null ? [] : acts.filter(({ at }) => at > this.#seen);
    this.#seen = Math.max(this.#seen ?? 0, ...acts.map(({ at }) => at));
    return fresh.map(({ batch, colours }) =>
      this.push(batch ? { batches: [batch] } : { layout: { ...this.layout.state, colours } }),
    );
  }

  get steps() {
    return [this.#past.length, this.#future.length];
  }

  undo() {
    return this.#queue(() => this.#move(this.#past, this.#future));
  }

  redo() {
    return this.#queue(() => this.#move(this.#future, this.#past));
  }

  /** Takes back this entry, wherever it stands by now. */
  takeBack(entry) {
    return this.#queue(() => {
      this.#past = this.#past.filter((one) => one !== entry);
      return this.#move([entry], this.#future);
    });
  }

  /** One after the other, however fast the key is pressed. */
  #queue(act) {
    this.#turn = this.#turn.then(act).catch((error) => void toast(error.message, "error"));
    return this.#turn;
  }

  /** What cannot be taken back is said and forgotten, so that what lies before it can be. */
  async #move(from, to) {
    const entry = from.pop();
    if (!entry) return;
    await this.writer.settle();
    try {
      to.push(await this.#inverse(entry));
      if (this.#anew) await this.#reopen();
    } catch (error) {
      if (error.offline || error.signedOut) from.push(entry);
      toast(error instanceof Changed ? this.words.undoConflict : error.message, "error");
    }
  }

  async #inverse(entry) {
    const steps = await this.#current(entry.steps);
    const gone = await this.#unchanged(entry.created.filter((row) => row.id !== null));
    const inverse = { steps: [], created: [], dropped: [], batches: [], layout: null };
    if (gone.length) inverse.batches.push(...(await this.#remove(gone)));
    for (const batch of entry.batches.toReversed()) {
      const begun = await writeOnce(this.config.urls.undo, { batch });
      const answer = begun.job ? await ended(begun.job, this.words.undoing) : begun;
      inverse.batches.push(answer.batch);
      this.#anew ||= answer.structure;
    }
    if (entry.layout) inverse.layout = this.layout.restore(entry.layout);
    for (const row of entry.created) {
      if (row.id === null) inverse.dropped.push({ ...row.cells });
      if (row.id === null) this.writer.forget(row);
      this.store.drop(row);
    }
    for (const cells of entry.dropped) inverse.created.push(this.#again(cells));
    inverse.steps = this.writer.apply(steps.map(({ row, step }) => ({ row, column: step.column, value: step.before })));
    if (gone.length || (entry.batches.length && !this.#anew)) await this.store.reload();
    return inverse;
  }

  /** Columns have changed: they come with the page. */
  async #reopen() {
    await this.layout.flush();
    location.reload();
    await new Promise(() => {}); // nothing more is done here
  }

  /** The rows of the steps as they are, read anew where they are not at hand. Raises Changed for another's edit. */
  async #current(steps) {
    const known = steps.filter(({ column }) => this.config.columns.some(({ id, edit }) => id === column && edit));
    const far = new Set(known.map(({ row }) => row.id).filter((id) => id !== null && !this.#held(id)));
    // A row held as gone may be there again: undone and done once more.
    const fresh = (await this.#read([...far])).map((row) => Object.assign(this.store.row(row.id) ?? {}, row));
    const read = new Map(fresh.map((row) => [row.id, row]));
    return known.map((step) => {
      const row = step.row.id === null ? step.row : (this.#held(step.row.id) ?? read.get(step.row.id));
      if (!row || row.gone) throw new Changed();
      const ours = this.marks.get(row, step.column) || step.now === undefined;
      if (!ours && !sameValue(row.cells[step.column], step.now)) throw new Changed();
      return { row, step };
    });
  }

  /** The row, where it is at hand. */
  #held(id) {
    const row = this.store.row(id);
    return row?.gone ? undefined : row;
  }

  /** Rows made here, if nobody else has touched them. */
  async #unchanged(created) {
    const rows = await this.#read(created.map(({ id }) => id));
    if (rows.length < created.length) throw new Changed();
    const mine = new Map(created.map(({ id, version }) => [id, this.writer.versions.get(id) ?? version]));
    if (rows.some(({ id, version }) => mine.get(id) !== version)) throw new Changed();
    return rows;
  }

  async #read(ids) {
    const rows = [];
    for (let at = 0; at < ids.length; at += CHUNK / 2) {
      const search = new URLSearchParams({ ids: ids.slice(at, at + CHUNK / 2).join(",") });
      const answer = await requestJSON(`${this.config.urls.rows}?${search}`);
      rows.push(...answer.rows.map((wire) => this.store.toRow(wire)));
    }
    return rows;
  }

  async #remove(rows) {
    const batches = [];
    for (let at = 0; at < rows.length; at += CHUNK) {
      const part = rows.slice(at, at + CHUNK);
      const writes = part.map(({ id, version }) => ({ op: "delete", id, version }));
      const answer = await writeOnce(this.config.urls.batch, { writes });
      const refused = answer.results.find((result) => result.status !== "ok");
      if (refused) throw new Error(refused.message);
      batches.push(answer.batch);
    }
    return batches;
  }

  #again(cells) {
    const row = { id: null, version: null, cells: {} };
    this.store.append(row);
    this.writer.apply(Object.entries(cells).map(([column, value]) => ({ row, column: Number(column), value })));
    return row;
  }

  #save() {
    const past = this.#past.map(plain);
    const future = this.#future.map(plain);
    const seen = this.#seen;
    let text = JSON.stringify({ past, future, seen });
    while (text.length > KEPT && past.length) {
      past.splice(0, Math.ceil(past.length / 2));
      text = JSON.stringify({ past, future: [], seen });
    }
    try {
      sessionStorage.setItem(this.key, text);
    } catch {
      sessionStorage.removeItem(this.key);
    }
  }

  #load() {
    const kept = JSON.parse(sessionStorage.getItem(this.key) ?? "null");
    if (!kept) return;
    this.#past = kept.past;
    this.#future = kept.future;
    this.#seen = kept.seen ?? null;
  }
}

/** An entry as text keeps it: rows by id and the version they were left at; what was never saved is lost with the page. */
function plain(entry) {
  return {
    ...entry,
    dropped: [],
    steps: entry.steps
      .filter(({ row }) => row.id !== null)
      .map(({ row, column, before, after, now }) => ({ row: { id: row.id }, column, before, after, now })),
    created: entry.created
      .filter(({ id }) => id !== null)
      .map(({ id, version }) => ({ id, version, cells: {} })),
  };
}
