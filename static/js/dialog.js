// A link to a page with one form, shown as a dialog above the present page. Without JavaScript the link is followed.
import { keepNotices } from "./notices.js";

export function connect(link) {
  link.addEventListener("click", async (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    const response = await fetch(link.href);
    if (!(await show(response))) location.assign(link.href);
  });
}

async function show(response) {
  const found = response.headers.get("Content-Type")?.includes("html") && !response.redirected && (await formIn(response));
  if (!found) return false;
  const dialog = document.createElement("dialog");
  dialog.append(...found);
  dialog.setAttribute("aria-labelledby", label(dialog));
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-cancel]")) {
      event.preventDefault();
      dialog.close();
    }
  });
  dialog.addEventListener("submit", (event) => submit(event, dialog));
  dialog.addEventListener("click", (event) => within(event, dialog));
  ready(dialog);
  dialog.showModal();
  dialog.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
  return true;
}

/** The contents of the page's form card, or null when the page is none. */
async function formIn(response) {
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const card = page.querySelector("[data-dialog]");
  return card ? [...card.children] : null;
}

function label(dialog) {
  const heading = dialog.querySelector("h1");
  if (!heading) return "";
  heading.id ||= "dialog-title";
  return heading.id;
}

function ready(dialog) {
  dialog.dispatchEvent(new Event("contents", { bubbles: true }));
}

/** A link of the contents that leads to other contents of the same dialog. */
function within(event, dialog) {
  const link = event.target.closest("a[data-within]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  turn(dialog, link.href);
}

async function turn(dialog, address) {
  const response = await fetch(address).catch(() => null);
  const found = response && (await formIn(response));
  if (!found) {
    location.assign(address);
    return;
  }
  refill(dialog, found);
}

function refill(dialog, found) {
  dialog.replaceChildren(...found);
  dialog.setAttribute("aria-labelledby", label(dialog));
  ready(dialog);
  dialog.scrollTop = 0;
  const first = (selector) => dialog.querySelector(selector);
  (first("[aria-invalid=true]") ?? first("input:not([type=hidden]), select, a, button"))?.focus();
}

/** Whether one has to go there: the open sheet may take over what was done. */
function carriedOut(dialog, url) {
  return dialog.dispatchEvent(new CustomEvent("carried-out", { bubbles: true, cancelable: true, detail: url }));
}

async function submit(event, dialog) {
  const form = event.target;
  if (form.matches("[data-within]")) {
    event.preventDefault();
    turn(dialog, `${form.action}?${new URLSearchParams(new FormData(form))}`);
    return;
  }
  if (form.method !== "post" || form.matches("[data-plain]")) return;
  event.preventDefault();
  const button = event.submitter;
  const body = new FormData(form, button);
  if (button) button.disabled = true; // its value is in the body: that of a disabled button is not sent
  const response = await fetch(form.action, { method: "POST", body }).catch(() => null);
  if (response?.redirected) {
    const again = form.matches("[data-again]") && (await formIn(response)); // the form of a place that is not left
    if (again) refill(dialog, again);
    else if (form.matches("[data-stay]")) dialog.close(); // the open sheet hears of it by itself
    else if (carriedOut(dialog, response.url)) {
      await keepNotices(response);
      location.assign(response.url);
    } else dialog.close();
    return;
  }
  const found = response && (await formIn(response));
  if (found) {
    refill(dialog, found);
    return;
  }
  if (button) button.disabled = false;
  form.toggleAttribute("data-plain", true);
  form.submit();
}
