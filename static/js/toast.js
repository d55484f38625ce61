// Short notices in the corner. An error or a warning stays until it is closed; said again while it stands, it is not doubled.
let box;

export function toast(text, kind = "success") {
  if (!box) {
    box = document.createElement("div");
    box.className = "toasts";
    box.setAttribute("role", "status");
    document.body.append(box);
  }
  const standing = kind !== "success" && [...box.children].find((one) => one.textContent === text);
  if (standing) return standing;
  const note = document.createElement("div");
  note.className = `note ${kind}`;
  note.textContent = text;
  note.addEventListener("click", () => note.remove());
  box.append(note);
  if (kind !== "error" && kind !== "busy") setTimeout(() => note.remove(), 5000);
  return note;
}
