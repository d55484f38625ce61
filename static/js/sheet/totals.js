// The line below the columns: what is told of all rows shown (sum, average, …), chosen for each column from its cell or
// from the menu of the column. One request for all of them, when the rows stand; nobody waits for it.
import { requestJSON } from "../request.js";
import { ROW_NUMBER } from "./columns.js";
import { shown } from "./formats.js";
import { popup } from "./popup.js";

const SETTLE = 300; // ms after the last reason to ask
const REST = 5; // a write of one's own or of others is followed up after so many times what the last answer took

export function bindTotals(root, { grid, store, writer, config, question, layout }) {
  const { words } = config;
  const names = {
    sum: words.sum,
    avg: words.average,
    min: words.totalMin,
    max: words.totalMax,
    count: words.totalCount,
    distinct: words.totalDistinct,
  };
  const number = new Intl.NumberFormat(config.language);
  const { menu, open } = popup(root, "total-menu", () => grid.focus());
  let known = new Map(); // column id and function -> canonical text, null for none; undefined: not known yet
  let failed = "";
  let request = null;
  let timer = 0;
  let took = 0;
  let written = false;

  const key = (id) => `${id}:${layout.totals.get(id)}`;
  const wanted = () => layout.columns.filter((column) => column.spec?.totals.includes(layout.totals.get(column.id)));

  /** `wait`: ms. What is known is shown until the answer is here. */
  function ask(wait = SETTLE) {
    request?.abort();
    clearTimeout(timer);
    timer = setTimeout(fetchAll, wait);
  }

  async function fetchAll() {
    const columns = wanted();
    if (!columns.length) return;
    request = new AbortController();
    const { signal } = request;
    const search = question.parameters();
    search.set("of", columns.map((column) => key(column.id)).join(","));
    const began = performance.now();
    try {
      const { totals } = await requestJSON(`${config.urls.totals}?${search}`, { signal });
      known = new Map(columns.map((column) => [key(column.id), totals[column.id] ?? null]));
      failed = "";
    } catch (error) {
      if (signal.aborted) return;
      failed = error.message;
    }
    took = performance.now() - began;
    draw();
  }

  /** The cells of the line belong to the grid, which makes them anew with its columns. */
  function draw() {
    grid.getColumns().forEach((column, at) => cell(column, grid.getFooterRowColumn(at)));
  }

  function cell(column, node) {
    if (!node) return;
    node.role = "gridcell";
    node.parentElement.role = "row";
    if (column.id === ROW_NUMBER) {
      node.textContent = "Σ";
      node.title = words.totals;
      return;
    }
    const { spec } = column;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "total";
    button.tabIndex = -1; // the keyboard comes by the menu of the column
    button.dataset.total = column.id;
    button.setAttribute("aria-haspopup", "menu");
    button.setAttribute("aria-label", words.totalMenu.replace("%s", spec.name));
    const name = names[layout.totals.get(column.id)];
    if (name && spec.totals.includes(layout.totals.get(column.id))) {
      const value = text(column);
      const said = document.createElement("span");
      said.className = "total-name";
      said.textContent = name;
      button.append(said, " ", value);
      button.title = failed || `${name}: ${value}`;
      button.setAttribute("aria-label", `${button.getAttribute("aria-label")}: ${name} ${value}`);
    }
    node.replaceChildren(button);
  }

  function text({ id, spec, context }) {
    const value = known.get(key(id));
    if (failed && value === undefined) return "—";
    if (value === undefined) return "…";
    if (value === null) return words.empty;
    const used = layout.totals.get(id);
    if (used === "count" || used === "distinct") return number.format(value);
    return shown(used === "avg" && spec.type === "number" ? rounded(value) : value, spec, context);
  }

  function choose(id, button) {
    const { spec } = layout.byId.get(id);
    menu.setAttribute("aria-label", words.totalMenu.replace("%s", spec.name));
    menu.replaceChildren(...["", ...spec.totals].map((used) => item(id, used)));
    open(button);
  }

  function item(id, used) {
    const button = document.createElement("button");
    button.type = "button";
    button.role = "menuitemradio";
    button.tabIndex = -1;
    button.ariaChecked = String((layout.totals.get(id) ?? "") === used);
    button.textContent = used ? names[used] : words.totalNone;
    button.addEventListener("click", () => {
      layout.tell(id, used);
      grid.focus();
    });
    return button;
  }

  root.querySelector("[data-grid]").addEventListener("click", (event) => {
    const button = event.target.closest(".total");
    if (button) choose(Number(button.dataset.total), button);
  });
  grid.onFooterRowCellRendered.subscribe((_event, { node, column }) => cell(column, node));
  layout.addEventListener("arranged", () => ask(0));
  layout.addEventListener("told", () => {
    draw();
    ask(0);
  });
  question.addEventListener("asked", () => {
    known = new Map();
    draw();
    ask();
  });
  const later = () => ask(Math.max(SETTLE, REST * took));
  writer.addEventListener("state", () => {
    if (!writer.waiting && written) later();
    written = writer.waiting > 0;
  });
  store.addEventListener("length", later);
  store.addEventListener("renewed", later);
  root.addEventListener("leave", () => {
    clearTimeout(timer);
    request?.abort();
  });
  draw();
  ask();
  return { choose: (id) => choose(id, root.querySelector(`[data-total="${id}"]`)) };
}

/** To the fourth place behind the point: more of an average says nothing. */
function rounded(text) {
  const value = Number(text);
  return Number.isFinite(value) && Math.abs(value) < 1e15 ? String(Number(value.toFixed(4))) : text;
}
