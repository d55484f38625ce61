// Copy and paste of ranges as text and as a table, as Excel and LibreOffice exchange them.
import { display } from "./formats.js";
import { readTable } from "./html_table.js";
import { toast } from "../toast.js";

const FILES = "application/x-integram-files"; // texts of file cells, of which the other flavours have the names

export function bindClipboard(container, { grid, store, selection, gestures, config }) {
  const editing = () => Boolean(grid.getCellEditor());
  const range = () => selection.ranges.at(-1) ?? activeRange(grid);

  async function rowsOf({ fromRow, toRow }) {
    return store.ensure(fromRow, Math.min(toRow, store.length - 1));
  }

  function onCopy(event, then, withHeadings = false) {
    if (editing()) return;
    const area = range();
    if (!area) return;
    event.preventDefault();
    const columns = columnsOf(grid, area);
    if ((area.toRow - area.fromRow + 1) * columns.length > config.mostCells) {
      toast(config.words.tooManyCells, "error");
      return;
    }
    if (store.isLoaded(area.fromRow, area.toRow)) {
      const rows = [];
      for (let index = area.fromRow; index <= Math.min(area.toRow, store.length - 1); index += 1) {
        rows.push(store.getItem(index));
      }
      const { text, html, files } = written(rows, columns, withHeadings);
      event.clipboardData.setData("text/plain", text);
      if (files) event.clipboardData.setData(FILES, JSON.stringify(files));
      event.clipboardData.setData("text/html", html);
      if (withHeadings) toast(config.words.headersCopied);
      then?.();
      return;
    }
    rowsOf(area).then(async (rows) => {
      const { text, html } = written(rows, columns, withHeadings);
      const flavours = { "text/plain": text, "text/html": html };
      await navigator.clipboard.write([new ClipboardItem(flavours)]);
      if (withHeadings) toast(config.words.headersCopied);
      then?.();
    });
  }

  async function onPaste(event) {
    if (editing()) return;
    event.preventDefault();
    const exact = readTable(event.clipboardData.getData("text/html"));
    const table = exact ?? parse(event.clipboardData.getData("text/plain")).map((line) => line.map((text) => ({ text })));
    const files = JSON.parse(event.clipboardData.getData(FILES) || "[]");
    files.forEach((line, at) => line.forEach((file, index) => file && Object.assign(table[at]?.[index] ?? {}, { file })));
    const area = range();
    if (!table.length || !area) return;
    if (table.length * table[0].length > config.mostCells) {
      toast(config.words.tooManyCells, "error");
      return;
    }
    const one = table.length === 1 && table[0].length === 1;
    const height = one ? area.toRow - area.fromRow + 1 : table.length;
    const width = one ? area.toCell - area.fromCell + 1 : Math.max(...table.map((line) => line.length));
    const columns = grid.getColumns().slice(area.fromCell, area.fromCell + width);
    const rows = await store.ensure(area.fromRow, Math.min(area.fromRow + height, store.length) - 1);
    const lines = Array.from({ length: height }, (_, at) =>
      (one ? Array(width).fill(table[0][0]) : table[at]).map((cell, index) => typed(cell, columns[index])),
    );
    gestures.paste({ rows, lines, columns });
  }

  container.addEventListener("copy", (event) => onCopy(event));
  container.addEventListener("cut", (event) => onCopy(event, () => gestures.clear()));
  container.addEventListener("paste", onPaste);

  return {
    /** The event comes from the command, wherever the focus is: it works without HTTPS too. */
    copyWithHeadings() {
      const copy = (event) => {
        event.stopPropagation();
        onCopy(event, undefined, true);
      };
      document.addEventListener("copy", copy, { capture: true });
      document.execCommand("copy");
      document.removeEventListener("copy", copy, { capture: true });
      grid.focus();
    },
  };
}

function tableCell(name, text) {
  const cell = document.createElement(name);
  cell.textContent = text;
  return cell;
}

function activeRange(grid) {
  const at = grid.getActiveCell();
  return at && { fromRow: at.row, toRow: at.row, fromCell: at.cell, toCell: at.cell };
}

const columnsOf = (grid, area) => grid.getColumns().slice(area.fromCell, area.toCell + 1).filter((column) => column.spec);

/** What one would type for the cell: the exact value behind it where the column takes such values, else what is shown. */
function typed({ text, number, moment, file }, column) {
  if (file && column?.spec?.type === "file") return file;
  const exact = { number, date: moment?.slice(0, 10), datetime: moment }[column?.spec?.type];
  return exact === undefined ? text : display(exact, { type: column.spec.type }, column.context);
}

/** As text and as a table; with `headings` the first line has the names of the columns. */
function written(rows, columns, headings) {
  const cells = rows.map((row) => columns.map((column) => display(row.cells[column.id], column.spec, column.context)));
  if (headings) cells.unshift(columns.map((column) => column.spec.name));
  /** Several values of one cell are lines of it: what pastes them has them apart again. */
  const lines = (value, { spec, context }) =>
    Array.isArray(value) && spec.type !== "file" ? value.map((one) => display(one, spec, context)).join("\n") : display(value, spec, context);
  const plain = rows.map((row) => columns.map((column) => lines(row.cells[column.id], column)));
  if (headings) plain.unshift(cells[0]);
  const quoted = (text) => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
  const table = document.createElement("table");
  for (const line of cells) {
    const tr = table.insertRow();
    for (const text of line) tr.append(tableCell(headings && line === cells[0] ? "th" : "td", text));
  }
  const whole = ({ id, spec }, row) => (spec.type === "file" ? (row.cells[id] ?? null) : null);
  const files = columns.some(({ spec }) => spec.type === "file") && [...(headings ? [[]] : []), ...rows.map((row) => columns.map((one) => whole(one, row)))];
  return { text: plain.map((line) => line.map(quoted).join("\t")).join("\n"), html: table.outerHTML, files };
}

/** Tab separated text, with quotes around what holds tabs and line breaks, as spreadsheets write it. */
export function parse(text) {
  const lines = [[]];
  const cell = /"((?:[^"]|"")*)"(?=\t|\r?\n|$)|([^\t\r\n]*)/y;
  const source = text.replace(/\r?\n$/, "");
  if (source === "") return [];
  for (let at = 0; at <= source.length; ) {
    cell.lastIndex = at;
    const [whole, quoted, plain] = cell.exec(source);
    lines.at(-1).push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (source[at] === "\t") at += 1;
    else if (source[at] === "\r" || source[at] === "\n") {
      at += source.startsWith("\r\n", at) ? 2 : 1;
      lines.push([]);
    } else break;
  }
  return lines;
}
