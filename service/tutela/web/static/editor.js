// The query editor: Yasgui with catalogue queries as examples, and two more result views: a chart and a map.

const container = document.getElementById("editor");
const settings = JSON.parse(document.getElementById("settings").textContent);
const SVG = "http://www.w3.org/2000/svg";

const make = (name, attributes = {}, ...children) => {
  const element = name.startsWith("svg:") ? document.createElementNS(SVG, name.slice(4)) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

const rowsOf = (yasr) => ({ columns: yasr.results?.getVariables() ?? [], rows: yasr.results?.getBindings() ?? [] });
const isNumber = (term) => term?.type !== "uri" && term?.value !== "" && Number.isFinite(Number(term?.value)) && /(integer|decimal|double|float)$/.test(term?.datatype ?? "");
const numbersIn = ({ columns, rows }) => columns.filter((column) => rows.some((row) => row[column]) && rows.every((row) => !row[column] || isNumber(row[column])));
const codeOf = (term) => (term?.value.startsWith(settings.jurisdiction) ? term.value.slice(settings.jurisdiction.length) : null);
const label = (text) => make("span", {}, text);

/** A bar chart of the first numeric column, labelled with the first text column. */
class Chart {
  priority = 4;
  label = "Chart";

  constructor(yasr) {
    this.yasr = yasr;
  }

  canHandleResults() {
    const found = rowsOf(this.yasr);
    return numbersIn(found).length > 0 && found.columns.length > 1;
  }

  getIcon() {
    return label("▤");
  }

  draw() {
    const found = rowsOf(this.yasr);
    const number = numbersIn(found)[0];
    const words = found.columns.filter((column) => column !== number);
    const word = words.find((column) => found.rows.some((row) => row[column] && row[column].type !== "uri")) ?? words[0];
    const most = Math.max(...found.rows.map((row) => Number(row[number]?.value ?? 0)), 0) || 1;
    const body = make("tbody");
    for (const row of found.rows.slice(0, 500)) {
      const value = Number(row[number]?.value ?? 0);
      const bar = make("svg:svg", { class: "bar-of", width: "100%", height: "14", "aria-hidden": "true" });
      bar.append(make("svg:rect", { class: "s4 part", height: "14", width: `${Math.max(0, (value / most) * 100)}%` }));
      body.append(make("tr", {}, make("th", { scope: "row" }, row[word]?.value ?? ""), make("td", {}, bar), make("td", { class: "number" }, row[number]?.value ?? "")));
    }
    const head = make("tr", {}, make("th", { scope: "col" }, word), make("th", { scope: "col", colspan: "2" }, number));
    this.yasr.resultsEl.replaceChildren(make("table", { class: "chart" }, make("thead", {}, head), body));
  }
}

/** A map of the first column with jurisdictions, coloured by the first numeric or boolean column. */
class WorldMap {
  priority = 3;
  label = "Map";

  constructor(yasr) {
    this.yasr = yasr;
  }

  jurisdictionColumn() {
    const { columns, rows } = rowsOf(this.yasr);
    return columns.find((column) => rows.some((row) => codeOf(row[column])));
  }

  canHandleResults() {
    return Boolean(container.dataset.world && this.jurisdictionColumn());
  }

  getIcon() {
    return label("◍");
  }

  async draw() {
    const found = rowsOf(this.yasr);
    const column = this.jurisdictionColumn();
    const [world, codes] = await Promise.all([container.dataset.world, container.dataset.codes].map(async (url) => (await fetch(url)).json()));
    const known = new Map(codes.results.bindings.map((row) => [row.code.value, row]));
    const booleans = found.columns.filter((name) => found.rows.some((row) => row[name]?.datatype?.endsWith("boolean")));
    const measure = numbersIn(found)[0] ?? booleans[0];
    const values = found.rows.map((row) => Number(row[measure]?.value)).filter(Number.isFinite);
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const step = (term) => {
      if (!term) return 5;
      if (term.datatype?.endsWith("boolean")) return term.value === "true" || term.value === "1" ? 5 : 0;
      return most > least ? Math.round(((Number(term.value) - least) / (most - least)) * 5) : 5;
    };
    const byOutline = new Map();
    const notOnMap = [];
    for (const row of found.rows) {
      const jurisdiction = known.get(codeOf(row[column]));
      if (!jurisdiction) continue;
      const outline = world.places.find(({ id, name }) => (id ?? "") === (jurisdiction.numeric?.value ?? "") && (id || name === jurisdiction.name.value));
      const text = `${jurisdiction.name.value}${measure && row[measure] ? `: ${row[measure].value}` : ""}`;
      if (outline) byOutline.set(outline, [step(row[measure]), text]);
      else notOnMap.push(text);
    }
    const map = make("svg:svg", { class: "world", viewBox: `0 0 ${world.width} ${world.height}`, role: "img", "aria-label": "The results on a map; the table has the same data" });
    map.append(make("svg:path", { class: "sphere", d: world.sphere }));
    for (const outline of world.places) {
      const [tone, text] = byOutline.get(outline) ?? [null, outline.name];
      map.append(make("svg:path", { class: tone === null ? "land blank" : `land s${tone}`, d: outline.d }, make("svg:title", {}, text)));
    }
    const names = [...new Set(notOnMap)];
    const more = names.length ? [make("p", {}, `Not on the map: ${names.join(", ")}.`)] : [];
    this.yasr.resultsEl.replaceChildren(map, ...more);
  }
}

// What the widget lacks for assistive technology. It draws its parts again and again, so this is repeated after each change.
const tabs = make("div", { role: "tablist", "aria-label": "Open queries" });

function complete() {
  const list = container.querySelector(".tabsList");
  if (list) {
    // The widget's own list also has a button, which a list of tabs must not have.
    list.removeAttribute("role");
    if (!tabs.isConnected) list.before(tabs);
    const ids = [...list.querySelectorAll("[role=tab]")].map(({ id }) => id).join(" ");
    if (tabs.getAttribute("aria-owns") !== ids) tabs.setAttribute("aria-owns", ids);
  }
  for (const area of container.querySelectorAll(".yasqe .CodeMirror textarea:not([aria-label])")) {
    area.setAttribute("aria-label", "SPARQL query");
    area.setAttribute("aria-describedby", "leave");
  }
  for (const area of container.querySelectorAll(".yasr .CodeMirror textarea:not([aria-label])")) area.setAttribute("aria-label", "Response");
  // The keyboard scrolls a long response.
  for (const region of container.querySelectorAll(".yasr .CodeMirror-scroll:not([role])")) {
    region.setAttribute("role", "group");
    region.setAttribute("aria-label", "Response");
    region.setAttribute("tabindex", "0");
  }
  for (const select of container.querySelectorAll(".tableSizer:not([aria-label])")) select.setAttribute("aria-label", "Rows on a page");
  for (const head of container.querySelectorAll(".yasr th")) if (!head.textContent.trim()) head.append(make("span", { class: "unseen" }, "Row"));
}

const { Yasgui } = window;
if (Yasgui) {
  let isPlanned = false;
  new MutationObserver(() => {
    if (isPlanned) return;
    isPlanned = true;
    requestAnimationFrame(() => {
      isPlanned = false;
      complete();
    });
  }).observe(container, { childList: true, subtree: true });
  document.getElementById("leave").hidden = false;
  Yasgui.Yasr.registerPlugin("chart", Chart);
  Yasgui.Yasr.registerPlugin("map", WorldMap);
  // No requests to other hosts for prefixes or terms.
  Yasgui.Yasqe.defaults.autocompleters = ["prefixes", "variables"];
  delete Yasgui.Yasqe.Autocompleters.property;
  delete Yasgui.Yasqe.Autocompleters.class;
  Object.assign(Yasgui.Yasqe.Autocompleters.prefixes, { get: settings.prefixes, persistenceId: null });
  document.getElementById("plain").hidden = true;
  container.hidden = false;
  const endpoint = new URL(settings.endpoint, location).href;
  const first = document.getElementById("query").value;
  const yasgui = new Yasgui(container, {
    persistenceId: "tutela",
    copyEndpointOnNewTab: false,
    autofocus: false,
    endpointCatalogueOptions: { getData: () => [], keys: [] },
    requestConfig: { endpoint, method: "POST" },
    // A shared link can set the query, but not the endpoint.
    populateFromUrl: (config) => ({ ...config, requestConfig: { ...config.requestConfig, endpoint } }),
    // All lines are shown: the page scrolls, not the editor within it.
    yasqe: { value: first, viewportMargin: Infinity },
    yasr: { prefixes: Object.fromEntries(settings.prefixes.map((line) => line.split(/: <|>$/).slice(0, 2))) },
  });
  const open = (name, value) => yasgui.addTab(true, { ...Yasgui.Tab.getDefaults(), name, yasqe: { value }, requestConfig: { endpoint } }, { avoidDuplicateTabs: true });
  if (settings.open && yasgui.getTab()?.getQuery() !== first) open(settings.name, first);
  const examples = document.getElementById("examples");
  examples.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { selectedOptions: [chosen] } = examples.elements.example;
    const url = new URL(examples.action);
    url.searchParams.set("example", chosen.value);
    try {
      // The page with this example has its text in the plain form.
      const response = await fetch(url, { headers: { accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      open(chosen.textContent.trim(), page.getElementById("query").value);
    } catch {
      location.assign(url);
    }
  });
}
