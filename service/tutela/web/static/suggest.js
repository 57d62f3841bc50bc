// A search field that suggests as one types (WAI-ARIA, combobox with a list of suggestions). Enter without a choice searches
// as the form does without this script.

const WAIT = 120; // milliseconds after the last key

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

  let timer, asked, chosen = -1;

  const unchoose = () => {
    list.children[chosen]?.setAttribute("aria-selected", "false");
    chosen = -1;
    field.removeAttribute("aria-activedescendant");
  };

  const close = () => {
    list.hidden = true;
    unchoose();
    field.setAttribute("aria-expanded", "false");
  };

  const choose = (number) => {
    const options = [...list.children];
    chosen = number < 0 ? options.length - 1 : number % options.length;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === chosen)));
    field.setAttribute("aria-activedescendant", options[chosen].id);
    options[chosen].scrollIntoView({ block: "nearest" });
  };

  const show = (results) => {
    unchoose();
    list.replaceChildren(
      ...results.map(({ label, language, kind, about, link }, at) => {
        const option = document.createElement("li");
        option.id = `${list.id}-${at}`;
        option.setAttribute("role", "option");
        option.setAttribute("aria-selected", "false");
        option.dataset.link = link;
        const more = document.createElement("span");
        more.className = "kind";
        more.textContent = [kind, about].filter(Boolean).join(", ");
        const name = document.createElement("bdi");
        name.lang = language ?? "en";
        name.textContent = label;
        option.append(name, " ", more);
        return option;
      }),
    );
    list.hidden = !results.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
  };

  const ask = async () => {
    const text = field.value.trim();
    if (!text) return close();
    asked?.abort();
    asked = new AbortController();
    try {
      const address = `${field.dataset.suggest}?${new URLSearchParams({ q: text, format: "json", limit: 8 })}`;
      const answer = await fetch(address, { signal: asked.signal });
      if (answer.ok) show((await answer.json()).results);
    } catch {
      // Without suggestions the form still searches.
    }
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    unchoose(); // Enter means the words that were typed since
    timer = setTimeout(ask, WAIT);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return close();
    if (list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(chosen + (event.key === "ArrowDown" ? 1 : chosen < 0 ? 0 : -1));
    } else if (event.key === "Enter" && chosen >= 0) {
      event.preventDefault();
      location.assign(list.children[chosen].dataset.link);
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
