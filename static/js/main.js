// Attaches a controller to every element with data-controller="name …". Each is one file that exports connect(element).
// Whoever adds contents to the page afterwards sends the event "contents" from their root.
// The small ones are there before the page counts as loaded, so that its first click finds them; the sheet comes later.
import * as bulkValue from "./bulk-value.js";
import * as dialog from "./dialog.js";
import * as liveRecord from "./live-record.js";
import * as menu from "./menu.js";
import * as narrow from "./narrow.js";
import { sayKept } from "./notices.js";
import * as options from "./options.js";
import * as print from "./print.js";
import * as progress from "./progress.js";
import * as proposal from "./proposal.js";
import * as rowMenu from "./row-menu.js";
import * as sidebar from "./sidebar.js";
import * as slug from "./slug.js";
import * as theme from "./theme.js";
import * as upload from "./upload.js";

const controllers = {
  "bulk-value": bulkValue,
  dialog,
  "live-record": liveRecord,
  menu,
  narrow,
  options,
  print,
  progress,
  proposal,
  "row-menu": rowMenu,
  sidebar,
  slug,
  theme,
  upload,
};
const later = { sheet: () => import("./sheet/sheet.js"), "rows-builder": () => import("./rows-builder.js") };

function connect(root) {
  for (const element of root.querySelectorAll("[data-controller]")) {
    for (const name of element.dataset.controller.split(" ")) {
      controllers[name]?.connect(element);
      later[name]?.().then((module) => module.connect(element));
    }
  }
}

connect(document);
document.addEventListener("contents", (event) => connect(event.target));
sayKept();
