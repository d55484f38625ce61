// What others do in the table, while it is open: their edits, their places, and what cannot be shown without a reload.
//
// The socket tells rows as the window request does, and ids of rows that are gone. Rows do not move under the user:
// what is new, or sorts elsewhere now, waits behind a button.
import { openLiveSocket } from "../live-socket.js";
import { toast } from "../toast.js";

const OWN = 700; // an added row hears of itself before its own answer is in
const MOVES = 300; // between two tellings of where the user is

export function bindLive(root, { grid, store, marks, conflicts, config }) {
  const { url, words } = config.live;
  const refresh = root.querySelector("[data-refresh]");
  const people = root.querySelector("[data-people]");
  let since = config.live.since;
  let known = [{ have: config.live.have, seal: config.live.seal }]; // rows given to this page, with the proof of it
  let me = ""; // this page among those present

  const { send, leave } = openLiveSocket(url, {
    opened: () => {
      for (const served of known) send(served);
      send({ since });
      tellPlace();
      root.dataset.online = "true";
    },
    closed: (forGood) => {
      delete root.dataset.online;
      if (forGood) store.reload(); // which says why
    },
    take,
  });

  function take(message) {
    if (message.you) me = message.you;
    if (message.people) showPeople(message.people);
    if (message.refetch) store.reload();
    if (message.structure) toast(words.structure);
    if (message.rows) takeRows(message);
    if (message.at) since = message.at;
  }

  function takeRows({ rows, gone, by }) {
    const renewed = [];
    const strange = [];
    for (const wire of rows) {
      const held = store.row(wire[0]);
      if (!held) strange.push(wire[0]);
      else if (wire[1] > held.version && !marks.any(held)) {
        const before = { ...held.cells };
        store.renew(wire);
        conflicts.met(held, before, by);
        renewed.push(held);
      }
    }
    for (const id of gone) {
      const held = store.row(id);
      if (!held) continue;
      held.gone = true;
      renewed.push(held);
    }
    if (renewed.length) store.dispatchEvent(new CustomEvent("renewed", { detail: renewed }));
    if (gone.length) offerReload();
    if (strange.length) setTimeout(() => strange.some((id) => !store.row(id)) && offerReload(), OWN);
  }

  function offerReload() {
    if (!refresh) return;
    refresh.classList.add("calls");
    refresh.title = words.changes;
  }

  function showPeople(present) {
    const others = present.filter((person) => person.key !== me);
    people.replaceChildren(
      ...others.slice(0, 8).map(({ name }) => {
        const chip = document.createElement("span");
        chip.className = "person";
        chip.title = name;
        chip.textContent = [...name][0].toUpperCase();
        return chip;
      }),
    );
    const styles = {};
    for (const { row, column } of others) {
      const held = row && store.row(row);
      const index = held ? store.indexOf(held) : -1;
      if (index >= 0) styles[index] = { ...styles[index], [column]: "someone-here" };
    }
    grid.setCellCssStyles("people", styles);
  }

  let timer = 0;
  function tellPlace() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const at = grid.getActiveCell();
      const row = at && store.getItem(at.row);
      const column = at && grid.getColumns()[at.cell].spec?.id;
      send({ cell: row?.id && column ? [row.id, column] : [null, null] });
    }, MOVES);
  }

  store.addEventListener("served", ({ detail }) => {
    known = [...known.slice(-40), detail];
    send(detail);
    refresh?.classList.remove("calls");
  });
  grid.onActiveCellChanged.subscribe(tellPlace);
  root.addEventListener("leave", leave);
}
