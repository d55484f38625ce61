// Follows a running import: moves the bar, and loads the page anew when the state has changed.
import { requestJSON } from "./request.js";

const PERIOD = 700;

export function connect(element) {
  const bar = element.querySelector("progress");
  const text = element.querySelector("[data-text]");
  let failures = 0;

  async function look() {
    try {
      const job = await requestJSON(element.dataset.url);
      failures = 0;
      if (job.status !== element.dataset.status) {
        location.reload();
        return;
      }
      if (job.total) {
        bar.max = job.total;
        bar.value = job.done;
      }
      text.textContent = job.text;
    } catch {
      failures += 1;
    }
    setTimeout(look, PERIOD * Math.min(1 + failures, 8));
  }

  setTimeout(look, PERIOD);
}
