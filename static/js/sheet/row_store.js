// What each store of a sheet's rows is to the grid and the editors: `total` rows of the server, then those added here.
//
// A row is {id, version, cells: {column id: value}}. Rows added here stand after the last row of the server until the
// next reload.
export const LOADING = Object.freeze({ id: null, version: null, loading: true, cells: Object.freeze({}) });

export class RowStore extends EventTarget {
  /** `columns`: column ids in wire order. `question()`: search parameters of the present sort and filter. */
  constructor({ url, columns, question }) {
    super();
    Object.assign(this, { url, columns, question });
    this.kind = "exact";
    this.added = [];
    this.isDirty = () => false; // rows with unsaved edits keep them and are not forgotten
  }

  get length() {
    return this.total + this.added.length;
  }

  // The two methods and one hook SlickGrid asks for.
  getLength() {
    return this.length;
  }

  getItem(index) {
    return index >= this.total ? this.added[index - this.total] : this.stored(index);
  }

  getItemMetadata(index) {
    const row = this.getItem(index);
    return row?.loading || row?.gone ? { cssClasses: row.gone ? "gone" : "loading" } : null;
  }

  toRow([id, version, cells]) {
    const row = { id, version, cells: {}, gone: false }; // what the server gives is there
    this.columns.forEach((column, at) => {
      if (cells[at] !== null) row.cells[column] = cells[at];
    });
    return row;
  }

  append(...rows) {
    this.added.push(...rows);
    this.lengthChanged();
  }

  /** Of the added rows those not saved yet, when the others come with the server's. */
  keepUnsaved() {
    this.added = this.added.filter((row) => row.id === null && this.isDirty(row));
  }

  /** The server gave an added row its id. */
  adopt(row, wire) {
    Object.assign(row, this.toRow(wire));
  }

  drop(row) {
    this.added = this.added.filter((one) => one !== row);
    this.lengthChanged();
  }

  lengthChanged() {
    this.dispatchEvent(new CustomEvent("length"));
  }
}
