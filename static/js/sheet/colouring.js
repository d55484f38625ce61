// Which colour a cell has by the rules of the view: conditions of the filter, evaluated for the rows at hand.
//
// A rule is {column, colour, test}: the column it paints (0: all), and the tree of its condition with canonical values,
// periods and persons already resolved by the server. What is not saved yet has no colour.

const KEY = 127; // letters by which text is compared
const ALL = 0;

/** The colour of the first rule that holds, or undefined. */
export function colourOf(row, spec, rules, specs) {
  if (!rules.length || !row || row.loading || row.group || row.id === null) return undefined;
  return rules.find(({ column, test }) => (column === ALL || column === spec.id) && holds(test, row, specs))?.colour;
}

function holds(node, row, specs) {
  if (!node.join) return compared(node, row.cells[node.field], specs.get(node.field));
  const found = node.join === "and" ? node.items.every((one) => holds(one, row, specs)) : node.items.some((one) => holds(one, row, specs));
  return node.not ? !found : found;
}

function compared({ op, values }, cell, spec) {
  if (!spec) return false;
  const items = (Array.isArray(cell) ? cell : [cell]).filter((item) => item !== null && item !== undefined && item !== "");
  const isBad = (item) => item.bad !== undefined;
  const read = items.filter((item) => !isBad(item) && !item.hidden && item.typed === undefined);
  if (op === "bad") return items.some(isBad);
  if (op === "not_empty") return read.length > 0 || items.some(isBad);
  if (op === "empty") return read.length === 0 && !items.some(isBad);
  if (op === "!=") return !read.some((item) => test("=", item, values, spec));
  return read.some((item) => test(op, item, values, spec));
}

function test(op, item, values, spec) {
  if (op === "in") return values.some((value) => test("=", item, [value], spec));
  if (op === "between") return test(">=", item, values.slice(0, 1), spec) && test("<=", item, values.slice(1), spec);
  const [value] = values;
  if (item.id && value?.id) return op === "=" && item.id === value.id;
  const [left, right] = pair(item, value, spec);
  switch (op) {
    case "=":
      return left === right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "contains":
      return left.includes(right);
    case "starts":
      return left.startsWith(right);
    case "ends":
      return left.endsWith(right);
  }
  return false;
}

/** Both sides as what is compared: numbers, moments to the precision of what was said, text without case. */
function pair(item, value, { kind }) {
  const said = String(value?.label ?? value ?? "");
  if (kind === "number") return [Number(item), Number(said)];
  if (kind === "date") return said.length === 10 ? [item.slice(0, 10), said] : [item, said];
  if (kind === "boolean") return [item, said];
  return [key(item.label ?? item), key(said)];
}

const key = (text) => String(text).toLowerCase().slice(0, KEY);
