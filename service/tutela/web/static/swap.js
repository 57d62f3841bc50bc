// Forms and links marked with data-swap show their answer without a reload: the page that their address gives is fetched, and
// the part of it with the same id takes the place of the one here. Without this script they are plain forms and links.

const part = (element) => {
  const name = element.dataset.swap || element.closest("[data-part]")?.id || "main";
  return document.getElementById(name) ? name : "main";
};

// What the page shows, without the place in it: going to another place of it asks for nothing.
const where = (address) => `${address.pathname}${address.search}`;
let shown = where(location);

async function show(address, name, push) {
  const place = document.getElementById(name);
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" } });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(name);
    if (!fresh) throw new Error(`no ${name}`);
    const focused = document.activeElement?.id;
    if (push) history.pushState({ part: name }, "", address);
    document.title = page.title;
    place.replaceWith(fresh);
    shown = where(location);
    const aim = push ? document.getElementById(location.hash.slice(1)) : null;
    aim?.scrollIntoView();
    // Who works by keyboard stays where they were, or goes on where the address points.
    if (aim) aim.focus({ preventScroll: true });
    else if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  } catch {
    location.assign(address);
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form || form.method !== "get") return;
  event.preventDefault();
  const address = new URL(form.action);
  const fields = new FormData(form, event.submitter);
  address.search = new URLSearchParams([...fields].filter(([, value]) => value !== "")).toString();
  show(address, part(form), true);
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
  show(link.href, part(link), true);
});

addEventListener("popstate", (event) => {
  if (where(location) === shown) return;
  if (event.state?.part || history.state === null) show(location.href, event.state?.part ?? "main", false);
});
