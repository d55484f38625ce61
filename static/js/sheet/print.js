// A live sheet on paper. Ctrl+P brings all rows of what is shown, as a plain table of the server; where the browser's
// menu prints without asking, it is the rows that are at hand.
import { toast } from "../toast.js";
import { shown } from "./formats.js";

const MOST = 2000; // rows

export function bindPrint(root, { grid, store, writer, layout, question, config }) {
  const left = new AbortController();
  const inside = Boolean(config.parent);
  let article = null; // what the server drew, in the place of the whole page

  async function print() {
    try {
      await writer.settle();
      await layout.flush();
      const search = question.address();
      search.set("print", "");
      const response = await fetch(`${location.pathname}?${search}`);
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      article = document.adoptNode(page.querySelector("[data-printed]"));
      document.body.append(article);
    } catch {
      toast(document.documentElement.dataset.offline, "warning"); // the rows at hand are printed
    }
    window.print();
  }

  function atHand() {
    const columns = grid.getColumns().filter(({ spec }) => spec);
    const table = document.createElement("table");
    table.className = "list sheet-printed";
    const head = table.createTHead().insertRow();
    for (const { spec } of columns) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = spec.name;
      head.append(cell);
    }
    const body = table.createTBody();
    for (let index = 0; index < Math.min(store.length, MOST); index += 1) {
      const row = store.getItem(index);
      if (row.loading) continue;
      const line = body.insertRow();
      if (row.group) line.insertCell().textContent = grid.getCellNode(index, 1)?.textContent ?? "";
      else for (const { id, spec, context } of columns) line.insertCell().textContent = shown(row.cells[id], spec, context);
    }
    return table;
  }

  addEventListener("beforeprint", () => {
    if (article) return;
    root.querySelector(".sheet-printed")?.remove();
    root.append(atHand());
  }, left);
  addEventListener("afterprint", () => {
    root.querySelector(".sheet-printed")?.remove();
    article?.remove();
    article = null;
  }, left);
  root.addEventListener("leave", () => left.abort());
  if (inside) return;
  root.querySelector("[data-print]")?.addEventListener("click", (event) => {
    event.preventDefault();
    print();
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.code !== "KeyP") return;
    if (document.querySelector("dialog[open]")) return;
    event.preventDefault();
    print();
  });
}
