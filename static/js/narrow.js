// A search field that narrows the list named by aria-controls as one types.
export function connect(input) {
  const list = document.getElementById(input.getAttribute("aria-controls"));
  const empty = list?.parentElement.querySelector("[data-empty]");
  input.addEventListener("input", () => {
    const wanted = input.value.trim().toLocaleLowerCase();
    let shown = 0;
    for (const item of list.children) {
      item.hidden = !item.textContent.toLocaleLowerCase().includes(wanted);
      shown += item.hidden ? 0 : 1;
    }
    if (empty) empty.hidden = shown > 0;
  });
}
