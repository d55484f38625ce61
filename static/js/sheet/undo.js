// Undo and redo of the user's own gestures. A gesture is a list of {row, column, before, after}.
const LIMIT = 100;

export class Undo {
  #past = [];
  #future = [];

  constructor(apply) {
    this.apply = apply;
  }

  push(steps) {
    if (!steps.length) return;
    this.#past.push(steps);
    if (this.#past.length > LIMIT) this.#past.shift();
    this.#future = [];
  }

  undo() {
    return this.#move(this.#past, this.#future, "before");
  }

  redo() {
    return this.#move(this.#future, this.#past, "after");
  }

  #move(from, to, side) {
    const steps = from.pop();
    if (!steps) return null;
    to.push(steps);
    this.apply(steps.map((step) => ({ row: step.row, column: step.column, value: step[side] })));
    return steps;
  }
}
