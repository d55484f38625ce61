// A dialog fetches the page it leads to, and with it what the server had to say; it is said on the page that is shown.
import { toast } from "./toast.js";

const KEY = "notices";

/** `response`: of a page that is about to be opened. */
export async function keepNotices(response) {
  if (response.bodyUsed) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const said = [...page.querySelectorAll("main > p.note")].map((note) => ({
    text: note.textContent.trim(),
    kind: ["error", "warning"].find((kind) => note.classList.contains(kind)) ?? "success",
  }));
  if (said.length) sessionStorage.setItem(KEY, JSON.stringify(said));
}

export function sayKept() {
  const said = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
  sessionStorage.removeItem(KEY);
  for (const { text, kind } of said) toast(text, kind);
}
