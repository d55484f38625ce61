// A date typed as text, with the browser's calendar on a button (Alt+Down).
import { display } from "../formats.js";
import { TextEditor } from "./text.js";

export class DateEditor extends TextEditor {
  constructor(args) {
    super(args);
    const withTime = this.spec.type === "datetime";
    this.picker = document.createElement("input");
    this.picker.type = withTime ? "datetime-local" : "date";
    this.picker.className = "cell-picker";
    this.picker.tabIndex = -1;
    this.picker.setAttribute("aria-label", this.context.words.calendar);
    this.picker.addEventListener("change", () => {
      const canonical = withTime && this.picker.value ? `${this.picker.value}:00` : this.picker.value;
      this.input.value = display(canonical, this.spec, this.context);
      this.input.focus();
    });
    args.container.append(this.picker);
    const held = args.item?.cells?.[this.column];
    if (typeof held === "string") this.picker.value = withTime ? held.slice(0, 16) : held;
  }

  onKey(event) {
    if (event.key === "ArrowDown" && event.altKey) {
      event.preventDefault();
      this.picker.showPicker?.();
      return true;
    }
    return false;
  }

  destroy() {
    super.destroy();
    this.picker.remove();
  }
}
