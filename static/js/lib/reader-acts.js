// The bar above an open letter: after archiving or deleting it the list is as it is now, and the next letter opens or the
// list comes back, as the person chose (data-after). The list keeps its page and filter.
const LEAVING = ["archive", "trash", "junk", "not-junk", "delete-forever", "unread"];
let asked = null;

function formOf(event) { return event.detail.elt?.closest?.("form[data-reader-acts]"); }
function list() { return document.getElementById("message-list"); }
function rows() { return [...document.querySelectorAll("#message-list .message-row")]; }

document.addEventListener("htmx:configRequest", (event) => {
  const form = formOf(event);
  if (!form || !list()) return;
  const [word, uid] = String(event.detail.formData.get("action") ?? "").split(":");
  asked = { word, place: rows().findIndex((row) => row.dataset.uid === uid), next: form.dataset.after === "next" };
  // Found messages lie anywhere: their list asks for itself.
  const inFolder = list().dataset.folder !== undefined;
  asked.found = !inFolder;
  const query = (list().getAttribute("hx-get") ?? "").split("?")[1];
  if (inFolder && query) event.detail.path += `?${query}`;
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (formOf(event) && asked?.found) event.detail.shouldSwap = false;
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!formOf(event) || !asked || !event.detail.successful) return;
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
