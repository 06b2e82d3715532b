// Actions are declared where they are: <a data-key="g i" data-command="Inbox">, <button data-key="e" data-command="Archive">.
// A key presses the first visible one; an input with a key gets the focus. Never steals typing.
const registry = new Map();
export function onAction(name, act) { registry.set(name, act); }

// What this person presses instead: {"e": "y"} in <body data-own-keys>. The delivered key is then free.
const own = JSON.parse(document.body?.dataset.ownKeys || "{}");
export function keysOf(element) {
  return (element.dataset.key ?? element.dataset.keyHelp ?? "").split(",").map((key) => key.trim()).filter(Boolean).map((key) => own[key] ?? key);
}

let typed = [];
let timer = 0;

export function declared() {
  return [...document.querySelectorAll("[data-key], [data-command]")].filter((element) => !element.closest("[data-keys-off]"));
}

export function press(element) {
  if (element.matches("input:not([type=checkbox]), textarea, select")) { element.focus(); element.select?.(); }
  else element.click();
}

document.addEventListener("click", (event) => {
  const asked = event.target.closest?.("[data-action]");
  const act = asked && registry.get(asked.dataset.action);
  if (act) { event.preventDefault(); act(asked); }
});

document.addEventListener("keydown", (event) => {
  const name = nameOf(event);
  if (event.defaultPrevented || event.isComposing || (typing(event.target) && !/^(Ctrl|Alt)\+/.test(name))) return;
  if (document.querySelector("dialog[open], .row-menu:popover-open")) return;
  clearTimeout(timer);
  timer = setTimeout(() => { typed = []; }, 1000);
  typed = [...typed, name].slice(-2);
  const found = find(typed.join(" ")) ?? find(name);
  if (!found) return;
  typed = [];
  event.preventDefault();
  press(found);
});

function find(keys) {
  const all = declared().filter((element) => element.dataset.key && keysOf(element).includes(keys));
  return all.find((element) => element.offsetParent) ?? all[0] ?? null;
}

function typing(element) {
  return element.isContentEditable || element.matches?.("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select");
}

function nameOf(event) {
  const parts = [];
  if (event.ctrlKey || event.metaKey) parts.push("Ctrl");
  if (event.altKey) parts.push("Alt");
  if (event.shiftKey && event.key.length > 1) parts.push("Shift");
  return [...parts, event.key].join("+");
}
