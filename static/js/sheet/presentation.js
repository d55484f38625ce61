// How a column shows its numbers and dates: the format codes of qdm/types/presentation.py, the same in the browser.

const NBSP = "\u00a0";
const NUMBER = /^([$€£]?)(#,##)?0(?:\.(0{1,10}))?(%| ?[₽$€£])?$/;
const TOKENS = /yyyy|mmmm|hh:mm|mm|dd|d/g;

/** Canonical text in the format of the column; null where the text or the format does not fit. */
export function presented(text, { type, item = type, format }, { language, months }) {
  if (item === "number") return number(text, format, language);
  if (item === "date" || item === "datetime") return moment(text, format, months);
  return null;
}

function number(text, format, language) {
  const shape = NUMBER.exec(format);
  if (!shape || !/^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) return null;
  const [, prefix, grouped, places = "", suffix = ""] = shape;
  const [separator, point] = language === "ru" ? [NBSP, ","] : [",", "."];
  // A text is read exactly, however long; so is the rounding.
  const written = new Intl.NumberFormat("en", {
    style: suffix === "%" ? "percent" : "decimal",
    useGrouping: false,
    minimumFractionDigits: places.length,
    maximumFractionDigits: places.length,
    signDisplay: "negative",
  }).format(text);
  const [, sign, whole, fraction] = /^(-?)(\d+)(?:\.(\d+))?/.exec(written);
  const digits = grouped ? whole.replace(/\B(?=(\d{3})+(?!\d))/g, separator) : whole;
  return `${sign}${prefix}${digits}${fraction ? point + fraction : ""}${suffix.replace(" ", NBSP)}`;
}

function moment(text, format, months) {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d:\d\d))?/.exec(text);
  if (!match || /[^a-z:. -]/.test(format)) return null;
  const [, year, month, day, clock = "00:00"] = match;
  const [afterDay, alone] = months;
  const parts = {
    yyyy: year,
    mmmm: (format.includes("d") ? afterDay : alone)[Number(month) - 1],
    mm: month,
    dd: day,
    d: String(Number(day)),
    "hh:mm": clock,
  };
  return format.replace(TOKENS, (token) => parts[token]);
}
