// In which rows a right holds: conditions to choose, in the place of the text that is typed without JavaScript.
import { ConditionGroup } from "./sheet/filter_group.js";

const EVERYTHING = { join: "and", not: false, items: [] };

/** `place` holds the builder's config as JSON, the hidden input `tree` and the field of the text. */
export function connect(place) {
  const config = JSON.parse(place.querySelector("script").textContent);
  const tree = place.querySelector("[name=tree]");
  const text = place.querySelector("textarea");
  if (text.value && !tree.value) return; // a text was sent that is not understood: it is for who typed it to mend
  const context = { language: config.language, months: config.months, words: config.words };
  const layout = { byId: new Map(config.columns.map((spec) => [spec.id, { spec, context }])) };
  const group = new ConditionGroup(tree.value ? JSON.parse(tree.value) : EVERYTHING, { config, layout }, { outermost: true });
  group.root.setAttribute("aria-labelledby", "rows-builder-label");
  const label = place.querySelector("label");
  const heading = document.createElement("p");
  heading.className = "label";
  heading.id = "rows-builder-label";
  heading.textContent = label.textContent;
  label.replaceWith(heading);
  place.querySelector(".help")?.remove();
  text.replaceWith(group.root);
  place.closest("form").addEventListener("formdata", ({ formData }) => formData.set("tree", JSON.stringify(group.tree())));
}
