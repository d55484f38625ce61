// How the columns stand: order, hidden ones, frozen ones, widths. The server remembers it for whoever moved them.
import { requestJSON } from "../request.js";
import { ROW_NUMBER } from "./columns.js";

const SETTLE = 300;

const mapOf = (object) => new Map(Object.entries(object).map(([id, used]) => [Number(id), used]));

/** Events: "arranged" when columns stand elsewhere, "told" when another total is below one, "left" with the state before whatever the user has changed. */
export class Layout extends EventTarget {
  #timer = 0;
  #last;

  /** `columns`: SlickGrid columns in the order of the table, the row number first. */
  constructor(config, columns) {
    super();
    this.config = config;
    this.byId = new Map(columns.map((column) => [column.id, column]));
    this.order = config.layout.order;
    this.hidden = new Set(config.layout.hidden);
    this.frozen = config.layout.frozen;
    this.totals = mapOf(config.layout.totals);
    this.#last = this.state;
  }

  /** Order, hidden and frozen columns, widths, colours, totals, as the server keeps them. */
  get state() {
    const shown = [...this.byId.values()].filter((one) => one.spec);
    const widths = Object.fromEntries(shown.map((one) => [one.id, one.width]));
    return { order: [...this.order], hidden: [...this.hidden], frozen: this.frozen, widths, colours: this.config.layout.colours, totals: Object.fromEntries(this.totals) };
  }

  /** Back to a state of before; columns that it does not know stay behind the others. Gives the present one. */
  restore({ order, hidden, frozen, widths, colours, totals = {} }) {
    const before = this.state;
    this.config.layout.colours = colours;
    this.order = [...order.filter((id) => this.byId.has(id)), ...this.order.filter((id) => !order.includes(id))];
    this.hidden = new Set(hidden.filter((id) => this.byId.has(id)));
    this.frozen = frozen;
    this.totals = mapOf(totals);
    for (const [id, width] of Object.entries(widths)) if (this.byId.has(Number(id))) this.byId.get(Number(id)).width = width;
    this.#last = this.state;
    this.#apply();
    return before;
  }

  /** The columns to show, in their order. */
  get columns() {
    const shown = this.order.filter((id) => !this.hidden.has(id));
    return [ROW_NUMBER, ...(shown.length ? shown : this.order.slice(0, 1))].map((id) => this.byId.get(id));
  }

  /** SlickGrid's number of the last column that does not scroll; -1: all scroll. */
  get lastFrozen() {
    const last = Math.min(this.frozen, this.columns.length - 1);
    return last > 0 ? last : -1;
  }

  attach(grid) {
    this.grid = grid;
    grid.onColumnsResized.subscribe(() => this.#remember());
  }

  place(id) {
    return this.columns.findIndex((column) => column.id === id);
  }

  /** One place to the left (-1) or right (1) among the shown ones. */
  move(id, step) {
    const shown = this.columns.map((column) => column.id).slice(1);
    const at = shown.indexOf(id);
    const beside = shown[at + step];
    if (beside === undefined) return;
    const order = this.order.filter((one) => one !== id);
    order.splice(order.indexOf(beside) + (step > 0 ? 1 : 0), 0, id);
    this.order = order;
    this.#apply();
  }

  hide(id) {
    if (this.columns.length < 3) return;
    this.hidden.add(id);
    this.#apply();
  }

  /** The columns up to this one stay when the rest is scrolled; null: none. */
  freezeTo(id) {
    this.frozen = id === null ? 0 : this.place(id);
    this.#apply();
  }

  /** Before another shown column; null: behind all. */
  putBefore(id, before) {
    if (id === before) return;
    const order = this.order.filter((one) => one !== id);
    order.splice(before === null ? order.length : order.indexOf(before), 0, id);
    if (order.every((one, at) => one === this.order[at])) return;
    this.order = order;
    this.#apply();
  }

  /** What is told below a column of all rows shown: a function's name, "" for nothing. */
  tell(id, used) {
    if (used) this.totals.set(id, used);
    else this.totals.delete(id);
    this.#remember();
    this.dispatchEvent(new CustomEvent("told"));
  }

  #apply() {
    this.grid.resetActiveCell();
    this.grid.setColumns(this.columns);
    this.grid.setOptions({ frozenColumn: this.lastFrozen });
    this.#remember();
    this.dispatchEvent(new CustomEvent("arranged"));
  }

  #remember() {
    const now = this.state;
    if (JSON.stringify(now) !== JSON.stringify(this.#last)) {
      this.dispatchEvent(new CustomEvent("left", { detail: this.#last }));
      this.#last = now;
    }
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), SETTLE);
    const save = document.querySelector("[data-view-save]");
    if (save) save.hidden = false;
  }

  /** What was moved is known to the server when this resolves. */
  async flush() {
    clearTimeout(this.#timer);
    const body = { view: this.config.view, layout: this.state };
    await requestJSON(this.config.urls.layout, { method: "POST", body }).catch(() => {});
  }
}
