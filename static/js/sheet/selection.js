// SlickGrid's selection model, made fit for millions of rows: the grid is handed only the part of the selection around
// the viewport, because it walks every row it is given.
import { SlickHybridSelectionModel, SlickRange } from "../../vendor/slickgrid@5.20.2/slickgrid.js";

const MARGIN = 60;
const REPLACES = "REP"; // SlickGrid's word for a selection made by its handle

const contains = (whole, part) => whole.contains(part.fromRow, part.fromCell) && whole.contains(part.toRow, part.toCell);

export class WindowedSelection extends SlickHybridSelectionModel {
  #grid;
  #huge = false;

  init(grid) {
    this.#grid = grid;
    super.init(grid);
    grid.onViewportChanged.subscribe(() => {
      if (this.#huge) this.notifySelectedRangesChanged("viewport", "");
    });
  }

  /** The whole selection as ranges {fromRow, fromCell, toRow, toCell}. */
  get ranges() {
    return this._ranges;
  }

  selectAll() {
    const lastRow = this.#grid.getDataLength() - 1;
    if (lastRow < 0) return;
    this.setSelectedRanges([new SlickRange(0, 1, lastRow, this.#grid.getColumns().length - 1)]);
  }

  /** The rows of the selection in their whole width. */
  selectRows() {
    const range = this._ranges.at(-1);
    if (range) this.select({ ...range, fromCell: 1, toCell: this.#grid.getColumns().length - 1 });
  }

  /** The columns of the selection from the first row to the last. */
  selectColumns(range = this._ranges.at(-1)) {
    const toRow = this.#grid.getDataLength() - 1;
    if (range && toRow >= 0) this.select({ ...range, fromRow: 0, toRow });
  }

  /** With Shift: from the active cell to the end of the row that the key goes to, with Ctrl to the edge of the table. */
  selectTo(key, edge) {
    const range = this._ranges.at(-1);
    const at = this.#grid.getActiveCell();
    const last = { row: this.#grid.getDataLength() - 1, cell: this.#grid.getColumns().length - 1 };
    if (!range || !at) return;
    const before = { fromCell: 1, toCell: at.cell };
    const behind = { fromCell: at.cell, toCell: last.cell };
    const above = { fromRow: 0, toRow: at.row };
    const below = { fromRow: at.row, toRow: last.row };
    const corner = { Home: above, End: below }[edge && key];
    const part = { Home: before, ArrowLeft: before, End: behind, ArrowRight: behind, ArrowUp: above, ArrowDown: below }[key];
    this.select({ ...range, ...corner, ...part });
    if (corner ?? part === above) this.#grid.scrollRowIntoView(key === "End" ? last.row : 0);
    else if (part === below) this.#grid.scrollRowIntoView(last.row);
  }

  select({ fromRow, fromCell, toRow, toCell }) {
    this.setSelectedRanges([new SlickRange(fromRow, fromCell, toRow, toCell)]);
  }

  /** Drawing the handle replaces the last range by a larger one: `onFilled(before, after)` is told. */
  setSelectedRanges(ranges, caller, mode) {
    const before = this._ranges.at(-1);
    const after = ranges.at(-1);
    super.setSelectedRanges(ranges, caller, "");
    if (mode === REPLACES && before && after && !contains(before, after)) this.onFilled?.(before, after);
  }

  rangesToRows(ranges) {
    return super.rangesToRows(this.#windowed(ranges));
  }

  notifySelectedRangesChanged(caller, mode, addDragHandle) {
    const whole = this._ranges;
    const wasHuge = this.#huge;
    this.#huge = whole.some((range) => range.toRow - range.fromRow > 4 * MARGIN);
    this._ranges = this.#windowed(whole);
    super.notifySelectedRangesChanged(caller, mode, addDragHandle);
    this._ranges = whole;
    if (wasHuge && !this.#huge) this.#grid.invalidate();
  }

  #windowed(ranges) {
    const { top, bottom } = this.#grid.getViewport();
    return ranges
      .filter((range) => range.toRow >= top - MARGIN && range.fromRow <= bottom + MARGIN)
      .map(
        (range) =>
          new SlickRange(
            Math.max(range.fromRow, top - MARGIN, 0),
            range.fromCell,
            Math.min(range.toRow, bottom + MARGIN),
            range.toCell,
          ),
      );
  }
}
