import { word } from "../lib/words.js";

// <selection-set name="uid" total="4812"> around a list with <input class="check" type="checkbox" name="uid" value="…">,
// an optional [data-select-page] checkbox, and a .bulk-bar with [data-selected] and [data-select-all] (checkbox name="all").
// Shift-click takes the range. The set is what the form sends; without JavaScript the boxes alone do.
class SelectionSet extends HTMLElement {
  #last = null;

  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("change", this);
    document.addEventListener("htmx:afterSettle", this);
    // Somebody was faster than this script: what they chose counts.
    if (this.querySelector("[data-select-page]")?.checked) for (const box of this.boxes) box.checked = true;
    this.#show();
  }

  disconnectedCallback() { document.removeEventListener("htmx:afterSettle", this); }

  get boxes() { return [...this.querySelectorAll(`input[type=checkbox][name="${this.getAttribute("name")}"]`)]; }
  get values() { return this.boxes.filter((box) => box.checked).map((box) => box.value); }

  clear() {
    for (const box of this.boxes) box.checked = false;
    const all = this.querySelector("[data-select-all]");
    if (all) all.checked = false;
    this.#show();
  }

  handleEvent(event) {
    const box = event.target;
    if (event.type === "click") {
      if (box.closest("[data-select-none]")) return this.clear();
      if (!this.boxes.includes(box)) return;  // a box shows its new state only at "change"
      if (event.shiftKey && this.#last) this.#range(this.#last, box);
      this.#last = box;
    } else if (event.type === "change" && box.matches("[data-select-page]")) {
      for (const each of this.boxes) each.checked = box.checked;
    }
    this.#show();
  }

  #range(from, to) {
    const boxes = this.boxes;
    const [a, b] = [boxes.indexOf(from), boxes.indexOf(to)].sort((x, y) => x - y);
    if (a < 0) return;
    for (const box of boxes.slice(a, b + 1)) box.checked = to.checked;
  }

  #show() {
    const chosen = this.values.length;
    const everything = this.querySelector("[data-select-all]");
    const whole = chosen > 0 && chosen === this.boxes.length;
    if (everything && !whole) everything.checked = false;
    const count = everything?.checked ? Number(this.getAttribute("total")) : chosen;
    const bar = this.querySelector(".bulk-bar");
    bar?.toggleAttribute("data-count", count > 0);
    for (const place of this.querySelectorAll("[data-selected]")) place.textContent = word("selected", count.toLocaleString(document.documentElement.lang));
    for (const part of this.querySelectorAll("[data-when-whole]")) part.hidden = !whole;
    const page = this.querySelector("[data-select-page]");
    if (page) { page.checked = whole; page.indeterminate = chosen > 0 && !whole; }
  }
}
customElements.define("selection-set", SelectionSet);
