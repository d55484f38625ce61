// The menu of a column: from its heading by mouse or Tab, from a cell by Alt+Down.
import { popup } from "./popup.js";

/** `acts`: filterBy(column), filterValues(column), chooseTotal(column). */
export function bindColumnMenu(root, { grid, config, question, layout }, acts) {
  const { words } = config;
  const container = root.querySelector("[data-grid]");
  const { menu, open: openAt } = popup(root, "column-menu");

  container.addEventListener("click", (event) => {
    const button = event.target.closest(".head-menu");
    if (!button) return;
    event.stopPropagation();
    open(Number(button.closest("[data-column]").dataset.column), button);
  });
  container.addEventListener(
    "keydown",
    (event) => {
      if (!event.altKey || event.key !== "ArrowDown" || event.ctrlKey || grid.getCellEditor()) return;
      const column = grid.getColumns()[grid.getActiveCell()?.cell];
      if (!column?.spec) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      open(column.id, container.querySelector(`[data-column="${column.id}"] .head-menu`));
    },
    { capture: true },
  );
  function open(id, button) {
    fill(id);
    openAt(button);
    if (menu.querySelector(".menu-note")) menu.setAttribute("aria-describedby", "column-note");
    else menu.removeAttribute("aria-describedby");
  }

  function fill(id) {
    const { spec } = layout.byId.get(id);
    const at = layout.place(id);
    const last = layout.columns.length - 1;
    const groups = config.groups.includes(id) ? config.groups.filter((one) => one !== id) : [...config.groups, id];
    menu.setAttribute("aria-label", words.columnMenu.replace("%s", spec.name));
    menu.replaceChildren(
      ...(spec.description ? [note(spec.description)] : []),
      item("arrow-up", words.sortUp, () => question.sortAs(id, false)),
      item("arrow-down", words.sortDown, () => question.sortAs(id, true)),
      rule(),
    );
    if (!config.parent) {
      if (!["secret", "date"].includes(spec.kind)) menu.append(item("checkbox", words.filterValues, () => acts.filterValues(id)));
      menu.append(item("filter", words.filterWith, () => acts.filterBy(id)));
      if (spec.kind !== "secret" && groups.length <= 3) {
        menu.append(item("list-tree", groups.includes(id) ? words.group : words.ungroup, () => question.groupBy(groups)));
      }
      menu.append(rule());
    }
    if (at > 1) menu.append(item("arrow-left", words.moveLeft, () => layout.move(id, -1)));
    if (at < last) menu.append(item("arrow-right", words.moveRight, () => layout.move(id, 1)));
    if (last > 1) menu.append(item("eye-off", words.hideColumn, () => layout.hide(id)));
    menu.append(item("lock", words.freeze, () => layout.freezeTo(id)));
    if (layout.frozen) menu.append(item("lock", words.unfreeze, () => layout.freezeTo(null)));
    if (spec.totals.length) menu.append(item("math-function", words.totalOf, () => acts.chooseTotal(id)));
    const colours = config.parent || spec.kind === "secret" ? null : config.urls.colours.replace("/0/", `/${id}/`);
    const offered = [
      ["list-tree", words.colours, colours && `${colours}?${question.address()}`],
      ["settings", words.columnSettings, spec.settings],
      ["typography", words.columnType, spec.retype],
      ["lock", words.columnAccess, spec.access],
      ["arrow-left", words.insertLeft, insert("left", id)],
      ["arrow-right", words.insertRight, insert("right", id)],
      ["columns-3", words.duplicateColumn, spec.copy && `${spec.copy}?${question.address()}`],
      ["trash", words.deleteColumn, spec.remove],
    ].filter(([, , href]) => href);
    if (offered.length) menu.append(rule(), ...offered.map((one) => link(...one)));
    menu.dispatchEvent(new Event("contents", { bubbles: true }));
  }

  /** Address of the form that makes a column on this side of another. */
  function insert(side, id) {
    if (!config.urls.insert || config.parent) return null;
    const search = question.address();
    search.set(side, id);
    return `${config.urls.insert}?${search}`;
  }

  function item(icon, text, act) {
    const button = document.createElement("button");
    button.type = "button";
    button.addEventListener("click", act);
    return labelled(button, icon, text);
  }

  function link(icon, text, href) {
    const anchor = document.createElement("a");
    anchor.href = href;
    anchor.dataset.controller = "dialog";
    return labelled(anchor, icon, text);
  }

  function labelled(element, icon, text) {
    element.role = "menuitem";
    element.tabIndex = -1;
    element.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${config.icons}#i-${icon}"/></svg>`;
    element.append(text);
    return element;
  }

  return { open };
}

function note(text) {
  const line = document.createElement("p");
  line.className = "menu-note";
  line.id = "column-note";
  line.textContent = text;
  return line;
}

function rule() {
  const line = document.createElement("hr");
  line.role = "separator";
  return line;
}
