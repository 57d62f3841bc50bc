// Terms that explain themselves also on hover and on focus. Without this script, a click, a tap or the Enter key shows them.

const DELAY = 150; // milliseconds, so that a mouse on its way elsewhere opens nothing, and one on its way to the text closes nothing
const WIDE = 704; // pixels; below that, the window is a phone
const GAP = 6; // pixels between a term and its definition
let timer;
let hovered = null; // the button whose definition was opened by hover or focus, and not yet by a click

const definitionOf = (button) => document.getElementById(button.getAttribute("popovertarget"));
const isOpen = (definition) => definition.matches(":popover-open");

function open(button) {
  const definition = definitionOf(button);
  if (!definition?.showPopover || isOpen(definition)) return;
  definition.showPopover({ source: button });
  place(definition, button);
  hovered = button;
}

// Below the term, or above it where there is no room; on a phone, the style sheet puts it at the foot of the window.
function place(definition, button) {
  definition.removeAttribute("style");
  if (innerWidth < WIDE) return;
  const term = button.getBoundingClientRect();
  const box = definition.getBoundingClientRect();
  const isAbove = term.bottom + box.height + GAP > innerHeight && term.top > box.height + GAP;
  const left = Math.min(term.left, document.documentElement.clientWidth - box.width - GAP);
  const top = isAbove ? term.top - box.height - GAP : term.bottom + GAP;
  Object.assign(definition.style, { position: "absolute", inset: "auto", margin: "0", maxWidth: `${box.width}px` });
  Object.assign(definition.style, { left: `${Math.max(left, GAP) + scrollX}px`, top: `${top + scrollY}px` });
}

function close(button) {
  const definition = definitionOf(button);
  if (hovered === button && definition && isOpen(definition)) definition.hidePopover();
  if (hovered === button) hovered = null;
}

const later = (action) => {
  clearTimeout(timer);
  timer = setTimeout(action, DELAY);
};

document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const button = event.target.closest(".explain");
  if (button) later(() => open(button));
  else if (event.target.closest(".definition")) clearTimeout(timer);
  else if (hovered && !hovered.matches(":focus-visible")) later(() => hovered && close(hovered));
  else clearTimeout(timer);
});

document.addEventListener("focusin", (event) => {
  const button = event.target.closest(".explain");
  if (button?.matches(":focus-visible")) open(button);
});

document.addEventListener("focusout", (event) => {
  const button = event.target.closest(".explain");
  if (button) close(button);
});

// A click on a term that hover opened keeps it open; otherwise the browser opens it.
document.addEventListener("click", (event) => {
  const button = event.target.closest(".explain");
  if (!button) return;
  if (hovered === button) {
    hovered = null;
    event.preventDefault();
  } else {
    setTimeout(() => definitionOf(button) && isOpen(definitionOf(button)) && place(definitionOf(button), button));
  }
});
