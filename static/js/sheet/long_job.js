// Waits for a job of the server, with a note of how far it is.
import { requestJSON } from "../request.js";
import { toast } from "../toast.js";

const PERIOD = 600;

/** Its last state. `text`: of the note, with %s for the number of rows done. Throws where it has failed. */
export async function ended(url, text) {
  const note = toast("", "busy");
  const number = new Intl.NumberFormat(document.documentElement.lang);
  try {
    for (;;) {
      const state = await requestJSON(url);
      if (state.phase === "done") return state;
      if (state.message) throw new Error(state.message);
      note.textContent = text.replace("%s", number.format(state.done));
      await new Promise((resolve) => setTimeout(resolve, PERIOD));
    }
  } finally {
    note.remove();
  }
}
