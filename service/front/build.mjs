// Build what the pages load besides themselves into service/tutela/web/static/vendor/.
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

import { editor } from "./editor.mjs";
import { fonts } from "./fonts.mjs";
import { edition, version } from "./packages.mjs";
import { world } from "./world.mjs";

const HERE = path.dirname(fileURLToPath(import.meta.url));
const VENDOR = path.resolve(HERE, "../tutela/web/static/vendor");

// The index says what is in the folder; it comes last, and make takes it for the whole.
async function index(folder, styles) {
  const files = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    files[path.relative(folder, file).split(path.sep).join("/")] = edition(await readFile(file));
  }
  const sorted = Object.fromEntries(Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1)));
  const manifest = JSON.parse(await readFile(path.join(HERE, "package.json"), "utf8"));
  const packages = {};
  for (const name of Object.keys(manifest.dependencies).sort()) packages[name] = await version(name);
  const text = JSON.stringify({ hash: edition(JSON.stringify(sorted)), packages, styles, files: sorted }, null, 2);
  await writeFile(path.join(folder, "front.json"), `${text}\n`);
}

// A folder half written never stands under the name that is served.
const fresh = `${VENDOR}.${process.pid}`;
try {
  await mkdir(path.join(fresh, "yasgui"), { recursive: true });
  await fonts(fresh);
  await world(fresh);
  await index(fresh, await editor(path.join(fresh, "yasgui")));
  await rm(VENDOR, { recursive: true, force: true });
  await rename(fresh, VENDOR);
} finally {
  await rm(fresh, { recursive: true, force: true });
}
