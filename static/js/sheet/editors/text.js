// One line of text, and the base of the other editors: numbers and dates are typed as people type them and read by the
// server.
import { calculated } from "../arithmetic.js";
import { editable } from "../formats.js";

export class TextEditor {
  constructor(args) {
    this.args = args;
    this.spec = args.column.spec;
    this.context = args.column.context;
    this.column = args.column.id;
    const key = args.event?.type === "keydown" ? args.event.key : "";
    /** Opened by typing: what was there is replaced, and arrows leave the cell as they do in Excel. */
    this.typing = key.length === 1;
    this.initial = "";
    this.input = this.build();
    this.input.setAttribute("aria-label", this.spec.name);
    args.container.append(this.input);
    this.focus();
  }

  build() {
    const input = document.createElement("input");
    input.type = "text";
    input.className = "cell-editor";
    input.autocomplete = "off";
    input.spellcheck = this.spec.type === "text";
    if (this.spec.type === "number") input.inputMode = "decimal";
    return input;
  }

  loadValue(row) {
    const value = row.cells?.[this.column] ?? null;
    this.initial = this.spec.type === "password" ? "" : editable(value, this.spec, this.context);
    this.input.value = this.typing ? "" : this.initial;
    this.focus();
  }

  focus() {
    this.input.focus({ preventScroll: true });
    const end = this.input.value.length;
    this.input.setSelectionRange?.(end, end);
  }

  serializeValue() {
    const text = this.input.value;
    if (text.trim() === "") return null;
    if (this.spec.type === "text" || this.spec.type === "memo") return text;
    return { typed: (this.spec.type === "number" && calculated(text)) || text.trim() };
  }

  isValueChanged() {
    return this.input.value !== this.initial;
  }

  applyValue(row, value) {
    row.cells = { ...row.cells, [this.column]: value };
  }

  validate() {
    return { valid: true, msg: null };
  }

  destroy() {
    this.input.remove();
  }
}
