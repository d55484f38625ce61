// Find in the table (Ctrl+F) and go to a row by its number (Ctrl+G). The server looks through all rows of the sheet's
// question; the cells of a row that hold the text are stepped through one by one.
import { GlobalEditorLock } from "../../vendor/slickgrid@5.20.2/slickgrid.js";
import { requestJSON } from "../request.js";
import { toast } from "../toast.js";

const SETTLE = 300; // ms after the last letter

export function bindFind(root, { grid, store, config }, question) {
  const bar = root.querySelector("[data-find]");
  const input = bar.querySelector("[data-find-text]");
  const row = bar.querySelector("[data-go-to]");
  const note = bar.querySelector("[data-find-count]");
  const number = new Intl.NumberFormat(config.language);
  let text = "";
  let hit = null; // {id, line, columns, at}: the cell one is on, and its line in the sheet
  let found = null; // {total, more, place}: of the rows that hold the text
  let timer = 0;
  let request = null;

  function open(field) {
    if (!GlobalEditorLock.commitCurrentEdit()) return;
    bar.hidden = false;
    field.select();
    field.focus();
  }

  function close() {
    bar.hidden = true;
    request?.abort();
    clearTimeout(timer);
    grid.setCellCssStyles("found", {});
    if (!grid.getActiveCell() && store.length) grid.setActiveCell(0, 1);
    grid.focus();
  }

  const asked = (more) => {
    const search = question.parameters();
    const { groups } = config; // the rows of a grouped sheet stand in the order of its groups
    if (groups.length) search.set("sort", [...groups, ...inGroups(search.get("sort"), groups)].join(","));
    for (const [name, value] of Object.entries({ find: text, ...more })) if (value !== null) search.set(name, value);
    return search;
  };

  async function step({ back = false, here = false } = {}) {
    clearTimeout(timer);
    const typed = input.value.trim();
    const anew = typed !== text;
    text = typed;
    request?.abort();
    if (!text) return say("");
    if (anew) found = hit = null;
    if (!anew && onNextCell(back)) return show();
    request = new AbortController();
    const { signal } = request;
    const start = onHit() ? hit.id : (store.getItem(grid.getActiveCell()?.row ?? -1)?.id ?? null);
    const ask = asked({ from: start, here: (here || anew) && start !== null ? "" : null, back: back ? "" : null });
    try {
      const answer = await requestJSON(`${config.urls.find}?${ask}`, { signal });
      if (!answer.hit) {
        grid.setCellCssStyles("found", {});
        return say(note.dataset.none);
      }
      const { wrapped, place, ...next } = answer.hit;
      next.line = await store.locate(place);
      if (next.line < 0) return say(note.dataset.none); // past the groups that are shown
      if (found && found.place !== null) found.place = placeAfter(back, wrapped, next.id);
      hit = { ...next, at: back ? next.columns.length - 1 : 0 };
      await show(wrapped);
      if (!found) {
        const count = asked({ at: hit.id });
        found = await requestJSON(`${config.urls["find-count"]}?${count}`, { signal });
        tell(wrapped);
      }
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, "error");
    }
  }

  const onHit = () => Boolean(hit) && grid.getActiveCell()?.row === hit.line; // its row may not be loaded yet

  /** The next cell of the same row, while one stands on the last hit. */
  function onNextCell(back) {
    if (!onHit()) return false;
    const next = hit.at + (back ? -1 : 1);
    if (next < 0 || next >= hit.columns.length) return false;
    hit.at = next;
    return true;
  }

  function placeAfter(back, wrapped, id) {
    if (id === hit?.id) return found.place;
    if (wrapped) return back ? found.total - 1 : 0;
    return found.place + (back ? -1 : 1);
  }

  async function show(wrapped = false) {
    await store.ensure(hit.line, hit.line);
    const column = hit.columns[hit.at];
    place(hit.line, grid.getColumns().findIndex(({ id }) => id === column));
    grid.setCellCssStyles("found", { [hit.line]: { [column]: "found" } });
    tell(wrapped);
  }

  function place(index, cell) {
    store.want(index, index);
    grid.scrollRowIntoView(index);
    const last = grid.getColumns().length - 1;
    grid.setActiveCell(index, cell >= 1 ? cell : Math.min(grid.getActiveCell()?.cell ?? 1, last));
  }

  function tell(wrapped) {
    if (!found) return say("…");
    const form = found.more || found.place === null ? note.dataset.many : note.dataset.of;
    const said = form.replace("%1", number.format((found.place ?? 0) + 1)).replace("%2", number.format(found.total));
    say(wrapped ? `${said}, ${note.dataset.wrapped}` : said);
  }

  function say(words) {
    note.textContent = words;
  }

  function goTo() {
    const wanted = Number(row.value.replace(/\D/g, ""));
    if (!wanted || !store.length) return;
    place(Math.min(wanted, store.length) - 1, -1);
    grid.focus();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => step({ here: true }), SETTLE);
  });
  bar.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") close();
    else if (event.key === "Enter" && event.target === row) goTo();
    else if (event.key === "Enter" && event.target === input) step({ back: event.shiftKey });
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    step();
  });
  bar.querySelector("[data-find-back]").addEventListener("click", () => step({ back: true }));
  bar.querySelector("[data-find-close]").addEventListener("click", close);
  question.addEventListener("asked", () => {
    text = "";
    grid.setCellCssStyles("found", {});
    say("");
  });
  // Anywhere on the page, save in another sheet; a second Ctrl+F in the bar is the browser's own.
  const mine = (target) => (target.closest(".sheet") ?? document.querySelector(".sheet")) === root;
  document.addEventListener("keydown", (event) => {
    if (!mine(event.target)) return;
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || document.querySelector("dialog[open]")) return;
    const field = { KeyF: input, KeyG: row }[event.code];
    if (!field || document.activeElement === field) return;
    event.preventDefault();
    open(field);
  });
}

/** Of the sorts those that say something inside the groups. */
function inGroups(sort, groups) {
  return (sort ?? "").split(",").filter((one) => one && !groups.includes(Number(one.replace("-", ""))));
}
