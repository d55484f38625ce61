// A heading is dragged to another place. Pointer events, so that a finger does it too, after resting a moment.

const FAR = 6; // px from which a press is a drag
const REST = 350; // ms a finger rests before it drags instead of scrolling

export function bindColumnDrag(container, { layout }) {
  const mark = document.createElement("div");
  mark.className = "column-drop";
  mark.hidden = true;
  document.body.append(mark);
  let drag = null;

  container.addEventListener("pointerdown", (event) => {
    const heading = event.target.closest(".slick-header-column[data-column]");
    if (!heading || event.button !== 0 || event.target.closest(".head-menu, .slick-resizable-handle")) return;
    const id = Number(heading.dataset.column);
    if (layout.place(id) < 1) return;
    drag = { id, heading, x: event.clientX, at: event.timeStamp, touch: event.pointerType === "touch", before: null };
    addEventListener("pointermove", move);
    addEventListener("pointerup", drop, { once: true });
    addEventListener("pointercancel", end, { once: true });
  });

  function move(event) {
    if (!drag.moving) {
      if (Math.abs(event.clientX - drag.x) < FAR) return;
      if (drag.touch && event.timeStamp - drag.at < REST) return end();
      drag.moving = true;
      drag.heading.classList.add("dragged");
    }
    const headings = [...container.querySelectorAll(".slick-header-column[data-column]")].filter(
      (one) => layout.place(Number(one.dataset.column)) > 0,
    );
    const next = headings.find((one) => event.clientX < middle(one)) ?? null;
    drag.before = next ? Number(next.dataset.column) : null;
    const box = (next ?? headings.at(-1)).getBoundingClientRect();
    mark.hidden = false;
    mark.style.left = `${(next ? box.left : box.right) - 1}px`;
    mark.style.top = `${box.top}px`;
    mark.style.height = `${container.getBoundingClientRect().bottom - box.top}px`;
  }

  function drop() {
    const { id, before, moving } = drag;
    end();
    if (!moving) return;
    // The click that follows is the end of the drag, no wish to sort.
    addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
    setTimeout(() => layout.putBefore(id, before));
  }

  function end() {
    removeEventListener("pointermove", move);
    drag?.heading.classList.remove("dragged");
    mark.hidden = true;
  }
}

function middle(element) {
  const { left, width } = element.getBoundingClientRect();
  return left + width / 2;
}
