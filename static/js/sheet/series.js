// What follows a few cells when they are filled on: numbers and dates by their step, everything else over and over.

const NUMBER = /^([+-]?)(\d+)(?:\.(\d+))?$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)(T.*)?$/;
const DAY = 86_400_000;

/**
 * `count` values after `values` (canonical text, links, null) of a column of the type. One number is repeated, one date
 * counts days; several at an even step go on by it. `other` (Ctrl in Excel) does the opposite.
 */
export function continued(values, type, count, other = false) {
  const next = stepOf(values, type);
  const alone = values.length === 1;
  const bySteps = next && (alone && type === "number" ? other : !other);
  return Array.from({ length: count }, (_, at) => (bySteps ? next(at + 1) : values[at % values.length]));
}

/** The function that gives the n-th value after the last, or null where there is no even step. */
function stepOf(values, type) {
  if (!values.length || values.some((value) => typeof value !== "string")) return null;
  if (type === "number") return numbers(values);
  return type === "date" || type === "datetime" ? dates(values) : null;
}

function numbers(values) {
  const parts = values.map((text) => NUMBER.exec(text));
  if (parts.includes(null)) return null;
  const scale = Math.max(...parts.map(([, , , fraction = ""]) => fraction.length));
  const whole = parts.map(([, sign, digits, fraction = ""]) => BigInt(sign + digits + fraction.padEnd(scale, "0")));
  const step = even(whole, (one, two) => two - one) ?? (whole.length === 1 ? 10n ** BigInt(scale) : null);
  return step === null ? null : (n) => decimal(whole.at(-1) + step * BigInt(n), scale);
}

function decimal(whole, scale) {
  const digits = String(whole < 0n ? -whole : whole).padStart(scale + 1, "0");
  const fraction = scale ? `.${digits.slice(-scale)}` : "";
  return `${whole < 0n ? "-" : ""}${scale ? digits.slice(0, -scale) : digits}${fraction}`;
}

function dates(values) {
  const parts = values.map((text) => DATE.exec(text));
  if (parts.includes(null)) return null;
  const clock = parts[0][4] ?? "";
  if (parts.some((part) => (part[4] ?? "") !== clock)) return null;
  const days = parts.map(([, year, month, day]) => Date.UTC(year, month - 1, day) / DAY);
  const months = parts.map(([, year, month]) => year * 12 + (month - 1));
  const inMonth = alike(parts.map((part) => Number(part[3]))) ? Number(parts[0][3]) : lastDays(parts) ? 31 : null;
  const byMonths = inMonth !== null && even(months, (one, two) => two - one);
  if (byMonths) return (n) => iso(monthDay(months.at(-1) + byMonths * n, inMonth)) + clock;
  const step = even(days, (one, two) => two - one) ?? (days.length === 1 ? 1 : null);
  return step === null ? null : (n) => iso((days.at(-1) + step * n) * DAY) + clock;
}

/** The day of the month counted from year 0, or the last where the month is shorter. */
function monthDay(month, day) {
  const [year, at] = [Math.floor(month / 12), month % 12];
  return Date.UTC(year, at, Math.min(day, lastOf(year, at)));
}

const lastOf = (year, month) => new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
const lastDays = (parts) => parts.every(([, year, month, day]) => Number(day) === lastOf(Number(year), month - 1));
const iso = (moment) => new Date(moment).toISOString().slice(0, 10);
const alike = (values) => values.every((value) => value === values[0]);

/** The difference that all neighbours share, null where they do not or there is one value only. */
function even(values, difference) {
  const steps = values.slice(1).map((value, at) => difference(values[at], value));
  return steps.length && alike(steps) ? steps[0] : null;
}
