import { listen } from "../lib/stream.js";
import { toast } from "../lib/toast.js";
import { word } from "../lib/words.js";

// <mail-events data-url="/events/" data-who="…" data-tree="/folders/tree/">: what happens in the mailbox shows by itself.
// The list never moves under a pointer, a focus or a selection: then "3 new" waits above it. Without the stream the page asks once a minute.
const ASK = 60_000;
const settle = (seconds = 0.1) => new Promise((done) => setTimeout(done, seconds * 1000));

class MailEvents extends HTMLElement {
  #stream = null;
  #live = false;
  #inbox = 0; // uidnext of the inbox as last heard
  #waiting = false; // a change that could not be shown yet
  #timers = [];

  connectedCallback() {
    const { url, who } = this.dataset;
    if (url && who && window.EventSource && window.BroadcastChannel) this.#stream = listen(url, who, (said) => this.#hear(said));
    this.#timers.push(setInterval(() => { if (!this.#live) this.#ask(); }, ASK));
    document.addEventListener("click", this);
    document.addEventListener("visibilitychange", this);
    document.getElementById("list")?.addEventListener("pointerleave", this);
    this.#offer();
  }

  disconnectedCallback() {
    for (const timer of this.#timers) clearInterval(timer);
    document.removeEventListener("click", this);
    document.removeEventListener("visibilitychange", this);
  }

  handleEvent(event) {
    if (event.type === "click") { if (event.target.closest("[data-notify]")) this.#toggle(); }
    else if (this.#waiting) this.#changed();
  }

  get list() { return document.querySelector("message-list"); }

  #hear({ folders = {}, jobs = {}, live }) {
    if (live !== undefined) { this.#live = live; this.toggleAttribute("data-live", live); }
    for (const [name, job] of Object.entries(jobs)) document.dispatchEvent(new CustomEvent("job", { detail: { name, ...job } }));
    if (!Object.keys(folders).length) return;
    this.#counts();
    this.#notify(folders.INBOX);
    const numbers = folders[this.list?.dataset.folder];
    if (!numbers) return;
    const [messages, , uidnext, modseq] = numbers;
    const shown = this.list.dataset;
    if (uidnext > Number(shown.uidnext)) this.#arrived();
    else if (modseq > Number(shown.modseq) || messages !== Number(shown.messages)) this.#changed(messages === Number(shown.messages));
  }

  // The tree's counts, and with them title and favicon; several changes at once ask once.
  async #counts() {
    if (this.#counting) return;
    this.#counting = true;
    await settle(0.15);
    this.#counting = false;
    const tree = document.getElementById("folder-tree");
    if (tree) window.htmx.ajax("GET", `${this.dataset.tree}?current=${encodeURIComponent(this.list?.dataset.folder ?? "")}`, { source: this, target: tree, swap: "outerHTML" });
  }
  #counting = false;

  #arrived() {
    const top = document.getElementById("list")?.scrollTop ?? 0;
    if (this.list.hasAttribute("data-newest") && top < 8 && this.#isCalm()) window.htmx.trigger(document.body, "mailbox-changed");
    else window.htmx.trigger(document.body, "mail-arrived");
  }

  // Only marks: every row stays where it is. Else rows are gone, which waits until nobody is at the list.
  #changed(onlyMarks = false) {
    this.#waiting = !(onlyMarks ? !this.#isChosen() : this.#isCalm());
    if (!this.#waiting) window.htmx.trigger(document.body, "mailbox-changed");
  }

  #isChosen() { return Boolean(this.list?.querySelector("input:checked, details[open]")); }

  #isCalm() {
    if (this.#isChosen()) return false;
    if (document.hidden) return true;
    return matchMedia("(hover: hover)").matches && !this.list?.matches(":hover, :focus-within");
  }

  #ask() {
    this.#counts();
    window.htmx.trigger(document.body, "mail-arrived");
  }

  // Notifications of the desktop: asked for by a click, shown by one tab, and only when none is looked at.
  get #key() { return `notify ${this.dataset.who}`; }
  get #wanted() { return localStorage.getItem(this.#key) === "yes" && Notification.permission === "granted"; }

  #offer() {
    const button = document.querySelector("[data-notify]");
    if (!button || !this.#stream || !("Notification" in window)) return;
    button.hidden = false;
    button.setAttribute("aria-pressed", String(this.#wanted));
  }

  async #toggle() {
    const wanted = !this.#wanted;
    const allowed = wanted ? await Notification.requestPermission() : "granted";
    localStorage.setItem(this.#key, wanted && allowed === "granted" ? "yes" : "no");
    toast(word(!wanted ? "notifyOff" : allowed === "granted" ? "notifyOn" : "notifyNo"));
    this.#offer();
  }

  async #notify(numbers) {
    if (!numbers) return;
    const before = this.#inbox;
    this.#inbox = Math.max(before, numbers[2]);
    if (!before || numbers[2] <= before || !this.#stream?.leads || !document.hidden || !("Notification" in window) || !this.#wanted) return;
    const answer = await fetch(`/folder/INBOX/arrivals/?since=${before}`, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    for (const letter of (await answer.json()).letters) {
      const note = new Notification(letter.from, { body: letter.subject, tag: letter.url, icon: "/static/icons/favicon.svg" });
      note.addEventListener("click", () => { window.focus(); location.assign(letter.url); note.close(); });
    }
  }
}
customElements.define("mail-events", MailEvents);
