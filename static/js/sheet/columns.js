// The schema of the wire as SlickGrid columns: what a cell shows and which editor it opens.
import { DateEditor } from "./editors/date.js";
import { FileEditor } from "./editors/file.js";
import { ListEditor } from "./editors/list.js";
import { MemoEditor } from "./editors/memo.js";
import { ReferenceEditor } from "./editors/reference.js";
import { TextEditor } from "./editors/text.js";
import { colourOf } from "./colouring.js";
import { fileOf, textsOf } from "./files.js";
import { shown as asShown } from "./formats.js";

export const ROW_NUMBER = "#";

const EDITORS = {
  date: DateEditor,
  datetime: DateEditor,
  file: FileEditor,
  list: ListEditor,
  memo: MemoEditor,
  reference: ReferenceEditor,
};

export function buildColumns(config, marks) {
  const { language, months, words } = config;
  const context = { language, months, words, urls: config.urls, icons: config.icons };
  const specs = new Map(config.columns.map((spec) => [spec.id, spec]));
  return [rowNumber(config), ...config.columns.map((spec) => column(spec, context, config, marks, specs))];
}

function rowNumber(config) {
  return {
    id: ROW_NUMBER,
    name: hiddenText(config.words.row),
    width: config.rowNumberWidth,
    minWidth: config.rowNumberWidth,
    cssClass: "row-number",
    headerCssClass: "row-number",
    focusable: false,
    selectable: false,
    resizable: false,
    formatter: (index, _cell, _value, _column, row) => {
      if (!row || row.id === null) return "";
      const link = document.createElement("a");
      link.href = config.urls.record.replace("/0/", `/${row.id}/`);
      link.title = config.words.open;
      link.textContent = index + 1;
      link.tabIndex = -1;
      return link;
    },
  };
}

function column(spec, context, config, marks, specs) {
  const editable = spec.edit && spec.type !== "boolean";
  return {
    id: spec.id,
    name: heading(spec, config),
    field: spec.id,
    width: spec.width,
    minWidth: 48,
    spec,
    context,
    cssClass: `${look(spec)}${spec.edit ? "" : " locked"}`,
    headerCssClass: look(spec),
    cellAttrs: spec.edit ? undefined : { "aria-readonly": "true" },
    editor: editable ? (EDITORS[spec.type] ?? TextEditor) : undefined,
    formatter: (_row, _cell, value, _column, row) => {
      const mark = marks.get(row, spec.id);
      const colour = colourOf(row, spec, config.layout.colours, specs);
      const classes = [mark?.state, mark?.conflict && "conflict", colour && `c-${colour}`, value?.bad !== undefined && "bad", value?.hidden && "hidden-link"].filter(Boolean);
      const shown = content(value, spec, context, config);
      const reason = mark?.message || (value?.bad !== undefined ? config.words.bad : "");
      if (!classes.length && !reason) return shown;
      return { [typeof shown === "string" ? "text" : "html"]: shown, addClasses: classes.join(" "), toolTip: reason };
    },
  };
}

const look = (spec) => `t-${spec.type}${spec.align ? ` a-${spec.align}` : ""}`;

function content(value, spec, context, config) {
  if (value === undefined || value === null) return spec.type === "boolean" ? box("", context.words) : "";
  if (spec.type === "boolean" && typeof value === "string") return box(value, context.words);
  if (spec.type === "file" && (typeof value === "string" || Array.isArray(value))) return files(value, spec, config);
  if (spec.type === "reference" && value.id) return link(value, spec, config);
  return asShown(value, spec, context);
}

/** The names, each beside what stands for a picture or a file. */
function files(value, spec, config) {
  const parts = document.createDocumentFragment();
  for (const text of textsOf(value)) {
    const { name, url, picture } = fileOf(text, { id: 1 }, spec.id, config.urls);
    const chip = document.createElement("span");
    chip.className = url ? "chip file-chip" : "";
    if (url) chip.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${config.icons}#i-${picture ? "photo" : "file"}"/></svg>`;
    chip.append(name);
    parts.append(chip);
  }
  return parts;
}

/** A tick to see and to click, and a word to hear. */
function box(value, words) {
  const tick = document.createElement("span");
  tick.className = "tick";
  tick.ariaHidden = "true";
  tick.dataset.value = value;
  const parts = document.createDocumentFragment();
  parts.append(tick);
  if (value) parts.append(hiddenText(value === "1" ? words.yes : words.no));
  return parts;
}

function hiddenText(text) {
  const span = document.createElement("span");
  span.className = "visually-hidden";
  span.textContent = text;
  return span;
}

function link(value, spec, config) {
  const chip = document.createElement("span");
  chip.className = "chip";
  chip.textContent = value.label || config.words.unnamed;
  return chip;
}

function heading(spec, config) {
  const name = document.createElement("span");
  name.className = "head";
  name.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${config.icons}#i-${spec.icon}"/></svg>`;
  const text = document.createElement("span");
  text.className = "head-name";
  text.textContent = spec.name;
  if (spec.description) name.title = spec.description;
  name.append(text);
  if (spec.required) {
    const star = document.createElement("span");
    star.className = "required";
    star.title = config.words.required;
    star.textContent = "*";
    name.append(star);
  }
  const order = document.createElement("span");
  order.className = "head-sort";
  order.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${config.icons}#i-arrow-up"/></svg>`;
  name.append(order);
  const menu = document.createElement("button");
  menu.type = "button";
  menu.className = "head-menu";
  menu.title = config.words.columnMenu.replace("%s", spec.name);
  menu.setAttribute("aria-label", menu.title);
  menu.setAttribute("aria-haspopup", "menu");
  menu.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${config.icons}#i-dots-vertical"/></svg>`;
  name.append(menu);
  return name;
}
