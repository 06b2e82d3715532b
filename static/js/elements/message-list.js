// <message-list> around the rows: j k and arrows walk, x selects, Enter and o open; an act without a selection means the row
// one is at. After an act the focus is on the row that took the place. The open row is marked.
class MessageList extends HTMLElement {
  static #place = -1; // survive the swap that an act causes
  static #folder = "";
  static #last = -1; // the row one was at before the focus went to a toast

  connectedCallback() {
    document.addEventListener("keydown", this);
    this.addEventListener("click", this, { capture: true });
    this.addEventListener("message-opened", this);
    this.addEventListener("htmx:beforeSwap", this);
    this.addEventListener("focusin", () => { MessageList.#last = this.current; });
    document.addEventListener("rows-marked", this);
    this.#settle();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this);
    document.removeEventListener("rows-marked", this);
  }

  #settle() {
    const free = document.activeElement === document.body || document.activeElement.closest("message-list, .toast");
    if (free && MessageList.#place >= 0 && MessageList.#folder === this.dataset.folder) this.#go(Math.min(MessageList.#place, this.rows.length - 1));
    MessageList.#place = -1;
    const open = this.rows.find((row) => row.querySelector(".message-row__open").pathname === location.pathname);
    if (open) this.#mark(open);
  }

  get rows() { return [...this.querySelectorAll(".message-row")]; }
  get current() {
    const focused = this.rows.findIndex((row) => row.contains(document.activeElement));
    return focused >= 0 ? focused : this.rows.findIndex((row) => row.hasAttribute("aria-current"));
  }

  handleEvent(event) {
    if (event.type === "keydown") this.#key(event);
    else if (event.type === "click") this.#click(event);
    else if (event.type === "htmx:beforeSwap") this.#leave();
    else if (event.type === "rows-marked") this.#marked(event.detail);
    else if (event.type === "message-opened") this.#opened(event.target.closest(".message-row"));
  }

  #leave() {
    if (MessageList.#place < 0) MessageList.#place = this.current < 0 ? MessageList.#last : this.current;
    MessageList.#folder = this.dataset.folder; // now: the new list is there before the old one is gone
  }

  // Only some rows are new (views/marks.py): the list is as of this change, and everything else stands where it was.
  #marked({ modseq }) {
    this.dataset.modseq = modseq;
    const said = this.querySelector("input[name=modseq]");
    if (said) said.value = modseq;
    this.#settle();
  }

  #key(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open], .row-menu:popover-open")) return;
    if (event.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
    const inside = this.contains(event.target) || event.target === document.body;
    const step = { j: 1, k: -1, ...(inside ? { ArrowDown: 1, ArrowUp: -1 } : {}) }[event.key];
    if (step) { event.preventDefault(); this.#go(this.current < 0 ? 0 : this.current + step); }
    else if (event.key === "x") this.rows[this.current]?.querySelector(".check").click();
    else if (event.key === "o") this.rows[this.current]?.querySelector(".message-row__open").click();
  }

  #go(place) {
    const row = this.rows[place];
    row?.querySelector(".message-row__open").focus();
    row?.scrollIntoView({ block: "nearest" });
  }

  #click(event) {
    const button = event.target.closest("button[name=action]");
    if (!button) return;
    MessageList.#place = this.rows.findIndex((row) => row.contains(button) || row.querySelector(".check").checked);
    if (button.closest(".message-row") || this.querySelector("input[name=uid]:checked")) return;
    const row = this.rows[this.current];
    if (row) { row.querySelector(".check").checked = true; MessageList.#place = this.current; }
  }

  #mark(row) {
    for (const other of this.rows) other.removeAttribute("aria-current");
    row.setAttribute("aria-current", "true");
  }

  #opened(row) {
    this.#mark(row);
    if (this.dataset.reads !== "no") row.removeAttribute("data-unread");
    document.getElementById("mail")?.setAttribute("data-pane", "reader");
    // The letter's subject is the page's first heading now.
    this.querySelector(".message-list__head h1")?.setAttribute("aria-level", "2");
  }
}
customElements.define("message-list", MessageList);
