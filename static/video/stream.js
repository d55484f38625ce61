// One viewer: a WebSocket whose newest frame is drawn on a canvas and acknowledged, so that frames never pile up.

const SUBPROTOCOL = "integram.video";
const HEADER = 12; // sequence (uint32), capture time in ms (uint64), big-endian: video/frame.py
const FOR_GOOD = new Set([4401, 4403, 4404]); // signed out, no right, disconnected: video/permit.py

export class Stream {
  #canvas;
  #socket = null;
  #profile;
  #wanted = false;
  #delay = 500;
  #timer = 0;
  #drawn = 0;

  constructor(canvas) {
    this.#canvas = canvas;
    this.#profile = canvas.dataset.profile;
  }

  start() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#connect();
  }

  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#socket?.close();
    this.#socket = null;
  }

  /** Another profile: full, tile or low. */
  show(profile) {
    if (profile === this.#profile) return;
    this.#profile = profile;
    if (this.#wanted) {
      this.stop();
      this.start();
    }
  }

  #connect() {
    const url = new URL(this.#canvas.dataset.socket, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("profile", this.#profile);
    const socket = new WebSocket(url, [SUBPROTOCOL]);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", (event) => this.#draw(socket, event.data));
    socket.addEventListener("close", (event) => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      if (!this.#wanted || FOR_GOOD.has(event.code)) return;
      this.#timer = setTimeout(() => this.#connect(), this.#delay * (0.5 + Math.random() / 2));
      this.#delay = Math.min(this.#delay * 2, 10_000);
    });
    this.#socket = socket;
  }

  async #draw(socket, packet) {
    if (typeof packet === "string") return;
    const sequence = new DataView(packet).getUint32(0);
    try {
      const picture = await createImageBitmap(new Blob([new Uint8Array(packet, HEADER)], { type: "image/jpeg" }));
      if (this.#canvas.width !== picture.width || this.#canvas.height !== picture.height) {
        this.#canvas.width = picture.width;
        this.#canvas.height = picture.height;
      }
      this.#canvas.getContext("2d").drawImage(picture, 0, 0);
      picture.close();
      this.#delay = 500;
      this.#canvas.dataset.sequence = sequence;
    } finally {
      // Every second one: an acknowledgement is also for the frames before it, and three may be on the way.
      this.#drawn += 1;
      if (this.#drawn % 2 === 0 && socket.readyState === WebSocket.OPEN) {
        socket.send(JSON.stringify({ ack: sequence }));
      }
    }
  }
}

/** Runs the streams only while their canvas is on the screen and the page is looked at. */
export function whileVisible(streams) {
  const seen = new Map();
  const apply = (canvas, stream) => (seen.get(canvas) && !document.hidden ? stream.start() : stream.stop());
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      seen.set(entry.target, entry.isIntersecting);
      apply(entry.target, streams.get(entry.target));
    }
  });
  for (const canvas of streams.keys()) observer.observe(canvas);
  document.addEventListener("visibilitychange", () => streams.forEach((stream, canvas) => apply(canvas, stream)));
}

/** The box that saves traffic; remembered on this device. */
export function lowBandwidth(box, streams) {
  const apply = () => streams.forEach((stream, canvas) => stream.show(box.checked ? "low" : canvas.dataset.profile));
  box.checked = localStorage.getItem("video-low") === "1";
  box.addEventListener("change", () => {
    localStorage.setItem("video-low", box.checked ? "1" : "0");
    apply();
  });
  apply();
}
