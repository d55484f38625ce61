// Several plain values in one cell, one a line.
import { editable } from "../formats.js";
import { MemoEditor } from "./memo.js";

export class ListEditor extends MemoEditor {
  loadValue(row) {
    const values = [row.cells?.[this.column] ?? []].flat();
    this.initial = values.map((value) => editable(value, this.spec, this.context)).join("\n");
    this.input.value = this.typing ? "" : this.initial;
    this.focus();
  }

  serializeValue() {
    const lines = this.input.value.split("\n").map((line) => line.trim());
    const values = lines.filter(Boolean).map((typed) => ({ typed }));
    return values.length ? values : null;
  }
}
