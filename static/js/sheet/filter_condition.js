// One condition of the filter builder: a column, an operator of its kind, and the values that the operator takes.
import { editable } from "./formats.js";
import { valueList } from "./filter_values.js";

const WITHOUT = new Set(["empty", "not_empty", "bad"]);
const COUNTED = /^(last|next)_(\d+)_days$/;
const MOST_DAYS = 3660;

export class Condition {
  #values = () => [];

  /** `item`: {field, op, values} as the server gives it; a field or operator of null is the first one. */
  constructor(item, { config, layout }, remove) {
    Object.assign(this, { config, layout });
    const { words } = config;
    this.root = document.createElement("div");
    this.root.className = "filter-condition";
    this.column = this.#select(words.column, config.columns.map(({ id, name }) => [id, name]));
    this.path = typeof item.field === "string" ? item.field : null; // through a link, perhaps said in the address only
    if (this.path && !config.columns.some(({ id }) => id === this.path)) this.column.append(new Option(this.path, this.path));
    if (item.field !== null) this.column.value = item.field;
    this.operator = this.#select(words.condition, []);
    this.place = document.createElement("div");
    this.place.className = "filter-value";
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet only-icon small";
    button.title = words.remove;
    button.setAttribute("aria-label", words.remove);
    button.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${config.icons}#i-x"/></svg>`;
    button.addEventListener("click", remove);
    this.root.append(this.column, this.operator, this.place, button);
    this.column.addEventListener("change", () => this.#offer(null, []));
    this.operator.addEventListener("change", () => this.#ask([]));
    this.#offer(item.op, item.values);
  }

  focus() {
    this.column.focus();
  }

  tree() {
    const field = this.column.value === this.path ? this.path : this.#spec.id;
    return { field, op: this.operator.value, values: WITHOUT.has(this.operator.value) ? [] : this.#values() };
  }

  get #spec() {
    return this.config.columns.find(({ id }) => String(id) === this.column.value) ?? { id: 0, kind: "text", type: "text" };
  }

  #offer(op, values) {
    const offered = this.config.vocabulary.operators[this.#spec.kind];
    this.operator.replaceChildren(...offered.map(([value, text]) => new Option(text, value)));
    if (op) this.operator.value = op;
    this.#ask(values);
  }

  /** Puts the inputs there that the operator takes. */
  #ask(values) {
    const op = this.operator.value;
    const { kind, id } = this.#spec;
    this.place.replaceChildren();
    if (WITHOUT.has(op)) return;
    if (op === "in") this.#list(id, values);
    else if (kind === "boolean") this.#boolean(values);
    else if (op === "between") this.#between(values);
    else if (kind === "date") this.#values = this.#date(values[0]);
    else this.#values = this.#text(values[0], this.config.words.value);
  }

  #list(id, chosen) {
    const column = this.layout.byId.get(id);
    if (!column) return;
    const list = valueList({ column, config: this.config, chosen, search: new URLSearchParams(), withEmpty: false });
    this.place.append(list.root);
    this.#values = list.values;
  }

  #boolean(values) {
    const { words } = this.config;
    const select = this.#select(words.value, [["1", words.yes], ["0", words.no]]);
    select.value = values[0] ?? "1";
    this.place.append(select);
    this.#values = () => [select.value];
  }

  #between([low, high]) {
    const { words } = this.config;
    const make = (value, label) => (this.#spec.kind === "date" ? this.#date(value) : this.#text(value, label));
    const from = make(low, words.value);
    const to = make(high, words.valueTo);
    this.#values = () => [...from(), ...to()];
  }

  /** A text; @me and @groups mean who looks. Gives the function that reads it. */
  #text(value, label) {
    const input = document.createElement("input");
    input.type = "text";
    input.autocomplete = "off";
    input.setAttribute("aria-label", label);
    input.value = this.#written(value);
    this.place.append(input);
    if (["text", "link"].includes(this.#spec.kind)) {
      const list = document.createElement("datalist");
      list.id = `persons-${Math.random().toString(36).slice(2)}`;
      list.append(...this.config.vocabulary.persons.map(([name, text]) => new Option(text, `@${name}`)));
      input.setAttribute("list", list.id);
      this.place.append(list);
    }
    return () => {
      if (value?.id && input.value === value.label) return [value];
      const named = /^@(\w+)$/.exec(input.value.trim());
      return [named ? { variable: named[1] } : input.value];
    };
  }

  /** A day as it is typed, or a period. */
  #date(value) {
    const { words, vocabulary } = this.config;
    const counts = [["last", words.lastDays], ["next", words.nextDays]];
    const periods = [["", words.date], ...(vocabulary.periods.length ? [...vocabulary.periods, ...counts] : [])];
    const select = this.#select(words.value, periods);
    const input = document.createElement("input");
    input.type = "text";
    input.autocomplete = "off";
    this.place.append(select, input);
    const counted = COUNTED.exec(value?.variable ?? "");
    select.value = counted ? counted[1] : (value?.variable ?? "");
    input.value = counted ? counted[2] : this.#written(value);
    const show = () => {
      const isPeriod = !["", "last", "next"].includes(select.value);
      input.hidden = isPeriod;
      input.setAttribute("aria-label", select.value ? words.days : words.date);
      if (["last", "next"].includes(select.value) && !/^\d+$/.test(input.value)) input.value = "7";
    };
    select.addEventListener("change", show);
    show();
    return () => {
      if (!select.value) return [input.value];
      if (!["last", "next"].includes(select.value)) return [{ variable: select.value }];
      const days = Math.min(Math.max(Number.parseInt(input.value, 10) || 1, 1), MOST_DAYS);
      return [{ variable: `${select.value}_${days}_days` }];
    };
  }

  /** A value as the user writes it. */
  #written(value) {
    if (value === undefined || value === null) return "";
    if (typeof value === "object") return value.variable ? `@${value.variable}` : (value.label ?? "");
    const type = { number: "number", date: value.includes(":") ? "datetime" : "date" }[this.#spec.kind] ?? "text";
    return editable(value, { type }, { language: this.config.language, words: this.config.words });
  }

  #select(label, options) {
    const select = document.createElement("select");
    select.setAttribute("aria-label", label);
    select.append(...options.map(([value, text]) => new Option(text, value)));
    return select;
  }
}
