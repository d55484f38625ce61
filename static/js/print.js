// The button of a page made for paper.
export function connect(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
