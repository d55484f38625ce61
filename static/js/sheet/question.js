// What is asked of the table: filter, quick filter, sort, groups. Kept in the address, so that a reload and a link show
// the same; what the open view says itself is not repeated there.

const SETTLE = 250;

export class Question extends EventTarget {
  constructor(root, config) {
    super();
    this.sorts = config.sorts; // [{column, descending}]
    this.filter = config.filter; // text
    this.tree = config.tree; // the same as the builder holds it
    this.text = config.search;
    this.groups = config.groups;
    this.parent = config.parent;
    this.config = config;
    this.inside = Boolean(root.closest("[data-panel]")); // another sheet's page: the address is not its own
    const input = root.querySelector("[data-search]");
    let timer = 0;
    const ask = () => {
      clearTimeout(timer);
      if (input.value.trim() === this.text) return;
      this.text = input.value.trim();
      this.#changed();
    };
    input?.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, SETTLE);
    });
    input?.form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask();
    });
    this.input = input;
  }

  get #sort() {
    return this.sorts.map(({ column, descending }) => (descending ? "-" : "") + column).join(",");
  }

  /** What a request for rows says. */
  parameters() {
    const search = new URLSearchParams();
    const said = { sort: this.#sort, filter: this.filter, q: this.text, up: this.parent };
    for (const [name, value] of Object.entries(said)) if (value) search.set(name, value);
    return search;
  }

  /** What the address says: the view, and what differs from it. `groups` in the place of the present ones. */
  address(groups = this.groups) {
    const search = new URLSearchParams();
    const here = { filter: this.filter, sort: this.#sort, group: groups.join(","), q: this.text };
    const { view, saved, opensWithView } = this.config;
    if (view) search.set("view", view);
    for (const [name, text] of Object.entries(here)) if (text !== saved[name]) search.set(name, text);
    if (!view && !search.size && opensWithView) search.set("view", "0");
    return search;
  }

  /** Ascending, descending, not at all; with `more`, beside the sorts there are. */
  sortBy(column, more) {
    const present = this.sorts.find((sort) => sort.column === column);
    const others = more ? this.sorts.filter((sort) => sort.column !== column) : [];
    if (!present) this.sorts = [...others, { column, descending: false }];
    else if (!present.descending) this.sorts = [...others, { column, descending: true }];
    else this.sorts = others;
    this.#changed();
  }

  sortAs(column, descending) {
    this.sorts = [{ column, descending }];
    this.#changed();
  }

  filterBy(filter, tree) {
    this.filter = filter;
    this.tree = tree;
    this.#changed();
  }

  /** All rows, in the table's own order. */
  clear() {
    Object.assign(this, { filter: "", tree: { join: "and", not: false, items: [] }, text: "", sorts: [] });
    if (this.input) this.input.value = "";
    if (this.groups.length) this.groupBy([]);
    else this.#changed();
  }

  /** Grouped rows are another page: their store is another. */
  groupBy(groups) {
    location.assign(`${location.pathname}?${this.address(groups) || "view=0"}`);
  }

  /** Marks the headers of the sorted columns. */
  show(container) {
    for (const head of container.querySelectorAll("[data-column]")) {
      const sort = this.sorts.find((one) => String(one.column) === head.dataset.column);
      if (sort) head.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  #changed() {
    if (!this.inside) this.#told();
    this.dispatchEvent(new CustomEvent("asked"));
  }

  /** The address, and the links that ask for the same, say what is asked now. */
  #told() {
    const address = this.address();
    history.replaceState(null, "", address.size ? `?${address}` : location.pathname);
    const search = this.parameters();
    search.delete("up");
    for (const link of document.querySelectorAll("a[data-asked]")) link.search = search;
    for (const link of document.querySelectorAll("a[data-said]")) link.search = address;
    for (const form of document.querySelectorAll("form[data-said]")) form.action = `${form.action.split("?")[0]}?${address}`;
  }
}
