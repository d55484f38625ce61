// The files of a cell: looked at, fetched, taken out, and others put in. What is changed is saved when the cell is left.
import { sameValue } from "../formats.js";
import { fileLink, fileOf, removeButton, textsOf, uploaded, without } from "../files.js";

export class FileEditor {
  typing = false;

  constructor(args) {
    this.args = args;
    this.spec = args.column.spec;
    this.context = args.column.context;
    this.column = args.column.id;
    this.row = args.item;
    this.initial = null;
    this.value = null;
    this.box = document.createElement("div");
    this.box.className = "file-editor";
    this.box.popover = "manual";
    this.box.setAttribute("role", "group");
    this.box.setAttribute("aria-label", this.spec.name);
    this.input = document.createElement("input");
    Object.assign(this.input, { type: "file", multiple: Boolean(this.spec.multiple), hidden: true });
    this.input.addEventListener("change", () => this.put([...this.input.files]));
    this.list = document.createElement("ul");
    this.choose = document.createElement("button");
    Object.assign(this.choose, { type: "button", className: "button small", textContent: this.context.words.chooseFile });
    this.choose.addEventListener("click", () => this.input.click());
    const hint = document.createElement("p");
    hint.className = "soft";
    hint.textContent = this.context.words.dropFile;
    this.box.append(this.list, this.choose, this.input, hint);
    this.box.addEventListener("dragover", (event) => event.preventDefault());
    this.box.addEventListener("drop", (event) => {
      event.preventDefault();
      this.put([...event.dataTransfer.files]);
    });
    this.box.addEventListener("paste", (event) => this.put([...event.clipboardData.files]));
    this.box.addEventListener("keydown", (event) => this.key(event));
    args.container.closest("main").append(this.box);
    this.box.showPopover();
    this.position();
  }

  loadValue(row) {
    this.initial = row.cells?.[this.column] ?? null;
    this.value = this.initial;
    this.paint();
    this.focus();
  }

  paint() {
    this.list.replaceChildren(...textsOf(this.value).map((text) => this.item(text)));
    this.choose.textContent = this.list.children.length && !this.spec.multiple
      ? this.context.words.replaceFile : this.context.words.chooseFile;
  }

  item(text) {
    const item = document.createElement("li");
    const file = fileOf(text, this.row ?? {}, this.column, this.context.urls);
    const remove = () => this.set(without(text, this.value, this.spec));
    item.append(fileLink(file, this.context.icons), removeButton(text, this.context, remove));
    return item;
  }

  async put(files) {
    if (!files.length) return;
    const value = await uploaded(files, this.spec, this.value);
    if (value === undefined || !this.box.isConnected) return;
    this.set(value);
    if (!this.spec.multiple) this.args.commitChanges();
  }

  set(value) {
    this.value = value;
    this.paint();
    this.focus();
  }

  /** The box stands apart from the grid: its keys are handed on. */
  key(event) {
    if (event.key === "Escape") this.args.cancelChanges();
    else if (event.key === "Enter" && event.target === this.box) this.args.commitChanges();
    else if (event.key === "Tab") {
      const all = [...this.box.querySelectorAll("a[href], button")];
      const next = all.indexOf(document.activeElement) + (event.shiftKey ? -1 : 1);
      if (next < 0 || next >= all.length) this.args.commitChanges();
      else all[next].focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  position() {
    const cell = this.args.container.getBoundingClientRect();
    const below = innerHeight - cell.bottom > 280 || cell.top < 280;
    Object.assign(this.box.style, {
      left: `${Math.max(0, Math.min(cell.left, innerWidth - 320))}px`,
      top: below ? `${cell.bottom + 2}px` : "auto",
      bottom: below ? "auto" : `${innerHeight - cell.top + 2}px`,
    });
  }

  focus() {
    this.choose.focus({ preventScroll: true });
  }

  serializeValue() {
    return this.value;
  }

  isValueChanged() {
    return !sameValue(this.value, this.initial);
  }

  applyValue(row, value) {
    row.cells = { ...row.cells, [this.column]: value };
  }

  validate() {
    return { valid: true, msg: null };
  }

  destroy() {
    this.box.remove();
  }
}
