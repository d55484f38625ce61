// What a page of the bench tells of itself: added to every page before its own scripts.
globalThis.bench = { shift: 0, first: null };

new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) bench.shift += entry.value;
}).observe({ type: "layout-shift", buffered: true });

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
const painted = async () => {
  await frame();
  await new Promise((resolve) => setTimeout(resolve));
};

// The first row one can read: of the server's table, or of a grid.
(async () => {
  while (!document.querySelector("[data-grid] tbody td + td, .slick-row .slick-cell + .slick-cell")) await frame();
  bench.first = performance.now();
})();

const grid = () => globalThis.grid ?? document.querySelector(".sheet").sheet.grid;

const filled = (row) => {
  const cell = document.querySelector(`.slick-row[data-row="${row}"]:not(.loading) .slick-cell.l1`);
  return cell !== null && cell.textContent !== "";
};

/** ms until the row is on the screen with its contents. */
bench.jump = async (row) => {
  const begun = performance.now();
  grid().scrollRowToTop(row);
  do await frame();
  while (!filled(row)); // what stands before a frame is painted in it
  await new Promise((resolve) => setTimeout(resolve));
  return performance.now() - begun;
};

/** ms of each frame while scrolling 120 pixels a frame. */
bench.scroll = async (frames) => {
  const view = document.querySelector(".slick-viewport-top.slick-viewport-left");
  const canvas = [...document.querySelectorAll(".slick-viewport")].find((one) => one.scrollHeight > one.clientHeight + 50) ?? view;
  const times = [];
  let last = await frame();
  for (let at = 0; at < frames; at += 1) {
    canvas.scrollTop += 120;
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  return times;
};

/** ms from the key to the letter on the screen; the keys come from outside. */
bench.keys = [];
addEventListener("keydown", async (event) => {
  if (event.key.length !== 1 || event.ctrlKey) return;
  await painted();
  bench.keys.push(performance.now() - event.timeStamp);
}, { capture: true });

bench.paste = async (text) => {
  const { store, writer } = document.querySelector(".sheet").sheet;
  const data = new DataTransfer();
  data.setData("text/plain", text);
  grid().setActiveCell(store.length, 1);
  await painted();
  const begun = performance.now();
  document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
  while (!writer.waiting) await frame();
  await painted();
  const shown = performance.now() - begun;
  let longest = 0;
  let last = await frame();
  while (writer.waiting) {
    const now = await frame();
    longest = Math.max(longest, now - last);
    last = now;
  }
  return { shown, saved: performance.now() - begun, longest };
};
