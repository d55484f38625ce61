// The wall: a tile for each stream, its picture and its state.

import { poll, showState } from "./status.js";
import { lowBandwidth, Stream, whileVisible } from "./stream.js";

const wall = document.querySelector("[data-video-wall]");
if (wall) {
  const streams = new Map();
  for (const canvas of wall.querySelectorAll("[data-video-canvas]")) streams.set(canvas, new Stream(canvas));
  lowBandwidth(document.querySelector("[data-video-low]"), streams);
  whileVisible(streams);

  for (const badge of wall.querySelectorAll("[data-video-state]")) showState(badge, badge.dataset.videoState, wall);
  poll(wall.dataset.stats, (stats) => {
    const byId = new Map(stats.streams.map((stream) => [String(stream.id), stream]));
    for (const tile of wall.querySelectorAll("[data-stream]")) {
      const stream = byId.get(tile.dataset.stream);
      const badge = tile.querySelector("[data-video-state]");
      showState(badge, stream?.state ?? "closed", wall);
      badge.title = stream?.error ?? "";
    }
  });
}
