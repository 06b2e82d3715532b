// <details data-popover>: closes on Escape, on a click elsewhere and when another opens; arrows walk its items.
function openOnes() { return document.querySelectorAll("details[data-popover][open]"); }

document.addEventListener("toggle", (event) => {
  const opened = event.target;
  if (!opened.matches?.("details[data-popover]") || !opened.open) return;
  for (const other of openOnes()) if (other !== opened && !other.contains(opened)) other.open = false;
}, true);

document.addEventListener("click", (event) => {
  for (const details of openOnes()) {
    const inside = details.contains(event.target);
    const chosen = inside && event.target.closest(".menu__item");
    if (!inside || chosen) details.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  const details = [...openOnes()].at(-1);
  if (!details) return;
  if (event.key === "Escape") {
    details.open = false;
    details.querySelector("summary").focus();
    event.stopPropagation();
  } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const items = [...details.querySelectorAll("a, button:not([disabled])")].filter((item) => item.offsetParent);
    if (!items.length || event.target.matches("input, textarea, select")) return;
    const step = event.key === "ArrowDown" ? 1 : -1;
    const here = items.indexOf(document.activeElement);
    items.at(here < 0 ? (step > 0 ? 0 : -1) : (here + step) % items.length).focus();
    event.preventDefault();
  }
});
