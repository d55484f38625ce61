// A sheet without rows says so, and what can be done: a first row, or all rows instead of those asked for.

export function bindEmpty(root, { store, question, config }) {
  const place = root.querySelector("[data-empty]");
  const table = place.querySelector("[data-empty-table]");
  const filter = place.querySelector("[data-empty-filter]");

  function show() {
    const asked = Boolean(question.filter || question.text);
    place.hidden = store.length > 0;
    table.hidden = asked;
    filter.hidden = !asked;
  }

  place.querySelector("[data-empty-clear]").addEventListener("click", () => question.clear());
  question.addEventListener("asked", () => (place.hidden = true));
  store.addEventListener("length", show);
  store.addEventListener("rows", show);
  if (config.window && !config.groups.length) show();
}
