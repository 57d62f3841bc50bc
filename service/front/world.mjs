// The land of the map, projected once: what the atlas has, place by place, and nothing of our own.
import { writeFile } from "node:fs/promises";
import path from "node:path";

import { geoEqualEarth, geoGraticule, geoPath } from "d3-geo";
import { feature, merge } from "topojson-client";

import { licence, read } from "./packages.mjs";

const WIDTH = 960;
const ANTARCTICA = "010";
// Nobody lives further south but in Antarctica, which is left out; the map ends there.
const SOUTH = -60;

const outline = geoGraticule().extent([[-180, SOUTH], [180, 90]]).outline();
const projection = geoEqualEarth().fitWidth(WIDTH, outline);
const draw = geoPath(projection);

const tenths = (number) => Math.round(number * 10);
const number = (value) => String(value / 10).replace(/^(-?)0\./, "$1.");
const pair = (x, y) => number(x) + (y < 0 ? "" : ",") + number(y);

// The path of a shape in steps from point to point, to a tenth of a unit; what is smaller than that is not drawn.
function steps(shape) {
  let text = "";
  for (const ring of (draw(shape) ?? "").split("M").slice(1)) {
    const points = ring.replace("Z", "").split("L").map((point) => point.split(",").map(Number).map(tenths));
    const moved = points.filter(([x, y], i) => i === 0 || x !== points[i - 1][0] || y !== points[i - 1][1]);
    if (moved.length < 3) continue;
    text += "M" + pair(...moved[0]);
    for (let i = 1; i < moved.length; i++) {
      const step = pair(moved[i][0] - moved[i - 1][0], moved[i][1] - moved[i - 1][1]);
      text += (i === 1 ? "l" : step.startsWith("-") ? "" : " ") + step;
    }
    text += "z";
  }
  return text;
}

// Where a name or a mark goes: the middle of the largest piece, since that of all pieces may lie in the sea.
function middle(shape) {
  const pieces = shape.type === "MultiPolygon" ? shape.coordinates : [shape.coordinates];
  const parts = pieces.map((coordinates) => ({ type: "Polygon", coordinates }));
  const largest = parts.reduce((a, b) => (draw.area(b) > draw.area(a) ? b : a));
  return draw.centroid(largest).map((value) => tenths(value) / 10);
}

export async function world(folder) {
  const atlas = JSON.parse(await read("world-atlas/countries-110m.json", "utf8"));
  // Places without a code stand each by its name; the pieces of a code that appears twice are one place.
  const groups = new Map();
  for (const piece of atlas.objects.countries.geometries) {
    if (piece.id === ANTARCTICA) continue;
    const key = piece.id ?? piece.properties.name;
    groups.set(key, [...(groups.get(key) ?? []), piece]);
  }
  const places = [...groups.values()].map((pieces) => {
    const size = (piece) => draw.area(feature(atlas, piece));
    const largest = pieces.reduce((a, b) => (size(b) > size(a) ? b : a));
    const shape = pieces.length > 1 ? merge(atlas, pieces) : feature(atlas, largest).geometry;
    const [x, y] = middle(shape);
    const area = tenths(draw.area(shape)) / 10;
    return { id: largest.id ?? null, name: largest.properties.name, d: steps(shape), x, y, area };
  });
  const rank = (place) => `${place.id ?? "~"} ${place.name}`;
  places.sort((a, b) => (rank(a) < rank(b) ? -1 : 1));
  const height = Math.ceil(draw.bounds(outline)[1][1]);
  const document = { width: WIDTH, height, sphere: steps(outline), places };
  await writeFile(path.join(folder, "world.json"), JSON.stringify(document) + "\n");
  await writeFile(path.join(folder, "world.LICENSE.txt"), await licence("world-atlas"));
}
