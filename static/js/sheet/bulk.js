// Many rows at once. The links of the menus open the server's form for the selected rows, or for all that are shown;
// what it did to a few is taken over by the open sheet, a long job has a page of its own.
import { requestJSON } from "../request.js";
import { toast } from "../toast.js";

const NAMED = 500; // rows named one by one; of more the first and the last are
const AT_ONCE = 1000; // rows the button deletes without a question
const JOB = /\/bulk\/\d+\/$/;

export function bindBulk(root, { grid, store, writer, selection, gestures, question, config }) {
  const menu = root.querySelector("[data-bulk]");
  if (!menu) return null;
  const words = menu.dataset;
  const number = new Intl.NumberFormat(config.language);
  const some = menu.querySelector("[data-bulk-some]");
  let ready = null; // the link whose address says which rows
  let opened = false;

  const chosen = () => {
    const range = gestures.selected();
    return range ? range.toRow - range.fromRow + 1 : 0;
  };

  function tell() {
    const rows = chosen();
    some.hidden = !rows;
    some.querySelector("[data-bulk-said]").textContent = words.some.replace("%s", number.format(rows));
    menu.querySelector("[data-bulk-said=all]").textContent = words.all.replace("%s", number.format(store.total));
  }

  /** The search of the form's address: which rows, which column. Null where that cannot be said. */
  async function asked(link) {
    const search = question.parameters();
    const at = grid.getActiveCell();
    const column = at && grid.getColumns()[at.cell].id;
    if (column) search.set("column", column);
    if (link.dataset.bulkRows === "all") return search;
    await writer.settle();
    const range = gestures.selected();
    if (!range) return refuse(words.none);
    if (range.toRow - range.fromRow < NAMED) {
      const ids = (await store.ensure(range.fromRow, range.toRow)).map(({ id }) => id).filter(Boolean);
      if (!ids.length) return refuse(words.none);
      search.set("ids", ids.join(","));
      return search;
    }
    if (config.groups.length) return refuse(words.grouped);
    for (const [name, place] of [["first", range.fromRow], ["last", Math.min(range.toRow, store.total - 1)]]) {
      search.set(name, (await store.ensure(place, place))[0].id);
    }
    return search;
  }

  function refuse(text) {
    toast(text, "error");
    return null;
  }

  async function open(link) {
    try {
      const search = await asked(link);
      if (!search) return;
      link.search = search;
      await new Promise((done) => setTimeout(done)); // within a click its link is not clicked again
      ready = link;
      opened = true;
      link.click();
    } catch (error) {
      toast(error.message, "error");
    } finally {
      ready = null;
    }
  }

  /** The button: a few go at once and can be brought back, of many it is asked how many they are. */
  function deleteRows() {
    const link = some.querySelector("a.danger");
    if (chosen() > AT_ONCE && link) open(link);
    else gestures.deleteRows();
  }

  async function carriedOut(event) {
    if (!opened || !JOB.test(new URL(event.detail).pathname)) return;
    event.preventDefault();
    opened = false;
    const state = await requestJSON(`${event.detail}state`).catch(() => null);
    if (state?.phase !== "done" || state.refused || !state.act) location.assign(event.detail);
    else gestures.took(state.act, words.done.replace("%s", number.format(state.written)));
  }

  const left = new AbortController();
  root.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-bulk-rows]");
    if (!link || link === ready || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation();
    open(link);
  }, { capture: true });
  document.addEventListener("carried-out", carriedOut, left);
  root.addEventListener("leave", () => left.abort());
  menu.addEventListener("toggle", tell);
  selection.onSelectedRangesChanged.subscribe(() => menu.open && tell());
  return { deleteRows };
}
