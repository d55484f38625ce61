// The page of one row follows what others do to it. What is being typed stays; theirs is offered beneath it, and the
// page keeps the version it was drawn with, so that saving over it is a conflict the server names.
import { openLiveSocket } from "./live-socket.js";
import { requestPart } from "./request.js";
import { toast } from "./toast.js";

const CONTROL = "input:not([type=hidden]), textarea, select, output";

export function connect(form) {
  const { url, since, have, seal, words } = JSON.parse(form.dataset.live);
  const [id] = have;
  let point = since;
  let latest = ""; // version of the row as it was last fetched
  const drawn = new Map(controls(form).map((control) => [control.id, control.value]));

  const { send } = openLiveSocket(url, {
    opened: () => {
      send({ have, seal });
      send({ since: point });
      form.dataset.online = "true";
    },
    closed: () => delete form.dataset.online,
    take: (message) => {
      if (message.gone?.includes(id)) toast(words.gone);
      else if (message.refetch || message.rows?.some(([row]) => row === id)) follow();
      if (message.structure) toast(words.structure);
      if (message.at) point = message.at;
    },
  });

  async function follow() {
    const part = await requestPart(`${location.pathname}?panel`, {}).catch(() => null);
    const fresh = part?.querySelector("form.record");
    if (!fresh) return;
    latest = fresh.elements.version.value;
    for (const control of controls(form)) {
      const theirs = fresh.querySelector(`#${CSS.escape(control.id)}`)?.value;
      if (theirs !== undefined) settle(control, theirs);
    }
    renew();
  }

  /** Nothing of what others have saved is hidden behind what is typed here: saving goes over no edit unseen. */
  function renew() {
    if (latest && !form.querySelector(".theirs")) form.elements.version.value = latest;
  }

  function settle(control, theirs) {
    const before = drawn.get(control.id);
    if (control.value === before || control.value === theirs) {
      control.value = theirs;
      drawn.set(control.id, theirs);
      offered(control)?.remove();
    } else if (theirs !== before) {
      offer(control, theirs);
    }
  }

  function offer(control, theirs) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button small theirs";
    button.textContent = `${words.theirs}: ${theirs || "—"}`;
    button.addEventListener("click", () => {
      control.value = theirs;
      settle(control, theirs);
      control.focus();
      renew();
    });
    offered(control)?.remove();
    control.parentElement.append(button);
  }
}

const controls = (form) => [...form.querySelectorAll(".record-field:not(:has([data-files]))")].map((field) => field.querySelector(CONTROL));
const offered = (control) => control.parentElement.querySelector(".theirs");
