// A button that copies each citation, and the message of a report. Without this script, readers select the text.

function addButton(text) {
  const name = document.getElementById(text.getAttribute("aria-labelledby"));
  if (name.parentElement.querySelector(":scope > button")) return;
  const label = name.textContent;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = "Copy";
  button.setAttribute("aria-label", `Copy: ${label}`);
  const done = document.createElement("span");
  done.setAttribute("role", "status");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      done.textContent = "Copied";
    } catch {
      done.textContent = "Select the text and copy it";
      getSelection().selectAllChildren(text);
    }
  });
  // The name of the text is that of the citation only.
  const only = document.createElement("span");
  only.id = name.id;
  only.textContent = label;
  name.removeAttribute("id");
  name.replaceChildren(only, " ", button, " ", done);
}

// Other scripts replace parts of the page, so buttons are added when the citations are opened. The event does not bubble.
if (navigator.clipboard) {
  for (const text of document.querySelectorAll("main pre.copied[aria-labelledby]")) if (!text.closest("details")) addButton(text);
  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details.cite")) for (const text of event.target.querySelectorAll("pre.copied")) addButton(text);
  }, true);
}
