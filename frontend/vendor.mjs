// Renews static/vendor from the pinned packages: npm ci --ignore-scripts && node vendor.mjs
// The result is committed, so neither deploy nor tests need node. SHA256SUMS lists every file made.
import { createHash } from "node:crypto";
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = path.join(here, "node_modules");
const vendor = path.join(here, "..", "static", "vendor");

const packageJson = async (name) => JSON.parse(await readFile(path.join(modules, name, "package.json"), "utf8"));

/** Makes static/vendor/<name>@<version>/ and gives its path. */
async function folderOf(name) {
  const folder = path.join(vendor, `${name.split("/").pop()}@${(await packageJson(name)).version}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

async function slickgrid() {
  const folder = await folderOf("slickgrid");
  await build({
    entryPoints: [path.join(here, "slickgrid.entry.mjs")],
    outfile: path.join(folder, "slickgrid.js"),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    define: { IIFE_ONLY: "false" },
    alias: { slickgrid: path.join(modules, "slickgrid") },
    legalComments: "none",
    logLevel: "warning",
  });
  await cp(path.join(modules, "slickgrid", "LICENSE"), path.join(folder, "LICENSE"));
  await cp(path.join(modules, "sortablejs", "LICENSE"), path.join(folder, "LICENSE.sortablejs"));
}

/** One sprite of the icons the product uses: <svg><use href="…/sprite.svg#i-name"/></svg>. */
async function icons() {
  const folder = await folderOf("@tabler/icons");
  const names = JSON.parse(await readFile(path.join(here, "icons.json"), "utf8")).sort();
  const symbols = await Promise.all(
    names.map(async (name) => {
      const svg = await readFile(path.join(modules, "@tabler", "icons", "icons", "outline", `${name}.svg`), "utf8");
      const shapes = svg.slice(svg.indexOf(">", svg.indexOf("<svg")) + 1, svg.lastIndexOf("</svg>"));
      return `<symbol id="i-${name}" viewBox="0 0 24 24">${shapes.replace(/\s*\n\s*/g, "")}</symbol>`;
    }),
  );
  const sprite = `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`;
  await writeFile(path.join(folder, "sprite.svg"), sprite);
  await cp(path.join(modules, "@tabler", "icons", "LICENSE"), path.join(folder, "LICENSE"));
}

async function sums() {
  const files = await readdir(vendor, { recursive: true, withFileTypes: true });
  const lines = await Promise.all(
    files
      .filter((file) => file.isFile())
      .map((file) => path.join(file.parentPath, file.name))
      .map(async (file) => {
        const hash = createHash("sha256").update(await readFile(file)).digest("hex");
        return `${hash}  ${path.relative(vendor, file)}`;
      }),
  );
  await writeFile(path.join(vendor, "SHA256SUMS"), lines.sort((a, b) => (a.slice(66) < b.slice(66) ? -1 : 1)).join("\n") + "\n");
}

await rm(vendor, { recursive: true, force: true });
await slickgrid();
await icons();
await sums();
