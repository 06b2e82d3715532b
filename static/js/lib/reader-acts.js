// The bar above an open letter: after archiving or deleting it the list is as it is now, and the next letter opens or the
// list comes back, as the person chose (data-after). The list keeps its page and filter.
const LEAVING = ["archive", "trash", "junk", "not-junk", "delete-forever", "unread"];
let asked = null;

// The element that asked: after a swap htmx tells of the answer elsewhere.
function formOf(event) { return (event.detail.requestConfig?.elt ?? event.detail.elt)?.closest?.("form[data-reader-acts], message-list form"); }
function list() { return document.getElementById("message-list"); }
function rows() { return [...document.querySelectorAll("#message-list .message-row")]; }

document.addEventListener("htmx:configRequest", (event) => {
  const form = formOf(event);
  if (!form || !list() || event.detail.verb !== "post") return;
  const values = event.detail.formData;
  const [word, uid] = String(values.get("action") ?? "").split(":");
  const own = form.matches("[data-reader-acts]");
  const meant = (uid ? [uid] : values.getAll("uid").map(String)).map((value) => value.split("@")[0]);
  const open = rows().findIndex((row) => row.hasAttribute("aria-current") && meant.includes(row.dataset.uid));
  if (!own && open < 0) return; // the open letter stays where it is
  const bar = own ? form : document.querySelector("form[data-reader-acts]");
  const inFolder = list().dataset.folder !== undefined;
  asked = { form, word, place: open, next: bar?.dataset.after === "next", found: own && !inFolder };
  const query = (list().getAttribute("hx-get") ?? "").split("?")[1];
  if (own && inFolder && query) event.detail.path += `?${query}`;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  // Found messages lie anywhere: their list asks for itself.
  if (asked?.found && formOf(event) === asked.form) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!asked || formOf(event) !== asked.form || !event.detail.successful) return;
  const { word, place, next, found } = asked;
  asked = null;
  if (found) document.body.dispatchEvent(new CustomEvent("mailbox-changed", { bubbles: true }));
  if (!LEAVING.includes(word)) return;
  const after = rows()[found ? place + 1 : place] ?? (found ? null : rows().at(-1));
  if (next && word !== "unread" && after) after.querySelector(".message-row__open").click();
  else leave();
});

export function leave() {
  const hint = document.getElementById("reader-hint");
  document.getElementById("reader").replaceChildren(...(hint ? [hint.content.cloneNode(true)] : []));
  document.getElementById("mail").dataset.pane = "list";
  const address = list()?.getAttribute("hx-get");
  if (address && location.pathname !== address.split("?")[0]) history.pushState({ htmx: true }, "", address);
  for (const row of rows()) row.removeAttribute("aria-current");
}
