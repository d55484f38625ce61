// Files of cells: where they are, how they come in. A cell holds one text (file_text.js) or several.
import { requestJSON } from "../request.js";
import { toast } from "../toast.js";
import { nameOf, parts } from "./file_text.js";

const PICTURE = /\.(png|jpe?g|gif|webp|bmp)$/i;

/** The texts of a cell. */
export const textsOf = (value) => [value ?? []].flat().filter((one) => typeof one === "string");

/** {name, url, picture} of a text: where its file is; url null where it names none kept here. */
export function fileOf(text, row, column, urls) {
  const { name, key } = parts(text);
  if (!key) return { name: text, url: null, picture: null };
  const url = row.id ? `${urls.record.replace("/0/", `/${row.id}/`)}files/${column}/${key}` : null;
  return { name, url, picture: url && PICTURE.test(name) ? `${url}?shown` : null };
}

/** Sends the files to the column; gives the value the cell is to have. Several stand beside those that are there. */
export async function uploaded(files, spec, present) {
  const texts = [];
  for (const file of spec.multiple ? files : [...files].slice(0, 1)) {
    const note = toast(file.name, "busy");
    try {
      const body = new FormData();
      body.append("file", file, file.name);
      texts.push((await requestJSON(spec.files, { method: "POST", body })).value);
    } catch (error) {
      toast(`${file.name}: ${error.message}`, "error");
    } finally {
      note.remove();
    }
  }
  if (!texts.length) return undefined;
  return spec.multiple ? [...textsOf(present), ...texts] : texts[0];
}

/** The picture, or what stands for a file, with its name. */
export function fileLink({ name, url, picture }, icons) {
  const link = document.createElement(url ? "a" : "span");
  link.className = "file-link";
  if (url) Object.assign(link, { href: url, download: name });
  if (picture) {
    const image = document.createElement("img");
    Object.assign(image, { src: picture, alt: "", loading: "lazy", decoding: "async" });
    link.append(image);
  } else {
    link.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${icons}#i-file"/></svg>`;
  }
  const text = document.createElement("span");
  text.textContent = name;
  link.append(text);
  return link;
}

/** The files of a field beside the sheet; `taken(text)`: when one is taken out of it. */
export function listFiles(place, row, spec, config, taken) {
  const list = document.createElement("ul");
  list.className = "file-list";
  for (const text of textsOf(row.cells[spec.id])) {
    const item = document.createElement("li");
    item.append(fileLink(fileOf(text, row, spec.id, config.urls), config.icons));
    if (spec.edit) item.append(removeButton(text, config, () => taken(text)));
    list.append(item);
  }
  const present = place.querySelector(".file-list");
  if (present) present.replaceWith(list);
  else place.prepend(list);
}

/** A button that takes the file out of its cell. */
export function removeButton(text, { words, icons }, remove) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button quiet only-icon small" });
  button.title = words.removeFile.replace("%s", nameOf(text));
  button.setAttribute("aria-label", button.title);
  button.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${icons}#i-x"/></svg>`;
  button.addEventListener("click", remove);
  return button;
}

/** The value of a cell without one of its files. */
export function without(text, value, spec) {
  const left = textsOf(value).filter((one) => one !== text);
  return spec.multiple && left.length ? left : null;
}

/** Files dropped on a cell, and pictures pasted into the active one. */
export function bindFiles(container, { grid, store, gestures, config }) {
  const carries = (event) => event.dataTransfer?.types.includes("Files");
  let over = null;

  function mark(node) {
    if (node === over) return;
    over?.classList.remove("drop-here");
    over = node;
    over?.classList.add("drop-here");
  }

  /** The cell of files at this place that may be written, or null. */
  function target(at) {
    const row = at && store.getItem(at.row);
    const spec = at && grid.getColumns()[at.cell]?.spec;
    return row && !row.loading && !row.group && spec?.files && spec.edit && config.can.change ? { row, spec } : null;
  }

  async function put({ row, spec }, files) {
    const value = await uploaded(files, spec, row.cells[spec.id]);
    if (value !== undefined) gestures.change([{ row, column: spec.id, value }]);
  }

  container.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    const cell = grid.getCellFromEvent(event);
    const here = target(cell);
    event.preventDefault(); // a file dropped elsewhere shall not take the place of the page
    event.dataTransfer.dropEffect = here ? "copy" : "none";
    mark(here ? event.target.closest(".slick-cell") : null);
  });
  container.addEventListener("dragleave", (event) => {
    if (!container.contains(event.relatedTarget)) mark(null);
  });
  container.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    mark(null);
    const cell = grid.getCellFromEvent(event);
    const here = target(cell);
    if (!here) return;
    grid.setActiveCell(cell.row, cell.cell);
    put(here, event.dataTransfer.files);
  });
  container.addEventListener("paste", (event) => {
    const here = event.clipboardData.files.length && !grid.getCellEditor() && target(grid.getActiveCell());
    if (!here) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    put(here, [...event.clipboardData.files]);
  }, { capture: true });
}
