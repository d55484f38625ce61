// Several lines, over the cell and as large as the text needs. Alt+Enter or Shift+Enter breaks the line.
import { TextEditor } from "./text.js";

export class MemoEditor extends TextEditor {
  build() {
    const area = document.createElement("textarea");
    area.className = "cell-editor memo";
    area.rows = 4;
    return area;
  }

  onKey(event) {
    if (event.key === "Enter" && (event.altKey || event.shiftKey)) {
      event.preventDefault();
      this.input.setRangeText("\n", this.input.selectionStart, this.input.selectionEnd, "end");
      return true;
    }
    return false;
  }
}
