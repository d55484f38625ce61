// The rows of a grouped sheet: lines of groups, counted and summed by the database, and under an open one its groups or
// its rows. To the rest of the sheet it is a store like another; the rows of a group are held by a store of their own.
import { requestJSON } from "../request.js";
import { LOADING, RowStore } from "./row_store.js";
import { PageStore } from "./store.js";

export class GroupedStore extends RowStore {
  #top = [];
  #segments = []; // {start, length, node, leaf}: a group's line, or the rows of its leaf
  #reading = 0;

  /** `groups`: ids of the columns, outermost first; else as RowStore. */
  constructor({ groupsUrl, groups, ...said }) {
    super(said);
    Object.assign(this, { groupsUrl, groups });
    this.more = false;
    this.onMetadata = () => null; // how the line of a group looks
  }

  get total() {
    const last = this.#segments.at(-1);
    return last ? last.start + last.length : 0;
  }

  stored(index) {
    const found = this.#at(index);
    if (!found) return LOADING;
    return found.leaf ? found.leaf.getItem(index - found.start) : found.node.row;
  }

  getItemMetadata(index) {
    const row = this.getItem(index);
    return row?.group ? this.onMetadata(row.group) : super.getItemMetadata(index);
  }

  row(id) {
    for (const leaf of this.#leaves()) {
      const row = leaf.row(id);
      if (row) return row;
    }
    return undefined;
  }

  indexOf(row) {
    if (this.added.includes(row)) return this.total + this.added.indexOf(row);
    for (const { start, leaf, node } of this.#segments) {
      if (!leaf && node.row === row) return start;
      const at = leaf ? leaf.indexOf(row) : -1;
      if (at >= 0) return start + at;
    }
    return -1;
  }

  renew(wire) {
    for (const leaf of this.#leaves()) {
      const row = leaf.renew(wire);
      if (row) return row;
    }
    return null;
  }

  want(from, to) {
    for (const { start, length, leaf } of this.#segments) {
      if (leaf && start <= to && start + length > from) {
        leaf.want(Math.max(from - start, 0), Math.min(to - start, length - 1));
      }
    }
  }

  async ensure(from, to) {
    const rows = [];
    for (const { start, length, leaf, node } of [...this.#segments]) {
      if (start > to || start + length <= from) continue;
      if (leaf) rows.push(...(await leaf.ensure(Math.max(from - start, 0), Math.min(to - start, length - 1))));
      else rows.push(node.row);
    }
    for (let index = Math.max(from, this.total); index <= to && index < this.length; index += 1) rows.push(this.getItem(index));
    return rows;
  }

  isLoaded(from, to) {
    return this.#segments.every(({ start, length, leaf }) => {
      if (!leaf || start > to || start + length <= from) return true;
      return leaf.isLoaded(Math.max(from - start, 0), Math.min(to - start, length - 1));
    });
  }

  /** Reads the groups anew; those that were open are opened again. */
  async reload() {
    const reading = ++this.#reading;
    try {
      const top = await this.#read(null, 0, this.#top);
      if (reading !== this.#reading) return;
      this.#top = top;
      this.keepUnsaved();
      this.lengthChanged();
      this.dispatchEvent(new CustomEvent("rows", { detail: { from: 0, to: this.length } }));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    }
  }

  reset() {
    return this.reload();
  }

  /** Opens what the row at `place` lies in, counted over the rows of all groups; gives its line, -1 where it is in none. */
  async locate(place) {
    let nodes = this.#top;
    let before = 0;
    for (;;) {
      const node = nodes.find(({ count }) => before + count > place || void (before += count));
      if (!node) return -1;
      if (!node.open) await this.toggle(node);
      if (node.leaf) return this.#segments.find(({ leaf }) => leaf === node.leaf).start + place - before;
      nodes = node.children ?? [];
    }
  }

  async toggle(node) {
    node.open = !node.open;
    try {
      if (node.open && !node.children && !node.leaf) await this.#fill(node, []);
    } catch (error) {
      node.open = false;
      this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    }
    this.lengthChanged();
    this.dispatchEvent(new CustomEvent("rows", { detail: { from: 0, to: this.length } }));
  }

  /** The groups inside `parent`, null: the outermost. `before`: what stood there, to open the same again. */
  async #read(parent, level, before) {
    const search = this.question();
    if (parent) search.set("filter", parent.filter);
    search.set("group", this.groups.slice(level).join(","));
    const { groups, more } = await requestJSON(`${this.groupsUrl}?${search}`);
    this.more ||= more;
    const open = new Map(before.filter((node) => node.open).map((node) => [node.filter, node]));
    return Promise.all(groups.map((group) => this.#node(group, level, open.get(group.filter))));
  }

  async #node(group, level, before) {
    const node = { ...group, level, column: this.groups[level], open: false, children: null, leaf: null };
    node.row = { id: null, version: null, group: node, cells: node.totals };
    if (before) {
      node.open = true;
      await this.#fill(node, before.children ?? []);
    }
    return node;
  }

  async #fill(node, before) {
    if (node.level + 1 < this.groups.length) node.children = await this.#read(node, node.level + 1, before);
    else node.leaf = this.#leaf(node);
  }

  #leaf(node) {
    const leaf = new PageStore({
      url: this.url,
      columns: this.columns,
      question: () => {
        const search = this.question();
        search.set("filter", node.filter);
        return search;
      },
    });
    leaf.total = node.count;
    leaf.isDirty = (row) => this.isDirty(row);
    leaf.addEventListener("rows", ({ detail }) => {
      const start = this.#segments.find((one) => one.leaf === leaf)?.start;
      if (start === undefined) return;
      this.dispatchEvent(new CustomEvent("rows", { detail: { from: start + detail.from, to: start + detail.to } }));
    });
    for (const name of ["served", "failed"]) {
      leaf.addEventListener(name, ({ detail }) => this.dispatchEvent(new CustomEvent(name, { detail })));
    }
    return leaf;
  }

  #leaves() {
    return this.#segments.flatMap(({ leaf }) => leaf ?? []);
  }

  #at(index) {
    let low = 0;
    let high = this.#segments.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#segments[middle].start <= index) low = middle;
      else high = middle - 1;
    }
    return this.#segments[low];
  }

  lengthChanged() {
    const segments = [];
    let start = 0;
    const put = (node) => {
      segments.push({ start, length: 1, node });
      start += 1;
      if (!node.open) return;
      node.children?.forEach(put);
      if (node.leaf) {
        segments.push({ start, length: node.leaf.length, node, leaf: node.leaf });
        start += node.leaf.length;
      }
    };
    this.#top.forEach(put);
    this.#segments = segments;
    super.lengthChanged();
  }
}
