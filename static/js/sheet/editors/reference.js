// Picks a row of another table: a combobox that searches on the server. With `multiple`, several of them.
import { requestJSON } from "../../request.js";
import { sameValue } from "../formats.js";

const SETTLE = 160;

export class ReferenceEditor {
  constructor(args) {
    this.args = args;
    this.spec = args.column.spec;
    this.context = args.column.context;
    this.column = args.column.id;
    this.options = [];
    this.at = -1;
    this.chosen = [];
    this.fresh = ""; // the name of a row that could be made
    this.initial = null;
    this.touched = false;
    const key = args.event?.type === "keydown" ? args.event.key : "";
    this.opensWith = key.length === 1 ? key : "";

    this.input = document.createElement("input");
    this.input.type = "text";
    this.input.className = "cell-editor";
    this.input.autocomplete = "off";
    this.input.placeholder = this.context.words.search;
    Object.entries({
      role: "combobox",
      "aria-label": this.spec.name,
      "aria-autocomplete": "list",
      "aria-expanded": "true",
      "aria-controls": "reference-options",
    }).forEach(([name, value]) => this.input.setAttribute(name, value));
    this.input.addEventListener("input", () => {
      this.touched = true;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.search(), SETTLE);
    });
    args.container.append(this.input);

    this.list = document.createElement("div");
    this.list.id = "reference-options";
    this.list.className = "options";
    this.list.role = "listbox";
    this.list.popover = "manual";
    this.list.setAttribute("aria-label", this.spec.name);
    this.list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the input keeps the focus
      const index = event.target.closest("[data-index]")?.dataset.index;
      if (index !== undefined) this.pick(Number(index));
    });
    args.container.closest("main").append(this.list);
    this.list.showPopover();
    this.position();
    this.focus();
    if (this.opensWith === "") this.search();
    else this.timer = setTimeout(() => this.search(), SETTLE);
  }

  loadValue(row) {
    this.initial = row.cells?.[this.column] ?? null;
    this.chosen = [this.initial ?? []].flat().filter((item) => item && typeof item === "object");
    if (!this.opensWith && !this.spec.multiple) {
      this.input.value = this.chosen[0]?.label ?? "";
      this.input.select();
    }
    this.paint();
  }

  position() {
    const cell = this.args.container.getBoundingClientRect();
    const below = innerHeight - cell.bottom > 260 || cell.top < 260;
    Object.assign(this.list.style, {
      left: `${Math.min(cell.left, innerWidth - 260)}px`,
      minWidth: `${Math.max(cell.width, 220)}px`,
      top: below ? `${cell.bottom + 2}px` : "auto",
      bottom: below ? "auto" : `${innerHeight - cell.top + 2}px`,
    });
  }

  focus() {
    this.input.focus({ preventScroll: true });
  }

  async search() {
    this.request?.abort();
    this.request = new AbortController();
    const text = this.touched || this.opensWith ? this.input.value : "";
    const search = new URLSearchParams({ q: text });
    try {
      const answer = await requestJSON(`${this.spec.options}?${search}`, { signal: this.request.signal });
      this.options = answer.options;
      this.more = answer.more;
      this.at = text && this.options.length ? 0 : this.options.findIndex((one) => this.has(one));
      this.fresh = this.spec.create && !this.options.some(({ label }) => label === text.trim()) ? text.trim() : "";
      this.problem = "";
    } catch (error) {
      if (error.name === "AbortError") return;
      this.options = [];
      this.fresh = "";
      this.problem = error.message;
    }
    this.paint();
  }

  has(option) {
    return this.chosen.some((one) => one.id === option.id);
  }

  paint() {
    const { words } = this.context;
    const offered = this.fresh ? [{ label: words.createOption.replace("%s", this.fresh) }] : [];
    const lines = [...this.options, ...offered].map((option, index) => {
      const line = document.createElement("div");
      line.role = "option";
      line.id = `reference-option-${index}`;
      line.dataset.index = index;
      line.className = index === this.at ? "option at" : "option";
      line.classList.toggle("fresh", index === this.options.length);
      line.setAttribute("aria-selected", String(this.has(option)));
      line.textContent = option.label || words.unnamed;
      return line;
    });
    const hint = this.problem || (this.options.length ? (this.more ? words.moreOptions : "") : words.noOptions);
    if (hint) {
      const line = document.createElement("div");
      line.className = "option-hint";
      line.textContent = hint;
      lines.push(line);
    }
    if (this.spec.multiple && this.chosen.length) {
      const line = document.createElement("div");
      line.className = "option-hint chosen";
      line.textContent = this.chosen.map((one) => (one.hidden ? words.hidden : one.label)).join(", ");
      lines.unshift(line);
    }
    this.list.replaceChildren(...lines);
    const active = this.list.querySelector(".at");
    active?.scrollIntoView({ block: "nearest" });
    if (active) this.input.setAttribute("aria-activedescendant", active.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  /** Keys that belong to the list. True: the grid shall not see it. */
  onKey(event) {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (step) {
      event.preventDefault();
      this.at = Math.max(0, Math.min(this.options.length - (this.fresh ? 0 : 1), this.at + step));
      this.paint();
      return true;
    }
    if (event.key === "Enter" && this.at >= 0 && !event.ctrlKey) {
      event.preventDefault();
      this.pick(this.at);
      return true;
    }
    const searched = (this.touched || this.opensWith) && this.input.value.trim() !== "";
    if (event.key === "Tab" && this.options[this.at] && searched) this.choose(this.options[this.at]);
    if (event.key === "Backspace" && this.spec.multiple && this.input.value === "" && this.chosen.length) {
      this.chosen = this.chosen.slice(0, -1);
      this.paint();
      return true;
    }
    return false;
  }

  choose(option) {
    if (!this.spec.multiple) this.chosen = [option];
    else if (this.has(option)) this.chosen = this.chosen.filter((one) => one.id !== option.id);
    else this.chosen = [...this.chosen, option];
    this.picked = true;
  }

  async pick(index) {
    if (index === this.options.length) return this.create();
    this.choose(this.options[index]);
    if (!this.spec.multiple) {
      this.args.commitChanges();
      return;
    }
    this.input.value = "";
    this.paint();
  }

  /** A new row of the table linked to; undo takes it back after the link to it. */
  async create() {
    try {
      const { batch, ...option } = await requestJSON(this.spec.options, { method: "POST", body: { name: this.fresh } });
      this.args.container.dispatchEvent(new CustomEvent("made", { bubbles: true, detail: batch }));
      this.options = [option];
      this.fresh = "";
      this.pick(0);
    } catch (error) {
      this.problem = error.message;
      this.paint();
    }
  }

  serializeValue() {
    if (this.spec.multiple) return this.chosen.length ? this.chosen : null;
    if (this.picked) return this.chosen[0];
    const text = this.input.value.trim();
    if (!this.touched && !this.opensWith) return this.initial;
    return text ? { typed: text } : null; // the server looks for a row with this name
  }

  isValueChanged() {
    return !sameValue(this.serializeValue(), this.initial);
  }

  applyValue(row, value) {
    row.cells = { ...row.cells, [this.column]: value };
  }

  validate() {
    return { valid: true, msg: null };
  }

  destroy() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.list.remove();
    this.input.remove();
  }
}
