// The values of a column with how many rows have each, to tick: the server counts them in the rows of the filter.
import { requestJSON } from "../request.js";
import { display } from "./formats.js";

const SETTLE = 200;

/** A list for `column`; `chosen`: values as the builder holds them. `values()` gives those ticked, null among them for
 * the empty one. `search`: parameters of the rows to count in. */
export function valueList({ column, config, chosen, search, withEmpty }) {
  const { spec, context } = column;
  const { words } = config;
  const root = document.createElement("div");
  root.className = "value-list";
  const input = document.createElement("input");
  input.type = "search";
  input.placeholder = words.search;
  input.setAttribute("aria-label", words.search);
  const list = document.createElement("div");
  list.className = "value-items";
  list.role = "group";
  list.setAttribute("aria-label", spec.name);
  const more = document.createElement("p");
  more.className = "help";
  root.append(input, list, more);
  const named = ["text", "link"].includes(spec.kind) && !withEmpty ? config.vocabulary.persons : [];
  const people = named.map(([variable]) => ({ variable }));
  const ticked = new Map(chosen.map((value) => [keyOf(value), value]));
  let timer = 0;
  let request = null;

  async function load() {
    request?.abort();
    request = new AbortController();
    const asked = new URLSearchParams(search);
    if (input.value.trim()) asked.set("find", input.value.trim());
    const url = spec.values ?? config.urls.values.replace("/values/0", `/values/${spec.id}`);
    try {
      const answer = await requestJSON(`${url}?${asked}`, { signal: request.signal });
      show(answer.values);
      more.textContent = answer.more ? words.moreValues : answer.values.length ? "" : words.noOptions;
    } catch (error) {
      if (error.name !== "AbortError") more.textContent = error.message;
    }
  }

  function show(found) {
    const listed = found.filter(({ value }) => withEmpty || value !== null).map(({ value, count }) => [asHeld(value), count]);
    const keys = new Set(listed.map(([value]) => keyOf(value)));
    const persons = input.value ? [] : people;
    for (const value of persons) keys.add(keyOf(value));
    const others = input.value ? [] : [...ticked.values()].filter((value) => !keys.has(keyOf(value)));
    list.replaceChildren(...persons.map((value) => line(value)), ...others.map((value) => line(value, 0)), ...listed.map(([value, count]) => line(value, count)));
  }

  function line(value, count) {
    const label = document.createElement("label");
    label.className = "value-item";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.checked = ticked.has(keyOf(value));
    box.addEventListener("change", () => {
      if (box.checked) ticked.set(keyOf(value), value);
      else ticked.delete(keyOf(value));
    });
    const text = document.createElement("span");
    text.textContent = shown(value);
    const number = document.createElement("span");
    number.className = "value-count";
    if (count !== undefined) number.textContent = new Intl.NumberFormat(config.language).format(count);
    label.append(box, text, number);
    return label;
  }

  function shown(value) {
    if (value === null) return words.emptyValue;
    if (value.variable) return config.vocabulary.persons.find(([name]) => name === value.variable)?.[1] ?? `@${value.variable}`;
    return typeof value === "object" ? value.label || words.unnamed : display(value, spec, context);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(load, SETTLE);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  load();
  return { root, values: () => [...ticked.values()] };
}

const keyOf = (value) => (value === null ? "" : typeof value === "object" ? `#${value.id ?? value.variable}` : `=${value}`);
const asHeld = (value) => (value?.bad !== undefined ? value.bad : value);
