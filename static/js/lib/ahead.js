// Opens at once: the row under the pointer, the focused one and the one after the open one are fetched ahead; until a letter
// is there, the reader shows what the row already says. Fetching ahead marks nothing as read: the letter does when it is shown.
const KEPT_MS = 60_000;
const MOST = 12;
const kept = new Map(); // address → { at, text: Promise<string>, html: string once it is there }
let timer = 0;

function ahead(link) {
  if (!link || link.href === location.href || navigator.connection?.saveData) return null;
  const known = kept.get(link.href);
  if (known && Date.now() - known.at < KEPT_MS) return known;
  const entry = { at: Date.now(), html: "" };
  entry.text = fetch(link.href, { headers: { "HX-Request": "true", "HX-Target": "reader", Purpose: "prefetch" } })
    .then((answer) => (answer.ok && !answer.redirected ? answer.text() : ""))
    .catch(() => "")
    .then((html) => { entry.html = html; if (!html) kept.delete(link.href); return html; });
  kept.delete(link.href);
  kept.set(link.href, entry);
  if (kept.size > MOST) kept.delete(kept.keys().next().value);
  return entry;
}

export function forget() { kept.clear(); }
for (const event of ["htmx:afterRequest", "mailbox-changed"]) {
  document.addEventListener(event, ({ detail }) => {
    const changed = event === "mailbox-changed" || (detail?.requestConfig?.verb === "post" && !detail.elt.matches?.("[data-marks-read]"));
    if (changed) forget();
  });
}

function linkOf(event) { return event.target.closest?.(".message-row__open[hx-target='#reader']"); }

for (const [event, pause] of [["pointerover", 65], ["focusin", 120]]) {
  document.addEventListener(event, (happened) => {
    const link = linkOf(happened);
    if (!link || happened.pointerType === "touch") return;
    clearTimeout(timer);
    timer = setTimeout(() => ahead(link), pause);
  });
}
document.addEventListener("pointerdown", (event) => { if (event.button === 0) ahead(linkOf(event)); });

document.addEventListener("htmx:beforeRequest", async (event) => {
  const link = event.detail.elt.matches?.(".message-row__open[hx-target='#reader']") && event.detail.elt;
  if (!link) return;
  const entry = kept.get(link.href);
  if (!entry?.html) sketch(link);
  if (!entry || Date.now() - entry.at > KEPT_MS) return;
  event.preventDefault();
  const html = entry.html || (await entry.text);
  if (!html) { location.assign(link.href); return; }
  show(link, html);
});

function show(link, html) {
  window.htmx.swap("#reader", html, { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
  if (location.href !== link.href) history.pushState({ htmx: true }, "", link.href);
  kept.delete(link.href);
  opened(link);
}

export function opened(link) {
  link.dispatchEvent(new CustomEvent("message-opened", { bubbles: true }));
  document.getElementById("reader").scrollTop = 0;
  const next = link.closest(".message-row")?.nextElementSibling?.querySelector(".message-row__open");
  setTimeout(() => ahead(next), 150);
}
document.addEventListener("htmx:afterRequest", (event) => {
  const link = event.detail.elt.matches?.(".message-row__open[hx-target='#reader']") && event.detail.elt;
  if (link && event.detail.successful) opened(link);
});

// Subject, people, time and first words, as the row has them.
function sketch(link) {
  const words = (name) => link.querySelector(`.message-row__${name}`)?.textContent ?? "";
  const message = made("div", "message message--sketch");
  const head = made("div", "message__head");
  const people = made("p", "message__from", link.querySelector(".message-row__from")?.lastChild?.textContent ?? "");
  head.append(made("span"), people, made("p", "message__time", words("time")));
  message.append(made("h1", "message__subject", words("subject")), head, made("p", "message__text soft", words("preview")));
  document.getElementById("reader").replaceChildren(message);
  document.getElementById("mail").dataset.pane = "reader";
}

function made(tag, css = "", text = "") {
  const element = document.createElement(tag);
  element.className = css;
  element.textContent = text;
  return element;
}
