// Suggests names of rows for a link field of a form, as one types.
import { requestJSON } from "./request.js";

const SETTLE = 160;

export function connect(input) {
  const list = document.getElementById(input.getAttribute("list"));
  let timer = 0;
  const search = async () => {
    const answer = await requestJSON(`${input.dataset.url}?${new URLSearchParams({ q: input.value })}`).catch(() => null);
    list.replaceChildren(...(answer?.options ?? []).map(({ label }) => new Option(label, label)));
  };
  input.addEventListener("focus", () => !list.children.length && search());
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, SETTLE);
  });
}
