// Fingers: a tap selects a cell, a tap on the cell one is in edits it, a long press opens the menu of the row.

const LONG = 550; // ms; browsers that have a long press of their own are sooner
const FAR = 10; // px from which a press is a scroll

export function bindTouch(container, grid) {
  let press = null; // {x, y, timer}
  let finger = false; // whether the last press was one

  const end = () => {
    clearTimeout(press?.timer);
    press = null;
  };

  /** The finger that is lifted is on the menu by now, and has chosen nothing in it. */
  function swallow(event) {
    event.preventDefault();
    event.stopPropagation();
  }
  addEventListener("pointerdown", () => removeEventListener("click", swallow, { capture: true }), { capture: true });

  // The grid would take every finger for a drag over cells, and nothing would scroll.
  container.addEventListener(
    "touchstart",
    (event) => {
      if (event.target.closest(".slick-cell") && !event.target.closest(".slick-drag-replace-handle")) event.stopPropagation();
    },
    { capture: true, passive: true },
  );
  container.addEventListener("pointerdown", (event) => {
    end();
    finger = event.pointerType === "touch";
    const cell = finger && event.isPrimary && !grid.getCellEditor() && event.target.closest(".slick-cell");
    if (!cell) return;
    const { clientX: x, clientY: y } = event;
    const open = () => {
      cell.dispatchEvent(new MouseEvent("contextmenu", { bubbles: true, cancelable: true, clientX: x, clientY: y }));
      addEventListener("click", swallow, { capture: true, once: true });
    };
    press = { x, y, timer: setTimeout(open, LONG) };
  });
  container.addEventListener("pointermove", ({ clientX, clientY }) => {
    if (press && Math.hypot(clientX - press.x, clientY - press.y) > FAR) end();
  });
  for (const name of ["pointerup", "contextmenu"]) container.addEventListener(name, end);
  container.addEventListener("scroll", end, { capture: true }); // a press that is cancelled may be a long one

  // Before the grid goes to the cell that was tapped.
  grid.onClick.subscribe((event, { row, cell }) => {
    const at = grid.getActiveCell();
    if (!finger || at?.row !== row || at.cell !== cell || grid.getCellEditor() || !grid.getOptions().editable) return;
    if (event.getNativeEvent().target.closest(".tick, a, button")) return;
    event.stopImmediatePropagation(); // the grid would go to the cell, and so end the edit
    grid.editActiveCell();
  });
}
