// The theme buttons are a form that works by itself; here they switch at once and tell the server in the background.
export function connect(form) {
  form.addEventListener("submit", (event) => {
    const theme = event.submitter?.value;
    if (!theme) return;
    event.preventDefault();
    const html = document.documentElement;
    if (theme === "auto") delete html.dataset.theme;
    else html.dataset.theme = theme;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button === event.submitter));
    }
    const body = new FormData(form, event.submitter);
    fetch(form.action, { method: "POST", body, redirect: "manual" });
  });
}
