// The row one stands on, beside the sheet: a part of its page, whose fields are saved as the cells of the sheet are.
import { requestPart } from "../request.js";
import { toast } from "../toast.js";
import { listFiles, uploaded, without } from "./files.js";
import { display } from "./formats.js";

const SETTLE = 120; // ms on a row before it is asked for

/** Null where the page has no place for it: a sheet of sub-rows. */
export function bindPanel(root, { grid, store, writer, marks, gestures, config }) {
  const panel = config.parent ? null : document.querySelector("[data-panel]");
  if (!panel) return null;
  const body = panel.querySelector("[data-panel-body]");
  const page = panel.querySelector("[data-panel-page]");
  const specs = new Map(config.columns.map((spec) => [`c${spec.id}`, spec]));
  const context = { language: config.language, words: config.words };
  let shown = null; // the row asked for
  let owner = null; // the row of the fields that are here
  let request = null;
  let timer = 0;

  const active = () => {
    const row = store.getItem(grid.getActiveCell()?.row ?? -1);
    return row?.id ? row : null;
  };

  function open() {
    const row = active();
    if (!row) return;
    if (panel.hidden || row !== shown) load(row);
    panel.hidden = false;
    panel.focus();
  }

  function close() {
    panel.hidden = true;
    request?.abort();
    clearTimeout(timer);
    clear();
    shown = null;
    grid.focus();
  }

  /** The panel stays with the row one stands on; one whose page of rows is still to come is waited for. */
  function follow() {
    const row = active();
    if (panel.hidden || !row || row.id === shown?.id) return;
    clearTimeout(timer);
    timer = setTimeout(() => load(row), SETTLE);
  }

  async function load(row, search = new URLSearchParams()) {
    commit();
    request?.abort();
    request = new AbortController();
    shown = row;
    page.href = config.urls.record.replace("/0/", `/${row.id}/`);
    search.set("panel", "");
    panel.setAttribute("aria-busy", "true");
    try {
      await writer.settle();
      const part = await requestPart(`${page.href}?${search}`, { signal: request.signal });
      const focused = panel.contains(document.activeElement) ? document.activeElement.id : "";
      clear();
      body.append(part);
      owner = row;
      panel.setAttribute("aria-label", body.querySelector("h2").textContent);
      body.dispatchEvent(new Event("contents", { bubbles: true }));
      refresh();
      if (focused || document.activeElement === document.body) (body.querySelector(`[id="${focused}"]`) ?? panel).focus();
      panel.removeAttribute("aria-busy");
    } catch (error) {
      if (error.name !== "AbortError") toast(error.message, "error");
    }
  }

  /** What is typed is kept, the sheet of sub-rows says goodbye; a field that goes with the focus in it changes nothing. */
  function clear() {
    commit();
    owner = null;
    for (const sheet of body.querySelectorAll(".sheet")) sheet.dispatchEvent(new Event("leave"));
    body.replaceChildren();
  }

  async function step(rows) {
    const at = grid.getActiveCell();
    const next = Math.max(0, Math.min(at.row + rows, store.length - 1));
    grid.scrollRowIntoView(next);
    await store.ensure(next, next);
    grid.setActiveCell(next, at.cell);
    if (!panel.contains(document.activeElement)) panel.focus();
  }

  const row = () => store.row(owner.id) ?? owner;
  const fields = () =>
    [...body.querySelectorAll(".record-field [id]")].filter(({ id }) => specs.has(id) && specs.get(id).type !== "file");

  function text(field) {
    const spec = specs.get(field.id);
    const value = row().cells[spec.id] ?? null;
    if (spec.multiple && Array.isArray(value)) return value.map((one) => display(one, spec, context)).join("\n");
    return display(value, spec, context);
  }

  /** What is typed in the field one is in becomes a cell, as if one had left it. */
  function commit() {
    if (body.contains(document.activeElement)) save(document.activeElement);
  }

  function save(field) {
    const spec = specs.get(field.name);
    if (!spec || !owner || field.value === text(field)) return;
    const typed = field.value.trim();
    const plain = ["text", "memo"].includes(spec.type) && !spec.multiple;
    const lines = typed.split("\n").filter(Boolean).map((line) => ({ typed: line.trim() }));
    const value = plain ? field.value : spec.multiple ? lines : { typed };
    gestures.change([{ row: row(), column: spec.id, value: typed === "" ? null : value }]);
  }

  /** Fields of files: what is in them, and what is chosen for them. */
  function refreshFiles() {
    for (const place of body.querySelectorAll("[data-files]")) {
      const spec = specs.get(place.dataset.files);
      const change = (value) => gestures.change([{ row: row(), column: spec.id, value }]);
      if (spec) listFiles(place, row(), spec, config, (text) => change(without(text, row().cells[spec.id], spec)));
    }
  }

  async function saveFiles(input) {
    const spec = specs.get(input.name);
    const owned = row();
    const value = await uploaded([...input.files], spec, owned.cells[spec.id]);
    input.value = "";
    if (value !== undefined) gestures.change([{ row: owned, column: spec.id, value }]);
  }

  /** The fields as the cells are now, save the one somebody types in. */
  function refresh() {
    refreshFiles();
    for (const field of fields()) {
      const mark = marks.get(row(), specs.get(field.id).id);
      if (field !== document.activeElement) field.value = text(field) || (field.localName === "output" ? "—" : "");
      refuse(field, mark?.state === "refused" ? mark.message : "");
    }
  }

  function refuse(field, reason) {
    const id = `${field.id}-error`;
    let note = document.getElementById(id);
    if (!reason) {
      note?.remove();
      field.removeAttribute("aria-invalid");
      return;
    }
    if (!note) {
      note = document.createElement("span");
      Object.assign(note, { id, className: "error-text" });
      field.after(note);
    }
    note.textContent = reason;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", id);
  }

  function onKey(event) {
    const field = event.target.closest("input, textarea, select");
    if (event.isComposing || event.defaultPrevented || event.target.closest(".sheet, .options")) return;
    const vertical = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const paging = { PageUp: -1, PageDown: 1 }[event.key];
    if (event.key === "Escape") {
      if (owner && specs.has(field?.name) && field.value !== text(field)) field.value = text(field);
      else close();
    } else if (paging || (vertical && !field)) step(paging ?? vertical);
    else return;
    event.preventDefault();
  }

  panel.addEventListener("keydown", onKey);
  body.addEventListener("change", ({ target }) => (target.type === "file" ? saveFiles(target) : save(target)));
  body.addEventListener("submit", (event) => event.preventDefault());
  body.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-within]");
    if (!link || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    load(shown, new URLSearchParams(link.search));
  });
  panel.querySelector("[data-panel-close]").addEventListener("click", close);
  for (const button of panel.querySelectorAll("[data-panel-step]")) {
    button.addEventListener("click", () => step(Number(button.dataset.panelStep)));
  }
  grid.onActiveCellChanged.subscribe(follow);
  store.addEventListener("rows", follow);
  for (const [source, name] of [[writer, "painted"], [store, "renewed"]]) {
    source.addEventListener(name, ({ detail }) => {
      if (owner && [...detail].some(({ id }) => id === owner.id)) refresh();
    });
  }
  return { open, close };
}
