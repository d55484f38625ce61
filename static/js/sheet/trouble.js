// Rows that could not be read: a line over the sheet says why and what one can do. Where the server is only away it is
// asked again by itself; where one may not see the table any more, nothing can be changed in what is still shown.

const RETRY = 4000; // ms

export function bindTrouble(root, { grid, store, config }) {
  const line = root.querySelector("[data-trouble]");
  const text = line.querySelector("[data-trouble-text]");
  const signIn = line.querySelector("[data-sign-in]");
  const elsewhere = line.querySelector("[data-elsewhere]");
  const left = new AbortController();
  let trouble = null; // error of the last request
  let timer = 0;

  function show(error) {
    trouble = error;
    const lost = [403, 404].includes(error.status);
    text.textContent = lost ? line.dataset.lost : error.message;
    signIn.hidden = !error.signedOut;
    elsewhere.hidden = !lost;
    line.hidden = false;
    root.classList.toggle("lost", lost);
    if (lost) grid.setOptions({ editable: false, enableAddRow: false });
    clearTimeout(timer);
    if (error.offline) timer = setTimeout(again, RETRY);
  }

  function hide() {
    if (!trouble) return;
    trouble = null;
    clearTimeout(timer);
    line.hidden = true;
    if (!root.classList.contains("lost")) return;
    root.classList.remove("lost");
    grid.setOptions({ editable: config.can.change || config.can.add, enableAddRow: config.can.add });
  }

  const again = () => store.reload();

  store.addEventListener("failed", ({ detail }) => show(detail));
  store.addEventListener("rows", hide);
  line.querySelector("[data-trouble-again]").addEventListener("click", () => {
    again();
    grid.focus();
  });
  for (const name of ["online", "focus", "visibilitychange"]) addEventListener(name, () => trouble && again(), left);
  root.addEventListener("leave", () => {
    clearTimeout(timer);
    left.abort();
  });
}
