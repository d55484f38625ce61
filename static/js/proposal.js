// The proposal editor: what is left out is dimmed, and the preview follows every change. The form works without this.
const SETTLE = 400;

export function connect(form) {
  const button = form.querySelector("[data-preview-button]");
  let timer = 0;
  let request;
  button.hidden = true;

  for (const line of form.querySelectorAll("[data-line]")) {
    const keep = line.querySelector("[data-keep]");
    const update = () => line.classList.toggle("skipped", !keep.checked);
    keep.addEventListener("change", update);
    update();
  }
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(preview, SETTLE);
  });

  async function preview() {
    request?.abort();
    request = new AbortController();
    const body = new FormData(form);
    body.set("act", "preview");
    try {
      const response = await fetch(form.action, { method: "POST", body, signal: request.signal });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      for (const old of form.querySelectorAll("[data-preview]")) {
        const fresh = page.getElementById(old.id);
        if (fresh) old.replaceWith(fresh);
      }
    } catch (error) {
      if (error.name !== "AbortError") button.hidden = false;
    }
  }
}
