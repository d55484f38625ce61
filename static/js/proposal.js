// The proposal editor: what is skipped is dimmed, a link's target is shown where the type is a link. The form itself
// works without this.
export function connect(form) {
  for (const line of form.querySelectorAll("[data-line]")) {
    const skip = line.querySelector("[data-skip]");
    const type = line.querySelector("[data-type]");
    const target = line.querySelector("[data-target]");
    const update = () => {
      line.classList.toggle("skipped", Boolean(skip?.checked === false));
      if (target) target.hidden = type?.value !== "reference";
    };
    line.addEventListener("change", update);
    update();
  }
  form.addEventListener("submit", (event) => {
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
  });
}
