// A <details> menu: closes on Esc, on a click outside and after a choice; arrows walk through it.
export function connect(menu) {
  const summary = menu.querySelector("summary");
  const items = () => [...menu.querySelectorAll(".menu-list a, .menu-list button")].filter((item) => item.checkVisibility());

  document.addEventListener("pointerdown", (event) => {
    if (menu.open && !menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("click", (event) => {
    if (event.target.closest(".menu-list a, .menu-list button")) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && menu.open) {
      menu.open = false;
      summary.focus();
      event.stopPropagation();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    menu.open = true;
    const all = items();
    const at = all.indexOf(document.activeElement);
    all[(at + step + all.length) % all.length]?.focus();
  });
}
