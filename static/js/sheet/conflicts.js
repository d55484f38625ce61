// Two people in one cell: what one types is neither lost nor written over the other's. A chip beside the cell shows both
// values; Alt+1 or a click keeps mine, Alt+2 takes theirs. Until then mine stays in the cell, unsent.
import { display, sameValue } from "./formats.js";

const KEYS = { Digit1: "mine", Digit2: "theirs" };

export class Conflicts {
  #typing = null; // {row, column, theirs, message}: somebody changed the cell under the open editor
  #held = []; // [row, column] the user has not chosen for yet, newest last

  constructor(root, { grid, store, writer, marks, gestures, config }) {
    Object.assign(this, { grid, store, writer, marks, gestures, words: config.live.words, empty: config.words.empty });
    this.chip = chip(this.words, (choice) => this.#choose(choice));
    root.append(this.chip);
    const container = root.querySelector("[data-grid]");
    container.addEventListener("keydown", (event) => this.#key(event), { capture: true });
    container.addEventListener("input", () => this.#show());
    writer.addEventListener("painted", ({ detail: rows }) => this.#painted(rows));
    grid.onBeforeEditCell.subscribe(() => this.#forget());
    grid.onBeforeCellEditorDestroy.subscribe(() => queueMicrotask(() => this.#forget()));
    grid.onActiveCellChanged.subscribe(() => this.#show());
    grid.onScroll.subscribe(() => this.#show());
    grid.onRendered.subscribe(() => this.#show());
  }

  /** Somebody's edit of the row has come; `before`: its cells until then. */
  met(row, before, by) {
    const at = this.grid.getCellEditor() && this.grid.getActiveCell();
    const column = at && this.grid.getColumns()[at.cell].id;
    if (!at || this.store.getItem(at.row) !== row || sameValue(before[column], row.cells[column])) return;
    const message = this.words.meanwhile.replace("%s", by || "—");
    this.#typing = { row, column, theirs: row.cells[column] ?? null, message };
    this.#show();
  }

  /** Whether the value just typed is kept back, because somebody has changed the cell meanwhile. */
  keeps(row, column, value) {
    const met = this.#typing;
    if (met?.row !== row || met.column !== column) return false;
    this.#typing = null;
    if (!sameValue(met.theirs, value)) this.writer.hold(row, column, value, met.theirs, met.message);
    return true;
  }

  #forget() {
    this.#typing = null;
    this.#show();
  }

  #painted(rows) {
    this.#held = this.#held.filter(([row, column]) => this.marks.get(row, column)?.conflict);
    for (const row of rows) {
      for (const column of this.marks.columns(row)) {
        const known = this.#held.some(([one, its]) => one === row && its === column);
        if (this.marks.get(row, column).conflict && !known) this.#held.push([row, column]);
      }
    }
    this.#show();
  }

  /** The conflict of the cell one is in, else the newest one. */
  get #shown() {
    if (this.#typing) return this.#typing;
    const at = this.grid.getActiveCell();
    const active = at && this.store.getItem(at.row);
    const place = at && this.grid.getColumns()[at.cell].id;
    const found = this.#held.find(([row, column]) => row === active && column === place) ?? this.#held.at(-1);
    if (!found) return null;
    const [row, column] = found;
    const { base, message } = this.marks.get(row, column);
    return { row, column, theirs: base, message };
  }

  #show() {
    const shown = this.#shown;
    const node = shown && this.grid.getCellNode(this.store.indexOf(shown.row), this.grid.getColumnIndex(shown.column));
    this.chip.hidden = !node;
    if (!node) return;
    const column = this.grid.getColumns()[this.grid.getColumnIndex(shown.column)];
    const text = (value) => display(value ?? undefined, column.spec, column.context) || this.empty;
    const typed = shown === this.#typing && node.querySelector("input, textarea")?.value;
    const mine = typed || typed === "" ? typed || this.empty : text(shown.row.cells[shown.column]);
    for (const [choice, value] of Object.entries({ mine, theirs: text(shown.theirs) })) {
      const place = this.chip.querySelector(`[data-choice=${choice}] span`);
      if (place.textContent !== value) place.textContent = value;
    }
    const note = this.chip.querySelector("p");
    if (note.textContent !== shown.message) note.textContent = shown.message;
    const box = node.getBoundingClientRect();
    const own = this.chip.getBoundingClientRect();
    this.chip.style.left = `${Math.max(0, Math.min(box.left, innerWidth - own.width))}px`;
    this.chip.style.top = `${box.bottom + own.height < innerHeight ? box.bottom + 2 : box.top - own.height - 2}px`;
  }

  #key(event) {
    const choice = event.altKey && !event.ctrlKey && !event.metaKey && KEYS[event.code];
    if (!choice || this.chip.hidden) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.#choose(choice);
  }

  #choose(choice) {
    const shown = this.#shown;
    if (!shown) return;
    if (shown === this.#typing) {
      this.#typing = null;
      if (choice === "mine") this.grid.getEditorLock().commitCurrentEdit();
      else this.grid.getEditorLock().cancelCurrentEdit();
      this.grid.focus();
    } else if (choice === "mine") {
      this.gestures.change([{ row: shown.row, column: shown.column, value: shown.row.cells[shown.column] ?? null }]);
    } else {
      this.writer.yield(shown.row, shown.column);
    }
    this.#show();
  }
}

function chip(words, choose) {
  const group = document.createElement("div");
  group.className = "conflict-chip";
  group.role = "alert";
  group.hidden = true;
  const note = document.createElement("p");
  group.append(note);
  for (const [at, choice] of ["mine", "theirs"].entries()) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small";
    button.dataset.choice = choice;
    const key = document.createElement("kbd");
    key.textContent = `Alt+${at + 1}`;
    button.append(`${words[choice]}: `, document.createElement("span"), " ", key);
    button.addEventListener("click", () => choose(choice));
    group.append(button);
  }
  group.addEventListener("pointerdown", (event) => event.preventDefault()); // the editor keeps the focus
  group.addEventListener("mousedown", (event) => event.preventDefault());
  return group;
}
