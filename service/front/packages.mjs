// Files of the packages that npm installed beside this one, and the names of what is made of them.
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const MODULES = path.join(path.dirname(fileURLToPath(import.meta.url)), "node_modules");

export const read = (name, encoding) => readFile(path.join(MODULES, name), encoding);

export const manifest = async (name) => JSON.parse(await read(`${name}/package.json`, "utf8"));

export const version = async (name) => (await manifest(name)).version;

// The text of a package's licence, or nothing where it carries none.
export async function licence(name) {
  const found = (await readdir(path.join(MODULES, name))).find((file) => /^licen[cs]e/i.test(file));
  return found && read(`${name}/${found}`, "utf8");
}

// What tells one content of a file from another: the start of its SHA-256, which its address carries.
export const edition = (bytes) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);
