// Terms that explain themselves also on hover and on focus. Without this script, a click, a tap or the Enter key shows them.

const DELAY = 150; // milliseconds, so that a mouse on its way elsewhere opens nothing, and one on its way to the text closes nothing
let timer;
let hovered = null; // the button whose definition was opened by hover or focus, and not yet by a click

const definitionOf = (button) => document.getElementById(button.getAttribute("popovertarget"));
const isOpen = (definition) => definition.matches(":popover-open");

function open(button) {
  const definition = definitionOf(button);
  if (!definition?.showPopover || isOpen(definition)) return;
  definition.showPopover({ source: button });
  hovered = button;
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

// A click on a term that hover opened keeps it open.
document.addEventListener("click", (event) => {
  const button = event.target.closest(".explain");
  if (!button || hovered !== button) return;
  hovered = null;
  event.preventDefault();
});
