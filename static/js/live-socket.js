// The socket of a table: opened again when it falls, each time a little later, until one leaves the page or may not
// see the table any more.

const FIRST_RETRY = 1000; // ms, doubled up to
const LAST_RETRY = 20_000;
const FORBIDDEN = 4400; // codes from here on: the next request says why

/** Calls `opened` whenever it stands, `closed` when it fell (with true: for good), `take` with each message. Gives `send` and `leave`. */
export function openLiveSocket(url, { opened, closed, take }) {
  let socket = null;
  let retry = FIRST_RETRY;
  let left = false;

  function open() {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${url}`);
    socket.addEventListener("open", () => {
      retry = FIRST_RETRY;
      opened();
    });
    socket.addEventListener("message", ({ data }) => take(JSON.parse(data)));
    socket.addEventListener("close", ({ code }) => {
      closed(!left && code >= FORBIDDEN);
      if (left || code >= FORBIDDEN) return;
      setTimeout(open, retry * (0.7 + Math.random() * 0.6));
      retry = Math.min(retry * 2, LAST_RETRY);
    });
  }

  const leave = () => {
    left = true;
    socket.close();
  };
  addEventListener("pagehide", leave);
  open();
  return { send: (message) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message)), leave };
}
