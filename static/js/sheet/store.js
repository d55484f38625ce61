// The rows of a table of any length, held in pages around what is seen. Knows the wire protocol and no grid.
import { requestJSON } from "../request.js";
import { Places } from "./places.js";
import { LOADING, RowStore } from "./row_store.js";

const PAGE = 100;
const KEPT_PAGES = 20;
const AT_ONCE = 10; // pages in one request
const SETTLE = 30; // ms without scrolling before a request goes out, but for the first
const STILL = 150; // ms without scrolling after which the next move is a first one

export class PageStore extends RowStore {
  #pages = new Map(); // page number -> rows
  #stale = new Set(); // page numbers that are shown until their new contents are here
  #requests = new Map(); // page number -> AbortController
  #byId = new Map();
  #wanted = [0, 0];
  #moved = 0; // when that was asked for
  #timer = 0;
  #generation = 0;
  #anew = false; // whether the number of rows held is that of another question
  #counting = null; // AbortController of the exact number
  #partial = 0; // how much of page 0 came with the HTML, when that is not all of it

  /** `ladderUrl`: of the ladder in this order, undefined where there is none; else as RowStore. */
  constructor({ ladderUrl, ...said }) {
    super(said);
    this.places = new Places({ url: ladderUrl, question: this.question });
    this.total = 0;
    this.countKnown = true;
  }

  /** Takes the window that came with the page, so that the first screen needs no request. */
  seed({ total, kind, offset, rows }) {
    this.total = total;
    this.kind = kind;
    if (kind !== "exact") this.#countExactly();
    this.places.prepare(total);
    if (offset !== 0) return;
    this.#put(0, rows);
    if (rows.length < Math.min(total, PAGE)) this.#partial = rows.length;
  }

  stored(index) {
    return this.#pages.get(Math.floor(index / PAGE))?.[index % PAGE] ?? LOADING;
  }

  /** How many are in memory. */
  get heldRows() {
    return this.#byId.size;
  }

  row(id) {
    return this.#byId.get(id);
  }

  indexOf(row) {
    const added = this.added.indexOf(row);
    if (added >= 0) return this.total + added;
    for (const [page, rows] of this.#pages) {
      const at = rows.indexOf(row);
      if (at >= 0) return page * PAGE + at;
    }
    return -1;
  }

  /** Puts the server's newer state of a row over the one held. */
  renew(wire) {
    const held = this.#byId.get(wire[0]);
    if (!held) return null;
    const fresh = this.toRow(wire);
    return Object.assign(held, fresh);
  }

  /** Asks for the rows from..to soon; whatever else was asked for and is not needed any more is aborted. */
  want(from, to) {
    const now = performance.now();
    const first = now - this.#moved > STILL;
    this.#wanted = [from, to];
    this.#moved = now;
    clearTimeout(this.#timer);
    if (first) this.#fetchWanted();
    else this.#timer = setTimeout(() => this.#fetchWanted(), SETTLE);
  }

  /** All pages become old: they are shown until the new ones come. */
  reload() {
    this.#generation += 1;
    for (const request of this.#requests.values()) request.abort();
    this.#requests.clear();
    this.#stale = new Set(this.#pages.keys());
    this.countKnown = false;
    this.#counting?.abort();
    this.places.forget();
    return this.#fetchWanted();
  }

  /** Forgets everything, for another sort or filter. */
  reset() {
    this.#pages.clear();
    this.#byId.clear();
    this.keepUnsaved();
    this.#anew = true;
    this.#wanted = [0, 60];
    return this.reload();
  }

  /** The line of the row that stands at `place` among all rows. */
  async locate(place) {
    return place;
  }

  /** Resolves when the rows from..to are here; gives them. */
  async ensure(from, to) {
    const last = Math.min(to, this.total - 1);
    const rows = [];
    for (let page = Math.floor(from / PAGE), pages = 1; page * PAGE <= last; page += pages) {
      pages = 1;
      let found = this.#held(page, to);
      if (!found) {
        while (pages < AT_ONCE && (page + pages) * PAGE <= last && !this.#held(page + pages, to)) pages += 1;
        found = (await this.#fetchRows(page, pages)).rows.map((wire) => this.#known(wire));
      }
      rows.push(...found.slice(Math.max(from - page * PAGE, 0), last - page * PAGE + 1));
    }
    for (let index = Math.max(from, this.total); index <= to && index < this.length; index += 1) {
      rows.push(this.getItem(index));
    }
    return rows;
  }

  isLoaded(from, to) {
    for (let page = Math.floor(from / PAGE); page * PAGE <= Math.min(to, this.total - 1); page += 1) {
      if (!this.#held(page, to)) return false;
    }
    return true;
  }

  adopt(row, wire) {
    super.adopt(row, wire);
    const twin = this.#byId.get(row.id); // read anew before its own answer was here
    if (twin && twin !== row) this.drop(row);
    else this.#byId.set(row.id, row);
  }

  #known(wire) {
    const held = this.#byId.get(wire[0]);
    return held && held.version === wire[1] ? held : this.toRow(wire);
  }

  #put(page, wires) {
    const rows = wires.map((wire) => {
      const held = this.#byId.get(wire[0]);
      if (held && this.isDirty(held)) return held;
      return held ? Object.assign(held, this.toRow(wire)) : this.toRow(wire);
    });
    this.#forget(page);
    for (const row of rows) this.#byId.set(row.id, row);
    this.#pages.set(page, rows);
    if (page === 0) this.#partial = 0;
  }

  #forget(page) {
    for (const row of this.#pages.get(page) ?? []) {
      if (!this.isDirty(row)) this.#byId.delete(row.id);
    }
    this.#pages.delete(page);
    this.#stale.delete(page);
  }

  #complete(page) {
    return page === 0 && this.#partial ? undefined : this.#pages.get(page);
  }

  /** The rows of a page, when all of it up to `to` is here. */
  #held(page, to) {
    return page === 0 && to < this.#partial ? this.#pages.get(0) : this.#complete(page);
  }

