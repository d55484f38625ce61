// «=2*3+1» typed into a cell of numbers is worked out at once: the cell holds the value, not the formula.

const TOKEN = /\s*(?:(\d+(?:[.,]\d+)?|[.,]\d+)(%?)|([-+*/^()]))/y;

/** The value as text with a point, or null where it is no calculation that can be done. */
export function calculated(text) {
  if (!/^\s*=/.test(text)) return null;
  const tokens = read(text.replace(/^\s*=/, "").replaceAll(/[\s\u00a0\u202f]/g, ""));
  if (!tokens?.length) return null;
  let at = 0;

  function sum() {
    let left = product();
    while (tokens[at] === "+" || tokens[at] === "-") left = tokens[at++] === "+" ? left + product() : left - product();
    return left;
  }

  function product() {
    let left = power();
    while (tokens[at] === "*" || tokens[at] === "/") left = tokens[at++] === "*" ? left * power() : left / power();
    return left;
  }

  function power() {
    const base = single();
    return tokens[at] === "^" ? base ** (at++, power()) : base;
  }

  function single() {
    const token = tokens[at++];
    if (typeof token === "number") return token;
    if (token === "-") return -single();
    if (token === "+") return single();
    if (token !== "(") return NaN;
    const inside = sum();
    return tokens[at++] === ")" ? inside : NaN;
  }

  const value = sum();
  if (at !== tokens.length || !Number.isFinite(value)) return null;
  const plain = Number(value.toPrecision(15)); // 0.1 + 0.2
  return Math.abs(plain) < 1e15 ? plain.toLocaleString("en", { useGrouping: false, maximumFractionDigits: 15 }) : null;
}

function read(source) {
  const tokens = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const match = TOKEN.exec(source);
    if (!match) return null;
    const [, digits, percent, sign] = match;
    tokens.push(sign ?? Number(digits.replace(",", ".")) / (percent ? 100 : 1));
  }
  return tokens;
}
