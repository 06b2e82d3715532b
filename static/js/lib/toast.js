import { announce } from "./announce.js";
import { word } from "./words.js";

// toast("3 messages moved to Archive", { undo: "/undo/17/", seconds: 10, kind: "sent" })
// `undo` is an address that takes a POST (sent with htmx, so the page can change in answer) or a function.
export function toast(text, { undo = null, undoWord = word("undo"), seconds = 8, kind = "" } = {}) {
  const box = document.getElementById("toasts");
  const note = document.createElement("div");
  note.className = `toast ${kind === "sent" ? "toast--sent airmail" : ""}`;
  const words = document.createElement("span");
  words.className = "toast__text";
  words.textContent = text;
  note.append(words);
  if (undo) note.append(button(undoWord, "toast__undo", () => { runUndo(undo); close(); }));
  note.append(button("×", "", close, word("close")));
  let timer = setTimeout(close, seconds * 1000);
  // Nobody loses an Undo because they were reading it or are slow at reaching it.
  for (const event of ["pointerenter", "focusin"]) note.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) note.addEventListener(event, () => { clearTimeout(timer); timer = setTimeout(close, seconds * 500); });
  while (box.children.length > 2) box.firstElementChild.remove();
  box.append(note);
  announce(text);
  function close() { clearTimeout(timer); note.remove(); }
  return close;
}

function runUndo(undo) {
  if (typeof undo === "function") undo();
  else window.htmx.ajax("POST", undo, { swap: "none" });
}

function button(text, css, act, label = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `button button--small ${css}`;
  made.textContent = text;
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}
