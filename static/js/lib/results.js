import { announce } from "./announce.js";
import { toast } from "./toast.js";
import { word } from "./words.js";

// What a server says about an action, and what the page does about it:
//   HX-Trigger: {"toast": {"text": "…", "undo": "/undo/17/", "seconds": 10, "kind": "sent"}}
//   HX-Trigger: {"announce": {"text": "…"}}
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail));
document.addEventListener("announce", (event) => announce(event.detail.text));

for (const [name, key] of [["htmx:sendError", "offline"], ["htmx:timeout", "offline"]]) {
  document.addEventListener(name, () => toast(word(key)));
}
document.addEventListener("htmx:responseError", (event) => {
  const { status } = event.detail.xhr;
  const said = event.detail.xhr.getResponseHeader("X-Message");
  toast(said ? decodeURIComponent(said) : word(status === 503 ? "away" : "failed"));
});

// A thin bar, only when an answer takes longer than 150 ms.
const bar = document.getElementById("loading-bar");
let waiting = 0;
let timer = 0;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.closest?.("[data-quiet]")) return;
  waiting += 1;
  clearTimeout(timer);
  timer = setTimeout(() => { if (waiting) bar.setAttribute("data-on", ""); }, 150);
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.elt.closest?.("[data-quiet]")) return;
  waiting = Math.max(0, waiting - 1);
  if (!waiting) { clearTimeout(timer); bar.removeAttribute("data-on"); }
});

// The focus stays where the work is: a swap that removes it hands it to the same id, or to the target.
let focused = "";
document.addEventListener("htmx:beforeSwap", () => { focused = document.activeElement?.id ?? ""; });
document.addEventListener("htmx:afterSettle", (event) => {
  if (document.activeElement && document.activeElement !== document.body) return;
  const again = focused && document.getElementById(focused);
  const target = event.detail.elt;
  (again || (target.matches?.("[tabindex]") && target))?.focus?.({ preventScroll: true });
});
