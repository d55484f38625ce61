// Attaches a controller to every element with data-controller="name …". Each is one file that exports connect(element).
const controllers = {
  dialog: () => import("./dialog.mjs"),
  menu: () => import("./menu.mjs"),
  narrow: () => import("./narrow.mjs"),
  progress: () => import("./progress.mjs"),
  proposal: () => import("./proposal.mjs"),
  sheet: () => import("./sheet/sheet.mjs"),
  sidebar: () => import("./sidebar.mjs"),
  slug: () => import("./slug.mjs"),
  theme: () => import("./theme.mjs"),
  upload: () => import("./upload.mjs"),
};

export function connect(root) {
  for (const element of root.querySelectorAll("[data-controller]")) {
    for (const name of element.dataset.controller.split(" ")) {
      controllers[name]?.().then((module) => module.connect(element));
    }
  }
}

connect(document);
