// Shows and hides the list of tables; the choice is remembered in a cookie, so that the next page comes out right.
export function connect(button) {
  const html = document.documentElement;
  button.addEventListener("click", () => {
    const narrow = matchMedia("(max-width: 760px)").matches;
    const open = narrow ? html.dataset.sidebar !== "open" : html.dataset.sidebar === "closed";
    html.dataset.sidebar = open ? "open" : "closed";
    button.setAttribute("aria-expanded", String(open));
    if (!narrow) {
      document.cookie = `sidebar=${html.dataset.sidebar}; path=/; max-age=31536000; samesite=lax`;
    }
    dispatchEvent(new Event("resize"));
  });
}
