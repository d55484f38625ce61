// Dialogs of the filter: the builder of conditions in groups, and the values of one column to tick.
import { requestJSON } from "../request.js";
import { ConditionGroup } from "./filter_group.js";
import { valueList } from "./filter_values.js";

export function bindFilters(root, { config, question, layout }) {
  const { words } = config;
  const parts = { config, layout };
  root.querySelector("a[data-filter]")?.addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    build(question.tree);
  });

  function build(tree, fresh) {
    const group = new ConditionGroup(tree, parts, { outermost: true });
    if (fresh) group.add({ field: fresh, op: null, values: [] });
    else if (!group.size) group.add();
    const dialog = open(words.filter, group.root, () => ask(group.tree()));
    dialog.classList.add("wide");
    const clear = button(words.clearFilter, () => ask({ join: "and", not: false, items: [] }).then(() => dialog.close()));
    clear.classList.add("quiet");
    const apart = document.createElement("div");
    apart.className = "apart";
    apart.append(clear);
    dialog.querySelector(".form-end").prepend(apart);
    (fresh ? group.last : group.first)?.focus();
  }

  async function ask(tree) {
    const answer = await requestJSON(config.urls.asked, { method: "POST", body: { tree } });
    question.filterBy(answer.filter, answer.tree);
  }

  /** The values of one column; they are counted in the rows that the other conditions leave. */
  async function chooseValues(id) {
    const column = layout.byId.get(id);
    const others = withoutColumn(question.tree, id);
    const { filter } = await requestJSON(config.urls.asked, { method: "POST", body: { tree: others } });
    const search = question.parameters();
    if (filter) search.set("filter", filter);
    else search.delete("filter");
    const list = valueList({ column, config, chosen: ticked(question.tree, id), search, withEmpty: true });
    open(words.filterBy.replace("%s", column.spec.name), list.root, () => {
      const values = list.values();
      const items = [];
      const filled = values.filter((value) => value !== null);
      if (filled.length) items.push({ field: id, op: "in", values: filled });
      if (filled.length < values.length) items.push({ field: id, op: "empty", values: [] });
      const own = items.length > 1 ? [{ join: "or", not: false, items }] : items;
      return ask({ ...others, items: [...others.items, ...own] });
    });
    list.root.querySelector("input").focus();
  }

  function open(title, contents, act) {
    const dialog = document.createElement("dialog");
    dialog.className = "filter-dialog";
    const heading = document.createElement("h1");
    heading.id = "filter-title";
    heading.textContent = title;
    dialog.setAttribute("aria-labelledby", heading.id);
    const problem = document.createElement("p");
    problem.className = "error-text";
    problem.role = "alert";
    const form = document.createElement("form");
    const end = document.createElement("div");
    end.className = "form-end";
    const submit = document.createElement("button");
    submit.className = "button primary";
    submit.textContent = words.apply;
    end.append(button(words.cancel, () => dialog.close()), submit);
    form.append(contents, problem, end);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      submit.disabled = true;
      try {
        await act();
        dialog.close();
      } catch (error) {
        problem.textContent = error.message;
        submit.disabled = false;
      }
    });
    dialog.append(heading, form);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    return dialog;
  }

  return { filterBy: (id) => build(question.tree, id), filterValues: chooseValues, build: () => build(question.tree) };
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

const isOf = (node, id) => node.field === id && ["in", "empty"].includes(node.op);
const isOwn = (node, id) => isOf(node, id) || (node.join === "or" && !node.not && node.items.every((one) => isOf(one, id)));

/** A tree whose outermost group is an "and", with the values of the column taken out. */
function withoutColumn(tree, id) {
  if (tree.join === "or" || tree.not) return { join: "and", not: false, items: tree.items.length ? (isOwn(tree, id) ? [] : [tree]) : [] };
  return { ...tree, items: tree.items.filter((node) => !isOwn(node, id)) };
}

/** The values of the column that the filter asks for now; null: the empty one. */
function ticked(tree, id) {
  const own = isOwn(tree, id) ? [tree] : tree.join === "and" && !tree.not ? tree.items.filter((node) => isOwn(node, id)) : [];
  const flat = own.flatMap((node) => node.items ?? [node]);
  return flat.flatMap((node) => (node.op === "empty" ? [null] : node.values));
}
