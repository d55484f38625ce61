// What is asked of the table: sort and quick filter. Kept in the address, so that a reload and a link show the same.

const SETTLE = 250;

export class Question extends EventTarget {
  constructor(root, config) {
    super();
    this.sorts = config.sorts; // [{column, descending}]
    this.text = config.search;
    this.parent = config.parent;
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
  }

  parameters() {
    const search = new URLSearchParams();
    const sort = this.sorts.map(({ column, descending }) => (descending ? "-" : "") + column).join(",");
    if (sort) search.set("sort", sort);
    if (this.text) search.set("q", this.text);
    if (this.parent) search.set("up", this.parent);
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

  /** Marks the headers of the sorted columns. */
  show(container) {
    for (const head of container.querySelectorAll("[data-column]")) {
      const sort = this.sorts.find((one) => String(one.column) === head.dataset.column);
      if (sort) head.setAttribute("aria-sort", sort.descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  #changed() {
    const search = this.parameters();
    search.delete("up");
    history.replaceState(null, "", search.size ? `?${search}` : location.pathname);
    for (const link of document.querySelectorAll("a[data-asked]")) link.search = search;
    this.dispatchEvent(new CustomEvent("asked"));
  }
}
