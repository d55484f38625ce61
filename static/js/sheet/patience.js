// A far jump is drawn once, when its rows are here: they come sooner than a screen of empty rows is drawn and painted.
// Where they do not, and while one goes on moving, empty rows are drawn after all.

const PATIENCE = 80; // ms, below what is seen as waiting
const STILL = 150; // ms without a move after which the next is a jump, not a part of a long way

/** From here on the grid draws by itself only what it has rows for, or what has been waited for. */
export function bindPatience(grid, store) {
  const draw = grid.render.bind(grid);
  const cellNode = grid.getCellNode.bind(grid);
  let timer = 0;
  let moved = 0; // when something was ahead last
  let place = -1; // and where

  function drawNow() {
    clearTimeout(timer);
    timer = 0;
    draw();
  }

  /** The first row looked at where nothing of it is drawn nor can be filled, else -1. */
  function ahead() {
    const { top, bottom } = grid.getVisibleRange();
    const [from, to] = [Math.max(top, 0), Math.min(bottom, store.total - 1)];
    if (from > to || grid.getCellEditor()) return -1;
    const drawn = grid.getRowCache();
    for (let index = from; index <= to; index += 1) {
      if (drawn[index] || !store.getItem(index).loading) return -1;
    }
    return from;
  }

  grid.render = () => {
    const at = ahead();
    if (at >= 0 && at === place && timer) return;
    const moving = performance.now() - moved < STILL;
    if (at >= 0) [place, moved] = [at, performance.now()];
    if (at < 0 || moving) drawNow();
    else timer ||= setTimeout(drawNow, PATIENCE);
  };
  // Whoever goes to a cell needs it at once.
  grid.getCellNode = (row, cell) => {
    if (timer) drawNow();
    return cellNode(row, cell);
  };
}
