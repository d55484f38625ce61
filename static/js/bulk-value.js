// The form that sets a value in many rows: one line or several, and what is offered, as the chosen column has it.
import { connect as suggest } from "./options.js";

export function connect(form) {
  const column = form.querySelector("[name=column]");
  const area = form.querySelector("[name=value]");
  const list = document.createElement("datalist");
  list.id = `${area.id}-options`;
  area.after(list);
  let field = area;

  function show() {
    const { options, words, lines } = column.selectedOptions[0]?.dataset ?? {};
    const next = lines === undefined ? line(options, words) : area;
    next.value = field.value;
    list.replaceChildren(...(words?.split("\n") ?? []).map((word) => new Option(word, word)));
    field.replaceWith(next);
    field = next;
    if (options && lines === undefined) suggest(next);
  }

  function line(options, words) {
    const input = document.createElement("input");
    Object.assign(input, { type: "text", id: area.id, name: area.name, autocomplete: "off" });
    for (const name of ["aria-describedby", "aria-invalid"]) {
      if (area.hasAttribute(name)) input.setAttribute(name, area.getAttribute(name));
    }
    if (options || words) input.setAttribute("list", list.id);
    if (options) input.dataset.url = options;
    return input;
  }

  column.addEventListener("change", show);
  show();
  queueMicrotask(() => field.focus());
}
