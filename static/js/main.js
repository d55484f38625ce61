// Attaches a controller to every element with data-controller="name …". Each is one file that exports connect(element).
// Whoever adds contents to the page afterwards sends the event "contents" from their root.
const controllers = {
  dialog: () => import("./dialog.js"),
  menu: () => import("./menu.js"),
  narrow: () => import("./narrow.js"),
  options: () => import("./options.js"),
  progress: () => import("./progress.js"),
  proposal: () => import("./proposal.js"),
  sheet: () => import("./sheet/sheet.js"),
  sidebar: () => import("./sidebar.js"),
  slug: () => import("./slug.js"),
  theme: () => import("./theme.js"),
  upload: () => import("./upload.js"),
};

function connect(root) {
  for (const element of root.querySelectorAll("[data-controller]")) {
    for (const name of element.dataset.controller.split(" ")) {
      controllers[name]?.().then((module) => module.connect(element));
    }
  }
}

connect(document);
document.addEventListener("contents", (event) => connect(event.target));
