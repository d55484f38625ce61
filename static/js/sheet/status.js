// The line under the sheet: how many rows, what is selected, whether everything is saved.

const COUNTED_CELLS = 20_000;
const MANY = 100; // rows that wait

export class Status {
  constructor(root, { store, writer, marks, config }) {
    Object.assign(this, { store, writer, marks, words: config.words });
    this.rows = root.querySelector("[data-rows]");
    this.selection = root.querySelector("[data-selection]");
    this.saving = root.querySelector("[data-saving]");
    this.deleting = root.querySelector("[data-delete]");
    this.again = root.querySelector("[data-again]");
    this.again.addEventListener("click", () => writer.again());
    this.signIn = root.querySelector(".sheet-foot [data-sign-in]");
    this.number = new Intl.NumberFormat(config.language);
    store.addEventListener("length", () => this.counted());
    writer.addEventListener("state", () => this.saved());
    this.counted();
  }

  counted() {
    const prefix = { estimated: "≈ ", capped: "> " }[this.store.kind] ?? "";
    this.rows.textContent = this.words.rows.replace("%s", prefix + this.number.format(this.store.length));
  }

  saved() {
    const { words } = this;
    const { trouble } = this.writer;
    let text = words.saved;
    let state = "saved";
    if (trouble) [text, state] = [this.#reason(trouble), "refused"];
    else if (this.writer.waiting) [text, state] = [this.progress(), "pending"];
    else if (this.marks.refused) {
      [text, state] = [words.refused.replace("%s", this.number.format(this.marks.refused)), "refused"];
    }
    this.saving.textContent = text;
    this.saving.dataset.state = state;
    this.signIn.hidden = !trouble?.signedOut;
    this.again.hidden = !trouble && (state !== "refused" || !this.marks.refusedCells().length);
  }

  #reason({ status, signedOut, message }) {
    if (signedOut) return message;
    return status ? this.words.unanswered : this.words.offline;
  }

  /** How many rows are still to be sent, where they are so many that one wonders. */
  progress() {
    const rows = this.writer.waiting;
    return rows < MANY ? this.words.saving : this.words.savingRows.replace("%s", this.number.format(rows));
  }

  selected(range, grid) {
    const lines = range ? range.toRow - range.fromRow + 1 : 0;
    const columns = range ? grid.getColumns().slice(range.fromCell, range.toCell + 1) : [];
    if (this.deleting) this.deleting.hidden = !range || range.fromRow >= this.store.length;
    const cells = lines * columns.length;
    if (cells < 2) {
      this.selection.textContent = "";
      return;
    }
    const parts = [`${this.number.format(lines)} × ${this.number.format(columns.length)}`];
    const total = cells <= COUNTED_CELLS ? this.#sum(range, columns) : null;
    if (total) parts.push(`${this.words.sum} ${this.number.format(total.sum)}`, `${this.words.average} ${this.number.format(total.sum / total.count)}`);
    this.selection.textContent = parts.join("   ");
  }

  #sum(range, columns) {
    const numbers = columns.filter((column) => column.spec?.type === "number");
    let sum = 0;
    let count = 0;
    for (let index = range.fromRow; numbers.length && index <= range.toRow; index += 1) {
      const row = this.store.getItem(index);
      if (!row || row.loading) return null;
      for (const column of numbers) {
        const value = row.cells[column.id];
        if (typeof value !== "string" || row.group) continue;
        sum += Number(value);
        count += 1;
      }
    }
    return count ? { sum, count } : null;
  }
}
