// Partial page updates: forms and links with data-swap fetch the new page, and the element with the given id replaces the one
// on this page. Without this script they are plain forms and links.

const targetId = (element) => {
  const id = element.dataset.swap || element.closest("[data-part]")?.id || "main";
  return document.getElementById(id) ? id : "main";
};

// The URL without its fragment: navigation within the page needs no request.
const withoutFragment = (url) => `${url.pathname}${url.search}`;
let shown = withoutFragment(location);

async function show(url, id, push) {
  const current = document.getElementById(id);
  current.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(url, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const replacement = page.getElementById(id);
    if (!replacement) throw new Error(`no element ${id}`);
    const focused = document.activeElement?.id;
    if (push) history.pushState({ part: id }, "", url);
    document.title = page.title;
    current.replaceWith(replacement);
    shown = withoutFragment(location);
    const target = push ? document.getElementById(location.hash.slice(1)) : null;
    target?.scrollIntoView();
    // Keep the keyboard focus where it was, or move it to the target of the URL.
    if (target) target.focus({ preventScroll: true });
    else if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  } catch {
    location.assign(url);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form || form.method !== "get") return;
  event.preventDefault();
  const url = new URL(form.action);
  const fields = new FormData(form, event.submitter);
  url.search = new URLSearchParams([...fields].filter(([, value]) => value !== "")).toString();
  show(url, targetId(form), true);
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
  show(link.href, targetId(link), true);
});

addEventListener("popstate", (event) => {
  if (withoutFragment(location) === shown) return;
  if (event.state?.part || history.state === null) show(location.href, event.state?.part ?? "main", false);
});
