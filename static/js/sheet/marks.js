// What is known about single cells beside their value: being saved, or refused and why. Keyed by row object, so that
// an added row without an id can carry them too.

export class Marks {
  #rows = new WeakMap();
  #errors = new Map(); // row -> refused cells in it

  get(row, column) {
    return this.#rows.get(row)?.get(column);
  }

  /** Whether anything of the row is not saved. */
  any(row) {
    return Boolean(this.#rows.get(row)?.size);
  }

  /** The columns of the row that show something else than the server has. */
  columns(row) {
    return [...(this.#rows.get(row)?.keys() ?? [])];
  }

  /**
   * `base`: what the server had when the user began to change the cell; with `conflict` what somebody else has put there
   * since, and the user is asked which of the two it shall be.
   */
  set(row, column, state, message = "", base = this.get(row, column)?.base ?? null, conflict = false) {
    let cells = this.#rows.get(row);
    if (!cells) this.#rows.set(row, (cells = new Map()));
    cells.set(column, { state, message, base, conflict });
    this.#count(row, cells);
  }

  clear(row, column) {
    const cells = this.#rows.get(row);
    if (!cells?.delete(column)) return;
    this.#count(row, cells);
  }

  /** Cells refused by the server and not yet put right. */
  get refused() {
    return [...this.#errors.values()].reduce((sum, count) => sum + count, 0);
  }

  /** [row, column] of those, save where somebody else's value waits for a choice. */
  refusedCells() {
    return [...this.#errors.keys()].flatMap((row) =>
      [...this.#rows.get(row)].flatMap(([column, { state, conflict }]) =>
        state === "refused" && !conflict ? [[row, column]] : [],
      ),
    );
  }

  #count(row, cells) {
    const refused = [...cells.values()].filter((mark) => mark.state === "refused").length;
    if (refused) this.#errors.set(row, refused);
    else this.#errors.delete(row);
  }
}
