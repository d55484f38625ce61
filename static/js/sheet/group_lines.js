// The lines of groups in the grid: what they say, and that a click, Enter or Space opens and closes them.
import { toast } from "../toast.js";
import { shown } from "./formats.js";

/** Before anybody else hears of the grid's events: the line of a group is no row to edit. */
export function bindGroupLines(container, grid, store, { config, layout }) {
  const { words } = config;
  const number = new Intl.NumberFormat(config.language);
  let told = false;

  store.onMetadata = (node) => {
    const first = layout.columns[1].id;
    return { cssClasses: `group-line level-${node.level}`, columns: { [first]: { formatter: () => label(node) } } };
  };
  store.addEventListener("length", () => {
    if (store.more && !told) toast(words.groupMore);
    told ||= store.more;
  });
  grid.onBeforeEditCell.subscribe((_event, { item }) => (item?.group ? false : undefined));
  grid.onClick.subscribe((event, { row }) => {
    const node = store.getItem(row)?.group;
    if (!node || !event.getNativeEvent().target.closest(".group-label")) return;
    open(node);
  });
  container.addEventListener(
    "keydown",
    (event) => {
      if (!["Enter", " "].includes(event.key) || event.target.closest("button, a")) return;
      const node = store.getItem(grid.getActiveCell()?.row ?? -1)?.group;
      if (!node) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      open(node);
    },
    { capture: true },
  );

  async function open(node) {
    const at = grid.getActiveCell();
    await store.toggle(node);
    grid.invalidate();
    const { top, bottom } = grid.getViewport();
    store.want(Math.max(top, 0), bottom);
    if (at) grid.setActiveCell(at.row, at.cell);
    grid.focus();
  }

  function label(node) {
    const { spec, context } = layout.byId.get(node.column);
    const root = document.createElement("span");
    root.className = "group-label";
    root.role = "button";
    root.setAttribute("aria-expanded", String(node.open));
    root.innerHTML = `<svg class="icon" aria-hidden="true"><use href="${config.icons}#i-${node.open ? "chevron-down" : "chevron-right"}"/></svg>`;
    const name = document.createElement("span");
    name.className = "group-name";
    name.textContent = `${spec.name}: ${node.value === null ? words.emptyValue : shown(node.value, spec, context) || words.unnamed}`;
    const count = document.createElement("span");
    count.className = "group-count";
    count.textContent = number.format(node.count);
    root.append(name, count);
    return root;
  }
}
