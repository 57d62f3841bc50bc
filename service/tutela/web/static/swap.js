// Partial page updates: forms and links with data-swap fetch the new page, and the element with the given id replaces the one
// on this page. Without this script they are plain forms and links. With data-history="replace", the choices of a form are one
// entry of the history.

const PLAY_DELAY = 1500; // milliseconds between two steps of a page that goes on by itself

const targetId = (element) => {
  const id = element.dataset.swap || element.closest("[data-part]")?.id || "main";
  return document.getElementById(id) ? id : "main";
};

// How to find an element again on the new page: by its id, or as a choice of a form by its name and value.
const selectorOf = (element) => {
  if (element?.id) return `#${CSS.escape(element.id)}`;
  return element?.name ? `[name="${CSS.escape(element.name)}"][value="${CSS.escape(element.value)}"]` : "";
};

// The URL without its fragment: navigation within the page needs no request.
const withoutFragment = (url) => `${url.pathname}${url.search}`;
let shown = withoutFragment(location);
let latest = 0; // the number of the last request: the answer to an earlier one comes too late
let timer;

// `entry` says what becomes of the history: "push" a new entry, "replace" the current one, or nothing, for a step back or forward.
async function show(url, id, entry) {
  const request = ++latest;
  clearTimeout(timer);
  const current = document.getElementById(id);
  current.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    if (request !== latest) return;
    const replacement = page.getElementById(id);
    if (!replacement) throw new Error(`no element ${id}`);
    const focused = selectorOf(document.activeElement);
    // The same page again, such as a choice that is sent when it is made and once more by the button, is no step to go back.
    const isSame = withoutFragment(new URL(url, location.href)) === withoutFragment(location);
    if (entry === "push" && !isSame) history.pushState({ part: id }, "", url);
    else if (entry) history.replaceState({ part: id }, "", url);
    document.title = page.title;
    current.replaceWith(replacement);
    const terms = page.getElementById("explained-terms");
    if (terms && id !== "main") document.getElementById("explained-terms")?.replaceWith(terms);
    shown = withoutFragment(location);
    const target = entry === "push" ? document.getElementById(location.hash.slice(1)) : null;
    target?.scrollIntoView();
    // Keep the keyboard focus where it was, or move it to the target of the URL.
    if (target) target.focus({ preventScroll: true });
    else if (focused) document.querySelector(focused)?.focus({ preventScroll: true });
    play();
  } catch {
    if (request === latest) location.assign(url);
  }
}

// A page that plays goes on to its next step by itself, until somebody stops it. Its steps are one entry of the history.
function play() {
  const playing = document.querySelector("[data-play-next]");
  if (playing) timer = setTimeout(() => show(playing.dataset.playNext, targetId(playing), "replace"), PLAY_DELAY);
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form || form.method !== "get") return;
  event.preventDefault();
  const url = new URL(form.action);
  const fields = new FormData(form, event.submitter);
  url.search = new URLSearchParams([...fields].filter(([, value]) => value !== "")).toString();
  // A choice that is sent when it is made leaves readers where they are; the button goes to the target of the form.
  if (!event.submitter) url.hash = "";
  show(url, targetId(form), form.dataset.history ?? "push");
});

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (form && event.target.matches("select, input[type=date], input[type=checkbox], input[type=radio]") && form.checkValidity()) {
    form.requestSubmit();
  }
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  // A link within a drawing has an object instead of an address.
  show(new URL(link.getAttribute("href"), location.href), targetId(link), "push");
});

addEventListener("popstate", (event) => {
  if (withoutFragment(location) === shown) return;
  if (event.state?.part || history.state === null) show(location.href, event.state?.part ?? "main", "");
});

play();
