// The sentence that says what is shown; the server tells it, in the user's language and within his rights.
import { requestJSON } from "../request.js";

export function bindSentence(root, { config, question }) {
  const line = root.querySelector("[data-sentence-line]");
  if (!line) return;
  const text = line.querySelector("[data-sentence]");
  const save = root.querySelector("[data-view-save]");
  const slow = root.querySelector("[data-slow]");
  let request = null;

  question.addEventListener("asked", async () => {
    request?.abort();
    request = new AbortController();
    if (save) save.hidden = false;
    const search = question.parameters();
    if (config.groups.length) search.set("group", config.groups.join(","));
    try {
      const answer = await requestJSON(`${config.urls.asked}?${search}`, { signal: request.signal });
      text.textContent = answer.sentence;
      line.hidden = !answer.sentence;
      slow.textContent = answer.slow;
      slow.hidden = !answer.slow;
    } catch {
      // Left as it was: the rows themselves say what went wrong.
    }
  });
  line.querySelector("[data-clear]").addEventListener("click", (event) => {
    event.preventDefault();
    question.clear();
  });
}
