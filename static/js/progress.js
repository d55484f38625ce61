// Follows a running import: moves the bar, and loads the page anew when the phase has changed.
import { requestJSON } from "./request.js";

const PERIOD = 600;

export function connect(element) {
  const bar = element.querySelector("progress");
  const count = element.querySelector("[data-count]");
  const number = new Intl.NumberFormat(document.documentElement.lang);
  let failures = 0;

  async function look() {
    try {
      const job = await requestJSON(element.dataset.url);
      failures = 0;
      if (job.phase !== element.dataset.phase) {
        location.reload();
        return;
      }
      if (job.total) {
        bar.max = job.total;
        bar.value = job.done;
      }
      count.hidden = !job.done;
      count.textContent = count.textContent.replace(/[\d\s.,\u00a0\u202f]*$/, ` ${number.format(job.done)}`);
    } catch {
      failures += 1;
    }
    setTimeout(look, PERIOD * Math.min(1 + failures, 8));
  }

  setTimeout(look, PERIOD);
}