  #missing(page, to) {
    if (this.#requests.has(page)) return false;
    return !this.#held(page, to) || this.#stale.has(page);
  }

  /** First what is looked at; what lies beside it when that is here. */
  #fetchWanted() {
    const [first, final] = this.#pagesWanted(PAGE / 2);
    this.#abortOutside(first, final);
    this.#evict((first + final) / 2);
    const fetching = this.#fetchMissing(0);
    this.#fetchBeside();
    return fetching;
  }

  #fetchBeside() {
    const [first, final] = this.#pagesWanted(0);
    for (let page = first; page <= final; page += 1) {
      if (this.#stale.has(page) || !this.#held(page, this.#wanted[1])) return;
    }
    this.#fetchMissing(PAGE / 2);
  }

  #pagesWanted(margin) {
    const last = Math.max(this.total - 1, 0);
    const [from, to] = this.#wanted;
    return [from - margin, to + margin].map((index) => Math.floor(Math.min(Math.max(index, 0), last) / PAGE));
  }

  #fetchMissing(margin) {
    const [first, final] = this.#pagesWanted(margin);
    const to = this.#wanted[1];
    const runs = []; // neighbours in one request: a far offset is what costs
    for (let page = first; page <= final; page += 1) {
      if (!this.#missing(page, to)) continue;
      if (runs.at(-1)?.at(-1) === page - 1) runs.at(-1).push(page);
      else runs.push([page]);
    }
    return Promise.all(runs.map((pages) => this.#load(pages)));
  }

  #abortOutside(first, final) {
    const needed = new Set();
    for (const [page, request] of this.#requests) if (page >= first && page <= final) needed.add(request);
    for (const [page, request] of this.#requests) {
      if (needed.has(request)) continue;
      request.abort();
      this.#requests.delete(page);
    }
  }

  async #load(pages) {
    const request = new AbortController();
    const generation = this.#generation;
    for (const page of pages) this.#requests.set(page, request);
    try {
      const answer = await this.#fetchRows(pages[0], pages.length, request.signal);
      if (generation !== this.#generation) return;
      pages.forEach((page, at) => this.#put(page, answer.rows.slice(at * PAGE, (at + 1) * PAGE)));
      if (answer.total !== undefined) this.#counted(answer);
      const range = { from: pages[0] * PAGE, to: (pages.at(-1) + 1) * PAGE - 1 };
      this.dispatchEvent(new CustomEvent("rows", { detail: range }));
      requestAnimationFrame(() => setTimeout(() => this.#fetchBeside())); // when the rows are painted
    } catch (error) {
      if (error.name !== "AbortError") this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    } finally {
      for (const page of pages) if (this.#requests.get(page) === request) this.#requests.delete(page);
    }
  }

  async #fetchRows(page, pages, signal) {
    const from = page * PAGE;
    const total = this.countKnown && this.kind === "exact" ? this.total : null;
    const limit = total === null ? pages * PAGE : Math.min(pages * PAGE, Math.max(total - from, 1));
    // Asked for in the same breath where the way is known: the grid draws while the request travels.
    const way = this.places.known(from, limit, total) ?? (await this.places.way(from, limit, total));
    const search = this.question();
    for (const [name, value] of Object.entries({ ...way, limit })) search.set(name, value);
    if (!this.countKnown) search.set("count", "1");
    const answer = await requestJSON(`${this.url}?${search}`, { signal });
    if (answer.rows.length) this.places.put(from, from + answer.rows.length - 1, answer);
    const served = { have: answer.rows.map(([id]) => id), seal: answer.seal };
    this.dispatchEvent(new CustomEvent("served", { detail: served }));
    return answer;
  }

  /** A number that is not exact stands only until the exact one comes, and is no better than one for the same rows. */
  #counted({ total, kind }) {
    this.countKnown = true;
    if (kind === "exact" || this.#anew) this.#setTotal(total, kind);
    else this.#setTotal(this.total, this.kind);
    this.#anew = false;
    if (kind !== "exact") this.#countExactly();
  }

  /** The exact number is asked for by itself: no row waits for it. Where it fails the other one stays. */
  async #countExactly() {
    this.#counting?.abort();
    const { signal } = (this.#counting = new AbortController());
    const search = this.question();
    search.set("count", "exact");
    const answer = await requestJSON(`${this.url}?${search}`, { signal }).catch(() => null);
    if (answer && !signal.aborted && !this.added.length) this.#setTotal(answer.total, answer.kind);
  }

  #setTotal(total, kind) {
    this.keepUnsaved();
    this.kind = kind;
    this.total = total;
    this.places.prepare(total);
    this.dispatchEvent(new CustomEvent("length"));
  }

  #evict(centre) {
    const far = [...this.#pages.keys()].sort((a, b) => Math.abs(b - centre) - Math.abs(a - centre));
    while (this.#pages.size > KEPT_PAGES) this.#forget(far.shift());
  }
}
