// How a cell value of the wire is read by a person. The server's codecs do the same for the first page.
//
// A value is null, canonical text, {id, label} or {hidden: true} for a link, {bad: text} for text that does not fit
// its column, {typed: text} for what was typed and not answered yet, or a list of these.

import { nameOf } from "./file_text.js";
import { presented } from "./presentation.js";

const NBSP = "\u00a0";

function grouped(digits, separator) {
  return digits.length < 5 ? digits : digits.replace(/\B(?=(\d{3})+(?!\d))/g, separator);
}

function number(text, language) {
  const match = /^([+-]?)(\d+)(?:\.(\d+))?$/.exec(text);
  if (!match) return text;
  const [, sign, whole, fraction] = match;
  const [separator, point] = language === "ru" ? [NBSP, ","] : [",", "."];
  return `${sign === "-" ? "-" : ""}${grouped(whole, separator)}${fraction ? point + fraction : ""}`;
}

function date(text, language) {
  const [year, month, day] = text.split("-");
  return day ? [day, month, year].join(language === "ru" ? "." : "/") : text;
}

function datetime(text, language) {
  const [day, clock = ""] = text.split("T");
  return `${date(day, language)} ${clock.endsWith(":00") && clock.length === 8 ? clock.slice(0, 5) : clock}`;
}

const FORMATS = { number, date, datetime };

/** What a text of the column is: of a column of several values, what each of them is. */
const kindOf = (column) => column.item ?? column.type;

/** Text of a whole value: copied to the clipboard and offered for editing, shown where the column has no format. */
export function display(value, column, context) {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((item) => display(item, column, context)).join(", ");
  if (typeof value === "object") {
    return value.typed ?? value.bad ?? (value.hidden ? context.words.hidden : value.label);
  }
  if (column.type === "file") return nameOf(value);
  if (kindOf(column) === "boolean") return { 1: context.words.yes, 0: context.words.no }[value] ?? value;
  return FORMATS[kindOf(column)]?.(value, context.language) ?? value;
}

/** Text of a value in its cell: in the format of the column, which may round. */
export function shown(value, column, context) {
  if (!column.format) return display(value, column, context);
  if (Array.isArray(value)) return value.map((item) => shown(item, column, context)).join(", ");
  return (typeof value === "string" ? presented(value, column, context) : null) ?? display(value, column, context);
}

/** What an editor starts with: as shown, but numbers without the groups. */
export function editable(value, column, context) {
  const text = display(value, column, context);
  return kindOf(column) === "number" ? text.replaceAll(NBSP, "").replace(context.language === "ru" ? "" : /,/g, "") : text;
}

/** What is sent to the server for a value: ids of links, text of everything else; a hidden link as it came stays. */
export function sent(value) {
  if (value === null || value === undefined) return null;
  if (Array.isArray(value)) return value.map(sent);
  if (value.hidden) return { hidden: true };
  if (typeof value === "object") return value.id ?? value.typed ?? value.bad ?? null;
  return value;
}

export function sameValue(one, two) {
  return JSON.stringify(one ?? null) === JSON.stringify(two ?? null);
}
