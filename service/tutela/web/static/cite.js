// A button that copies each citation. Without this script, readers select the text.

if (navigator.clipboard) {
  for (const text of document.querySelectorAll("pre.copied")) {
    const name = document.getElementById(text.getAttribute("aria-labelledby"));
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = "Copy";
    button.setAttribute("aria-label", `Copy: ${name.textContent}`);
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
    name.append(" ", button, " ", done);
  }
}
