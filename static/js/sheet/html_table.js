// The table that LibreOffice and Excel put on the clipboard beside the text: what is shown in a cell and, where they say
// it, the exact value behind it.
//
// LibreOffice: sdval="1234.5678" sdnum="language;format language;format"; a date is a number of days with a format of D,
// M and Y. Excel: x:num="1234.5678". Cells joined with others stand in the first one, the rest are empty.
const SPREADSHEET = /\bsd(val|num)=|\bx:num\b|schemas-microsoft-com:office:excel|LibreOffice|OpenOffice/i;
const DAY = 86_400_000;
const FIRST_DAY = Date.UTC(1899, 11, 30); // day 0 of spreadsheets

/** Lines of cells {text, number?, moment?} in canonical text; null where it is no table of a spreadsheet. */
export function readTable(html) {
  if (!SPREADSHEET.test(html)) return null;
  const table = new DOMParser().parseFromString(html, "text/html").querySelector("table");
  if (!table) return null;
  const lines = [...table.rows].map(() => []);
  [...table.rows].forEach((row, at) => {
    let column = 0;
    for (const cell of row.cells) {
      while (lines[at][column]) column += 1;
      const { rowSpan, colSpan } = cell;
      for (let down = 0; down < Math.min(rowSpan, lines.length - at); down += 1) {
        for (let right = 0; right < colSpan; right += 1) {
          lines[at + down][column + right] = down || right ? { text: "" } : read(cell);
        }
      }
    }
  });
  return lines.length ? lines : null;
}

function read(cell) {
  for (const end of cell.querySelectorAll("br")) end.replaceWith("\uE000");
  const text = cell.textContent.replace(/[ \t\r\n]+/g, " ").trim().replace(/ ?\uE000 ?/g, "\n");
  const number = cell.getAttribute("sdval") || cell.getAttribute("x:num") || "";
  if (!/^-?\d+(\.\d+)?$/.test(number)) return { text };
  const format = (cell.getAttribute("sdnum") ?? "").split(";").slice(2).join(";");
  return isDate(format) ? { text, moment: moment(Number(number)) } : { text, number };
}

/** Whether a number format shows a date or a clock; letters in quotes and colours in brackets do not count. */
const isDate = (format) => /[DYH]|MM/i.test(format.replace(/"[^"]*"|\[[^\]]*\]/g, "")) && !/[0#]/.test(format);

function moment(days) {
  return new Date(FIRST_DAY + Math.round((days * DAY) / 1000) * 1000).toISOString().slice(0, 19);
}
