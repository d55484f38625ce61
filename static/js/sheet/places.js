// Where rows lie in a long order, told by the server's cursors. A database walks an offset row by row, so rows are asked
// for from the nearest row whose cursor is known: of a page that was here, of the ladder, or from either end.
import { requestJSON } from "../request.js";

const LONG = 50_000; // rows from which on a ladder is worth its walk
const FAR = 20_000; // rows that are walked rather than wait for the ladder
const QUICKLY = 1_000_000; // the same, where the walk is quick
const STEP = 5_000; // between two rungs, at least
const TOO_LONG = 2_000_000; // rows from which on a ladder that is slow to climb is climbed no higher than one looks
const KEPT = 64; // cursors of pages
const IDLE = 150; // ms

export class Places {
  #cursors = new Map(); // index of a row -> its cursor, the newest last
  #rungs = []; // cursors of some rows in their order
  #places = []; // how many rows stand up to and with each
  #far = FAR;
  #climbing = null; // AbortController of the ladder that is being made
  #done = false;
  #told = []; // who waits for the next rungs
  #timer = 0;

  /** `url`: of the ladder, undefined where there is none; `question()`: search parameters of the order it is in. */
  constructor({ url, question }) {
    Object.assign(this, { url, question });
  }

  /** Rows have come elsewhere: nothing is known any more. */
  forget() {
    clearTimeout(this.#timer);
    this.#climbing?.abort();
    this.#climbing = null;
    this.#cursors.clear();
    this.#rungs = [];
    this.#places = [];
    this.#far = FAR;
    this.#done = false;
    this.#tell();
  }

  /** The rows from..to are these, by the cursors of the first and the last; null where nothing lies beyond. */
  put(from, to, { previous, next }) {
    for (const [index, cursor] of [[from, previous], [to, next]]) {
      if (!cursor) continue;
      this.#cursors.delete(index);
      this.#cursors.set(index, cursor);
    }
    for (const index of this.#cursors.keys()) {
      if (this.#cursors.size <= KEPT) break;
      this.#cursors.delete(index);
    }
  }

  /** There is time to climb a ladder, soon. */
  prepare(total) {
    clearTimeout(this.#timer);
    if (this.url && total >= LONG) this.#timer = setTimeout(() => this.#climb(total), IDLE);
  }

  /**
   * What a request says to get `count` rows from `from` on; null where all that is known is far away. `total`: how many
   * there are, null where that is not known exactly.
   */
  known(from, count, total) {
    const best = this.#nearest(from, count, total);
    return best.offset > this.#far && this.url && !this.#done ? null : best;
  }

  /** The same; waits for the ladder where it has to. */
  async way(from, count, total) {
    let best = this.#nearest(from, count, total);
    while (best.offset > this.#far && (await this.#higher(total ?? from))) best = this.#nearest(from, count, total);
    return best;
  }

  #nearest(from, count, total) {
    let best = { offset: from };
    const better = (side, cursor, offset) => {
      if (cursor !== undefined && offset >= 0 && offset < best.offset) best = { [side]: cursor, offset };
    };
    for (const [index, cursor] of this.#cursors) {
      better("after", cursor, from - index - 1);
      better("before", cursor, index - from - count);
    }
    const above = this.#above(from);
    better("after", this.#rungs[above - 1], from - this.#places[above - 1]);
    const behind = this.#above(from + count);
    better("before", this.#rungs[behind], this.#places[behind] - 1 - from - count);
    if (total !== null) better("before", "", total - from - count);
    return best;
  }

  /** Number of the first rung whose place is beyond `place`. */
  #above(place) {
    let [low, high] = [0, this.#places.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#places[middle] > place) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  /** Whether there are more rungs than before, when it resolves. */
  async #higher(total) {
    if (!this.url) return false;
    const before = this.#rungs.length;
    this.#climb(total);
    if (!this.#done) await new Promise((resolve) => this.#told.push(resolve));
    return this.#rungs.length > before;
  }

  async #climb(total) {
    if (this.#climbing || this.#done) return;
    clearTimeout(this.#timer);
    const climbing = (this.#climbing = new AbortController());
    let more = true;
    while (more && this.#climbing === climbing) {
      const search = this.question();
      search.set("step", STEP);
      if (this.#rungs.length) search.set("after", this.#rungs.at(-1));
      const answer = await requestJSON(`${this.url}?${search}`, { signal: climbing.signal }).catch(() => null);
      if (this.#climbing !== climbing) return;
      more = answer?.more ?? false;
      if (answer) {
        const before = this.#places.at(-1) ?? 0;
        this.#rungs.push(...answer.rungs);
        this.#places.push(...(answer.places.length ? answer.places : answer.rungs.map((_, at) => before + (at + 1) * answer.step)));
        if (answer.quick) this.#far = QUICKLY;
      }
      this.#done = !more;
      this.#tell();
      await null; // who waited for this looks again, and waits again where it is not enough
      if (more && this.#far === FAR && total > TOO_LONG && !this.#told.length) {
        this.#climbing = null;
        return;
      }
    }
  }

  #tell() {
    for (const resolve of this.#told.splice(0)) resolve();
  }
}
