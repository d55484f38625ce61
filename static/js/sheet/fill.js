// Filling cells from their neighbours: the handle of the selection, Ctrl+D and Ctrl+R (copies), with Shift series.
import { toast } from "../toast.js";
import { continued } from "./series.js";
import { display } from "./formats.js";

export class Fill {
  constructor({ grid, store, selection, gestures, config }) {
    Object.assign(this, { grid, store, selection, gestures, config });
    const noteControl = ({ ctrlKey, metaKey }) => (this.control = ctrlKey || metaKey);
    for (const name of ["mousemove", "mouseup"]) document.addEventListener(name, noteControl, { capture: true });
    selection.onFilled = (source, whole) => this.dragged(source, whole);
  }

  /** The handle was drawn from `source` over `whole`, which holds it. With Ctrl copies become series and series copies. */
  dragged(source, whole) {
    const down = whole.toRow > source.toRow || whole.fromRow < source.fromRow;
    const back = down ? whole.fromRow < source.fromRow : whole.fromCell < source.fromCell;
    return this.#fill(whole, { down, back, seeds: () => size(source, down), other: this.control });
  }

  /** The first row of the selection into the others; of a single row, from the row above. */
  down() {
    return this.#keys(true, { seeds: () => 1, copies: true });
  }

  right() {
    return this.#keys(false, { seeds: () => 1, copies: true });
  }

  /** The filled cells at the beginning of the selection go on into the rest of it. */
  series(down) {
    const filled = (values) => {
      const empty = values.findIndex((value) => value === null);
      return empty < 0 ? 1 : empty;
    };
    return this.#keys(down, { seeds: filled, one: true });
  }

  #keys(down, how) {
    const range = this.gestures.selected();
    if (!range) return null;
    const area = { ...range };
    if (size(range, down) === 1) {
      if (how.one) return null;
      if (down) area.fromRow -= 1;
      else area.fromCell -= 1;
      if (area.fromRow < 0 || !this.grid.getColumns()[area.fromCell]?.spec) return null;
    }
    return this.#fill(area, { down, back: false, ...how });
  }

  async #fill(area, { down, back, seeds, other = false, copies = false, one = false }) {
    const { grid, store, config } = this;
    const toRow = Math.min(area.toRow, store.length - 1);
    if (!config.can.change || this.gestures.isTooMuch({ ...area, toRow })) return;
    const columns = grid.getColumns().slice(area.fromCell, area.toCell + 1);
    const rows = await store.ensure(area.fromRow, toRow).catch((error) => void toast(error.message, "error"));
    if (!rows) return;
    const lines = down
      ? columns.map((column) => rows.map((row) => ({ row, column })))
      : rows.map((row) => columns.map((column) => ({ row, column })));
    this.gestures.change(
      lines.flatMap((line) => {
        const cells = back ? line.toReversed() : line;
        const values = cells.map(({ row, column }) => row.cells[column.id] ?? null);
        const known = seeds(values);
        if (!known) return [];
        const types = new Set(cells.map(({ column }) => column.spec?.type));
        const type = types.size === 1 && !copies ? [...types][0] : "";
        const alone = one && known === 1 && type === "number"; // a series was asked for
        const next = continued(values.slice(0, known), type, cells.length - known, other || alone);
        return cells.slice(known).flatMap(({ row, column }, at) => put(row, column, next[at], cells[at % known].column));
      }),
    );
    const last = grid.getColumns().length - 1;
    if (area.toCell > last) return;
    this.selection.select(area);
  }
}

const size = (range, down) => (down ? range.toRow - range.fromRow : range.toCell - range.fromCell) + 1;

/** A value into a cell: as it is within a column type, as text where the types differ; what may not be seen stays out. */
function put(row, column, value, from) {
  if (!column.spec || column.spec.type === "password" || from.spec?.type === "password") return [];
  if ([value].flat().some((item) => item?.hidden)) return [];
  const same = from.id === column.id || (from.spec.type === column.spec.type && from.spec.item === column.spec.item && column.spec.type !== "reference");
  if (same || value === null) return [{ row, column: column.id, value }];
  return [{ row, column: column.id, value: { typed: display(value, from.spec, from.context) } }];
}
