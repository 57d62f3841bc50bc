// Search suggestions while the user types (WAI-ARIA combobox with a listbox popup). Enter without a selected suggestion
// submits the form, as without this script.

const DEBOUNCE_MS = 120;

for (const field of document.querySelectorAll("input[data-suggest]")) suggest(field);

function suggest(field) {
  const list = document.createElement("ul");
  list.className = "suggestions";
  list.id = `${field.id}-suggestions`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Suggestions");
  list.hidden = true;
  field.after(list);
  field.setAttribute("role", "combobox");
  field.setAttribute("aria-autocomplete", "list");
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-expanded", "false");

  let timer, pending, selected = -1;

  const deselect = () => {
    list.children[selected]?.setAttribute("aria-selected", "false");
    selected = -1;
    field.removeAttribute("aria-activedescendant");
  };

  const close = () => {
    list.hidden = true;
    deselect();
    field.setAttribute("aria-expanded", "false");
  };

  const select = (number) => {
    const options = [...list.children];
    selected = number < 0 ? options.length - 1 : number % options.length;
    options.forEach((option, index) => option.setAttribute("aria-selected", String(index === selected)));
    field.setAttribute("aria-activedescendant", options[selected].id);
    options[selected].scrollIntoView({ block: "nearest" });
  };

  const show = (results) => {
    deselect();
    list.replaceChildren(
      ...results.map(({ label, language, kind_name, about, link }, index) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${index}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.link = link;
        const more = document.createElement("span");
        more.className = "kind";
        more.dir = "auto";
        more.textContent = about;
        const kind = document.createElement("span");
        kind.className = "kind-name";
        kind.textContent = kind_name;
        const name = document.createElement("bdi");
        name.lang = language ?? "en";
        name.textContent = label;
        option.append(name, " ", kind, " ", more);
        return option;
      }),
    );
    list.hidden = !results.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
  };

  const fetchSuggestions = async () => {
    const text = field.value.trim();
    if (!text) return close();
    pending?.abort();
    pending = new AbortController();
    try {
      const url = `${field.dataset.suggest}?${new URLSearchParams({ q: text, format: "json", limit: 8 })}`;
      const response = await fetch(url, { signal: pending.signal });
      if (response.ok) show((await response.json()).results);
    } catch {
      // The form still works without suggestions.
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    deselect(); // Enter now submits the changed text
    timer = setTimeout(fetchSuggestions, DEBOUNCE_MS);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return close();
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      select(selected + (event.key === "ArrowDown" ? 1 : selected < 0 ? 0 : -1));
    } else if (event.key === "Enter" && selected >= 0) {
      event.preventDefault();
      location.assign(list.children[selected].dataset.link);
    }
  });
  list.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-link]");
    if (option) {
      event.preventDefault();
      location.assign(option.dataset.link);
    }
  });
  field.addEventListener("blur", close);
}
