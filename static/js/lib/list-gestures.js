// What hands do in a list: drag rows to a folder, the context menu, swipes. Each has a button that does the same.
const SWIPE = 80;

function rowOf(event) { return event.target.closest?.(".message-row"); }
function formOf(row) { return row.closest("form"); }
function press(row, word) { row.querySelector(`.message-row__acts button[value^="${word}:"]`)?.click(); }

// The selection when the row is part of it, else the row alone.
function meant(row) {
  const chosen = [...formOf(row).querySelectorAll("input[name=uid]:checked")].map((box) => box.value);
  const own = row.querySelector("input[name=uid]").value;
  return chosen.includes(own) ? chosen : [own];
}

let dragged = null;
document.addEventListener("dragstart", (event) => {
  const row = rowOf(event);
  if (!row) return;
  dragged = { uids: meant(row), form: formOf(row) };
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", row.querySelector(".message-row__subject")?.textContent ?? "");
});
document.addEventListener("dragend", () => { dragged = null; mark(null); });
document.addEventListener("dragover", (event) => {
  const folder = dragged && event.target.closest?.(".folder-list__link[data-folder]");
  mark(folder);
  if (folder) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const folder = dragged && event.target.closest?.(".folder-list__link[data-folder]");
  if (!folder) return;
  event.preventDefault();
  const { uids, form } = dragged;
  const values = { action: "move", target: folder.dataset.folder, uid: uids };
  const conversations = form.querySelector("input[name=conversations]")?.value;
  if (conversations) values.conversations = conversations;
  const inFolder = document.getElementById("message-list").dataset.folder !== undefined;
  window.htmx.ajax("POST", form.getAttribute("action"), inFolder ? { source: form, values, target: "#message-list", swap: "outerHTML" } : { source: form, values, swap: "none" });
});
function mark(folder) {
  for (const one of document.querySelectorAll("[data-drop]")) if (one !== folder) one.removeAttribute("data-drop");
  folder?.setAttribute("data-drop", "");
}

// The context menu: the row's own buttons in words, and the ways to more.
document.addEventListener("contextmenu", (event) => {
  const row = rowOf(event);
  if (!row || event.shiftKey || event.pointerType === "touch" || swipe) return;
  event.preventDefault();
  const menu = document.getElementById("row-menu");
  const items = [...row.querySelectorAll(".message-row__acts button")].map((button) => item(button.getAttribute("aria-label").split(":")[0], button, () => button.click()));
  const link = row.querySelector(".message-row__open");
  items.unshift(item(menu.dataset.open, null, () => link.click()), item(menu.dataset.tab, null, () => window.open(link.href, "_blank", "noopener")));
  items.push(item(menu.dataset.move, null, () => move(row)));
  menu.replaceChildren(...items);
  menu.showPopover();
  menu.style.insetInlineStart = "auto";
  menu.style.left = `${Math.min(event.clientX, innerWidth - menu.offsetWidth - 8)}px`;
  menu.style.top = `${Math.min(event.clientY, innerHeight - menu.offsetHeight - 8)}px`;
  items[0].focus();
});
function item(words, from, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "menu__item";
  const icon = from?.querySelector("svg")?.cloneNode(true);
  if (icon) made.append(icon);
  made.append(words);
  made.addEventListener("click", () => { document.getElementById("row-menu").hidePopover(); act(); });
  return made;
}
function move(row) {
  const box = row.querySelector("input[name=uid]");
  if (!box.checked) box.click();
  const menu = document.getElementById("move-target")?.closest("details");
  if (menu) { menu.open = true; menu.querySelector("select").focus(); }
}
document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("#row-menu");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!menu || !step) return;
  const items = [...menu.children];
  items.at((items.indexOf(event.target) + step) % items.length).focus();
  event.preventDefault();
});

// Swipes: towards the end archives, towards the start changes read and unread. The bar over a selection does both, too.
let swipe = null;
document.addEventListener("touchstart", (event) => {
  const row = rowOf(event);
  const [touch] = event.touches;
  swipe = row && event.touches.length === 1 ? { row, x: touch.clientX, y: touch.clientY, way: 0, is: false } : null;
}, { passive: true });
document.addEventListener("touchmove", (event) => {
  if (!swipe) return;
  const [touch] = event.touches;
  const way = touch.clientX - swipe.x;
  if (!swipe.is && Math.abs(touch.clientY - swipe.y) > Math.abs(way)) { swipe = null; return; }
  if (Math.abs(way) < 12) return;
  swipe.is = true;
  swipe.way = way;
  swipe.row.dataset.swipe = way < 0 ? "start" : "end";
  swipe.row.style.transform = `translateX(${Math.max(-120, Math.min(120, way))}px)`;
}, { passive: true });
for (const end of ["touchend", "touchcancel"]) document.addEventListener(end, (event) => {
  if (!swipe) return;
  const { row, way, is } = swipe;
  swipe = null;
  row.style.transform = "";
  delete row.dataset.swipe;
  if (end === "touchcancel" || !is || Math.abs(way) < SWIPE) return;
  event.preventDefault(); // no click on the row after a swipe
  if (way < 0) press(row, "archive");
  else press(row, row.hasAttribute("data-unread") ? "read" : "unread");
});
