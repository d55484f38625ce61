// A group of conditions in the filter builder: all of them, any, not all, none; groups within groups.
import { Condition } from "./filter_condition.js";

const JOINS = [
  ["and", false, "allOf"],
  ["or", false, "anyOf"],
  ["and", true, "notAllOf"],
  ["or", true, "noneOf"],
];
const DEEPEST = 4;

export class ConditionGroup {
  #items = [];

  /** `parts`: config, layout; `remove` is called when the group is taken away. */
  constructor(tree, parts, { outermost = false, depth = 1, remove } = {}) {
    this.parts = parts;
    this.depth = depth;
    const { words } = parts.config;
    this.root = document.createElement("fieldset");
    this.root.className = "filter-group";
    this.join = document.createElement("select");
    this.join.setAttribute("aria-label", words.joined);
    for (const [join, not, word] of JOINS) {
      const option = new Option(words[word], `${join}/${not}`);
      option.selected = join === tree.join && not === Boolean(tree.not);
      this.join.append(option);
    }
    const legend = document.createElement("legend");
    legend.append(this.join);
    this.list = document.createElement("div");
    this.list.className = "filter-items";
    this.list.dataset.empty = words.allRows ?? "";
    const end = document.createElement("div");
    end.className = "filter-adds";
    end.append(this.#button("plus", words.addCondition, () => this.add().focus()));
    if (depth < DEEPEST) end.append(this.#button("list-tree", words.addGroup, () => this.addGroup().first.focus()));
    if (!outermost) end.append(this.#button("x", words.remove, remove));
    this.root.append(legend, this.list, end);
    for (const item of tree.items) this.#put(item);
  }

  get size() {
    return this.#items.length;
  }

  get first() {
    return this.#items[0];
  }

  get last() {
    return this.#items.at(-1);
  }

  focus() {
    this.first?.focus();
  }

  add(item = { field: null, op: null, values: [] }) {
    return this.#put(item);
  }

  addGroup() {
    const group = this.#put({ join: "or", not: false, items: [] });
    group.add();
    return group;
  }

  tree() {
    const [join, not] = this.join.value.split("/");
    return { join, not: not === "true", items: this.#items.map((item) => item.tree()) };
  }

  #put(item) {
    const remove = () => {
      this.#items = this.#items.filter((one) => one !== made);
      made.root.remove();
      (this.last ?? { focus: () => this.join.focus() }).focus();
    };
    const made = item.join
      ? new ConditionGroup(item, this.parts, { depth: this.depth + 1, remove })
      : new Condition(item, this.parts, remove);
    this.#items.push(made);
    this.list.append(made.root);
    return made;
  }

  #button(icon, text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet small";
    button.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${this.parts.config.icons}#i-${icon}"/></svg>`;
    button.append(text);
    button.addEventListener("click", act);
    return button;
  }
}
