// The two fonts of the pages: cut to the weights and letters that are used, with stand-ins of the same width.
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { fromBuffer } from "@capsizecss/unpack";
import { create } from "fontkitten";
import fontverter from "fontverter";
import subset from "subset-font";

import { edition, licence, read } from "./packages.mjs";

const span = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)).join("");

// The packages cut a font by script. Pages in English load the first part only; the second comes with the first letter of it.
const PARTS = {
  "": { file: "latin", text: span(0x20, 0x7e) + span(0xa0, 0xff) + "ıŒœˆ˚˜⁄€™↑↓−" + span(0x2000, 0x206f) },
  "-ext": { file: "latin-ext", text: span(0x100, 0x17f) + span(0x218, 0x21b) + span(0x1e00, 0x1e9f) },
};
const WEIGHTS = { min: 400, max: 700 };
// Tabular figures for tables; the rest is what text needs to be set properly.
const FEATURES = ["ccmp", "kern", "liga", "locl", "mark", "mkmk", "pnum", "tnum"];

// The fonts that stand in, by what machines have. A width is the mean advance of a letter in ems, weighted by the letters'
// frequency in English, at 400 and at 700: measured with @capsizecss/unpack on fonts of the same measures (Gelasio was drawn
// to Georgia's, Liberation to those of Arial and Times New Roman); at 400 they are those of @capsizecss/metrics.
const GEORGIA = { locals: ["Georgia", "Gelasio"], widths: [0.4458, 0.5186] };
const NOTO_SERIF = { locals: ["Noto Serif"], widths: [0.481, 0.512] };
const TIMES = { locals: ["Times New Roman", "Liberation Serif", "Tinos"], widths: [0.4063, 0.4326] };
const ARIAL = { locals: ["Arial", "Liberation Sans", "Arimo"], widths: [0.4458, 0.48] };
const DEJAVU_SERIF = { locals: ["DejaVu Serif"], widths: [0.5166, 0.5703] };
const DEJAVU_SANS = { locals: ["DejaVu Sans"], widths: [0.5083, 0.5742] };
const NOTO_SANS = { locals: ["Noto Sans"], widths: [0.474, 0.503] };
const ROBOTO = { locals: ["Roboto"], widths: [0.4448, 0.4521] };

const FONTS = [
  {
    slug: "source-serif-4",
    // "Source" is a reserved font name (OFL, section 3): a font that was cut goes by another. As long as the old, see rename.
    family: "Tutela Serif",
    reserved: ["Source", "Tutela"],
    variable: "--font-serif",
    fallbacks: { Georgia: GEORGIA, Noto: NOTO_SERIF, Times: TIMES, DejaVu: DEJAVU_SERIF },
    generic: "serif",
  },
  {
    slug: "inter",
    family: "Inter",
    variable: "--font-sans",
    fallbacks: { Arial: ARIAL, Roboto: ROBOTO, Noto: NOTO_SANS, DejaVu: DEJAVU_SANS },
    generic: "sans-serif",
  },
];

// Put another word of the same length for a word in the names of a font; who made it and its trademark stay as they are.
function rename(sfnt, [from, to]) {
  if (from.length !== to.length) throw new Error(`"${to}" is not as long as "${from}"`);
  const font = Buffer.from(sfnt);
  const tables = Array.from({ length: font.readUInt16BE(4) }, (_, i) => 12 + 16 * i);
  const record = tables.find((at) => font.toString("latin1", at, at + 4) === "name");
  const names = font.readUInt32BE(record + 8);
  const strings = names + font.readUInt16BE(names + 4);
  for (let i = 0; i < font.readUInt16BE(names + 2); i++) {
    const at = names + 6 + 12 * i;
    const [platform, nameId] = [font.readUInt16BE(at), font.readUInt16BE(at + 6)];
    if (nameId === 0 || nameId === 7) continue;
    const start = strings + font.readUInt16BE(at + 10);
    const bytes = font.subarray(start, start + font.readUInt16BE(at + 8));
    const encode = (word) => (platform === 1 ? Buffer.from(word, "latin1") : Buffer.from(word, "utf16le").swap16());
    const [old, fresh] = [encode(from), encode(to)];
    for (let hit = bytes.indexOf(old); hit >= 0; hit = bytes.indexOf(old, hit + fresh.length)) fresh.copy(bytes, hit);
  }
  return font;
}

