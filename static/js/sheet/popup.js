// A menu that opens beside a button: arrows walk through it, Esc and a choice close it and give the focus back.

const ITEM = "[role^=menuitem]";

/** `css`: a class of its own. `open(button)` shows what the caller has put into `menu`; `back`: where the focus goes when nothing else has it. */
export function popup(root, css, back) {
  const menu = document.createElement("div");
  menu.className = `menu-list popup-menu ${css}`;
  menu.popover = "auto";
  menu.role = "menu";
  root.append(menu);
  let anchor = null;

  menu.addEventListener("keydown", (event) => {
    if (event.key === "Tab") menu.hidePopover();
    const step = { ArrowDown: 1, ArrowUp: -1, Home: 0, End: -1 }[event.key];
    if (step === undefined && event.key !== "Tab") return;
    event.preventDefault();
    if (step === undefined) return;
    const items = [...menu.querySelectorAll(ITEM)];
    const at = items.indexOf(document.activeElement);
    const next = { Home: 0, End: items.length - 1 }[event.key] ?? (at + step + items.length) % items.length;
    items[next].focus();
  });
  menu.addEventListener("click", (event) => {
    if (event.target.closest(ITEM)) menu.hidePopover();
  });
  menu.addEventListener("toggle", ({ newState }) => {
    anchor?.setAttribute("aria-expanded", String(newState === "open"));
    const { activeElement: at } = document;
    if (newState === "closed" && (at === document.body || !at.checkVisibility())) back?.();
  });

  function open(button) {
    anchor = button;
    menu.showPopover();
    const { left, bottom } = button.getBoundingClientRect();
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(4, Math.min(left, innerWidth - width - 8))}px`;
    menu.style.top = `${Math.max(4, Math.min(bottom + 4, innerHeight - height - 8))}px`;
    (menu.querySelector("[aria-checked=true]") ?? menu.querySelector(ITEM)).focus();
  }

  return { menu, open };
}
