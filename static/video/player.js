// The player of one stream: picture, facts, full screen, snapshot into the row.

import { poll, showState } from "./status.js";
import { lowBandwidth, Stream, whileVisible } from "./stream.js";

const player = document.querySelector("[data-video-player]");
const canvas = player.querySelector("[data-video-canvas]");
const streams = new Map([[canvas, new Stream(canvas)]]);
lowBandwidth(player.querySelector("[data-video-low]"), streams);
whileVisible(streams);

player.querySelector("[data-video-full]").addEventListener("click", () => {
  if (document.fullscreenElement) document.exitFullscreen();
  else canvas.parentElement.requestFullscreen();
});

const badge = player.querySelector("[data-video-state]");
showState(badge, badge.dataset.videoState, player);
poll(player.dataset.info, (info) => {
  showState(badge, info.state, player);
  player.querySelector("[data-video-problem]").textContent = info.error;
  const facts = { ...info, size: info.width ? `${info.width} × ${info.height}` : "", frame_age: age(info.frame_age) };
  for (const fact of player.querySelectorAll("[data-fact]")) fact.textContent = facts[fact.dataset.fact];
});

function age(seconds) {
  return seconds === null ? "" : new Intl.NumberFormat(document.documentElement.lang, {
    style: "unit", unit: "second", maximumFractionDigits: 1,
  }).format(seconds);
}

const save = player.querySelector("[data-video-save]");
save?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = save.querySelector("[data-video-saved]");
  said.textContent = "";
  try {
    const answer = await fetch(save.action, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
      },
      body: JSON.stringify({ requisite_id: Number(new FormData(save).get("requisite_id")) }),
    });
    const body = await answer.json();
    said.textContent = answer.ok ? save.dataset.saved : body.detail;
  } catch {
    said.textContent = document.documentElement.dataset.offline;
  }
});