// Code points as CSS writes their ranges.
function ranges(codes) {
  const runs = [];
  for (const code of codes.filter((code) => code < 0xfffe).sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last && code === last[1] + 1) last[1] = code;
    else runs.push([code, code]);
  }
  const hex = (code) => code.toString(16).toUpperCase();
  return runs.map(([a, b]) => (a === b ? `U+${hex(a)}` : `U+${hex(a)}-${hex(b)}`)).join(",");
}

const percent = (ratio) => `${(100 * ratio).toFixed(2)}%`;

function face(family, weight, src, rest) {
  const rules = { "font-family": `"${family}"`, "font-style": "normal", "font-weight": weight, src, ...rest };
  return `@font-face{${Object.entries(rules).map(([name, value]) => `${name}:${value}`).join(";")}}`;
}

// Faces of fonts that machines have, drawn to the width and height of ours, so that pages look alike before and after ours arrives.
function standIns(font, metrics) {
  return Object.entries(font.fallbacks).flatMap(([name, { locals, widths }]) =>
    metrics.map(({ weight, unitsPerEm, xWidthAvg, ascent, descent, lineGap }, i) => {
      const size = xWidthAvg / unitsPerEm / widths[i];
      const em = unitsPerEm * size;
      const src = locals.map((local) => `local("${local}${i ? " Bold" : ""}")`).join(",");
      return face(`${font.family} ${name}`, weight, src, {
        "size-adjust": percent(size),
        "ascent-override": percent(ascent / em),
        "descent-override": percent(-descent / em),
        "line-gap-override": percent(lineGap / em),
      });
    }),
  );
}

async function cutTo({ slug }, script, text, wght) {
  const whole = await read(`@fontsource-variable/${slug}/files/${slug}-${script}-wght-normal.woff2`);
  return subset(whole, text, { targetFormat: "truetype", variationAxes: { wght }, keepFeatures: FEATURES });
}

// Fonts for pictures that the server draws: its library reads neither WOFF2 nor variable fonts.
async function drawn(folder, font) {
  for (const [suffix, { file: script, text }] of Object.entries(PARTS)) {
    for (const weight of Object.values(WEIGHTS)) {
      let cut = await cutTo(font, script, text, weight);
      if (font.reserved) cut = rename(cut, font.reserved);
      await writeFile(path.join(folder, `${font.slug}${suffix}-${weight}.ttf`), cut);
    }
  }
}

export async function fonts(folder) {
  const rules = [];
  const stacks = [];
  for (const font of FONTS) {
    const metrics = [];
    for (const weight of Object.values(WEIGHTS)) {
      metrics.push({ weight, ...(await fromBuffer(await cutTo(font, "latin", PARTS[""].text, weight))) });
    }
    for (const [suffix, { file: script, text }] of Object.entries(PARTS)) {
      let cut = await cutTo(font, script, text, WEIGHTS);
      if (font.reserved) cut = rename(cut, font.reserved);
      const file = `${font.slug}${suffix}.woff2`;
      const bytes = await fontverter.convert(cut, "woff2", "truetype");
      await writeFile(path.join(folder, file), bytes);
      rules.push(
        face(font.family, `${WEIGHTS.min} ${WEIGHTS.max}`, `url("${file}?v=${edition(bytes)}") format("woff2")`, {
          // What is shown stays as it is: a font that comes later is for the next page. Pages preload the first part.
          "font-display": "optional",
          "unicode-range": ranges(create(cut).characterSet),
        }),
      );
    }
    await drawn(folder, font);
    rules.push(...standIns(font, metrics));
    const families = [font.family, ...Object.keys(font.fallbacks).map((name) => `${font.family} ${name}`)];
    stacks.push(`${font.variable}:${families.map((name) => `"${name}"`).join(",")},${font.generic}`);
    await writeFile(path.join(folder, `${font.slug}.LICENSE.txt`), await licence(`@fontsource-variable/${font.slug}`));
  }
  await writeFile(path.join(folder, "fonts.css"), [...rules, `:root{${stacks.join(";")}}`].join("\n") + "\n");
}
