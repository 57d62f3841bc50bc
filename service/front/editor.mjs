// The query editor: Yasgui as its makers bundle it, with the licences of what is in the bundle.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

import { licence, manifest, read } from "./packages.mjs";

const YASGUI = "@zazuko/yasgui";
const BUNDLE = `${YASGUI}/build/yasgui.min`;

// Its list of prefixes is prefix.cc's, which anyone may write to: some lead to shops and worse. The page gives its own.
const PREFIXES = /(?:,[\w$]+=`[^`]*`)+,prefixes_default=\{[^}]*\}/;

function withoutPrefixes(script) {
  if (!PREFIXES.test(script)) throw new Error("the list of prefixes is not where it was in Yasgui's bundle");
  return script.replace(PREFIXES, ",prefixes_default={}");
}

// The rules that the bundle writes into the page: those of column-resizer, and its pointer while a column is drawn wider.
function styles(script) {
  const [, grip] = script.match(/\.createStyle\(\w+,`([^`]*grip-resizable[^`]*)`\)/) ?? [];
  const [, before, after] = script.match(/\.createStyle\([^,]*,`([^`]*cursor:)`\+[\w.]*dragCursor\+`([^`]*)`\)/) ?? [];
  const [, cursor] = script.match(/\bdragCursor:`([^`]*)`/) ?? [];
  if (!grip || !before || !cursor) throw new Error("Yasgui's bundle does not write its rules where it did");
  return [grip, before + cursor + after];
}

// The packages that the bundle was made of, as its source map names them; those of Yasgui itself stand by their folders.
function packagesIn(map) {
  const names = map.sources
    .filter((source) => source.includes("node_modules/"))
    .map((source) => source.split("node_modules/").at(-1).match(/^(@[^/]+\/)?[^/]+/)[0]);
  return [YASGUI, ...[...new Set(names)].sort()];
}

// Some packages name the MIT licence and carry no text of it.
async function standardText(license) {
  if (license !== "MIT") throw new Error(`a package under ${license} carries no text of it`);
  return readFile(new URL("MIT.txt", import.meta.url), "utf8");
}

async function notice(name) {
  const { author, contributors = [], homepage = "", license, version } = await manifest(name);
  const people = [author, ...contributors].map((one) => one?.name ?? one).filter(Boolean);
  const text = (await licence(name)) ?? (await standardText(license));
  return `${name} ${version}\n${license}\n${people.join(", ")}\n${homepage}\n\n${text.trim()}\n`;
}

// Write the editor; return the hashes by which a content security policy lets its rules be.
export async function editor(folder) {
  const script = (await read(`${BUNDLE}.js`, "utf8")).replace(/\n\/\/# sourceMappingURL=\S+\s*$/, "\n");
  const notices = await Promise.all(packagesIn(JSON.parse(await read(`${BUNDLE}.js.map`, "utf8"))).map(notice));
  await writeFile(path.join(folder, "yasgui.min.js"), withoutPrefixes(script));
  await writeFile(path.join(folder, "yasgui.min.css"), await read(`${BUNDLE}.css`));
  await writeFile(path.join(folder, "LICENSES.txt"), notices.join(`\n${"-".repeat(80)}\n\n`));
  return styles(script).map((text) => `sha256-${createHash("sha256").update(text).digest("base64")}`);
}
