import { declared, keysOf, onAction, press } from "../lib/keys.js";

// Ctrl+K: every element with data-command, by its words. What is hidden in a closed menu can be run, too.
class CommandPalette extends HTMLElement {
  #rows = [];
  #chosen = 0;

  connectedCallback() {
    onAction("palette", () => this.#open());
    this.addEventListener("input", () => this.#filter());
    this.addEventListener("keydown", this);
    this.addEventListener("click", (event) => {
      const row = event.target.closest("[role=option]");
      if (row) this.#run(row);
      else if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  get #dialog() { return this.querySelector("dialog"); }
  get #input() { return this.querySelector("input"); }
  get #shown() { return this.#rows.filter((row) => !row.hidden); }

  #open() {
    const seen = new Set();
    this.#rows = declared().filter(({ dataset: { command, action } }) => command && action !== "palette" && !seen.has(command) && seen.add(command)).map(makeRow);
    this.querySelector("ul").replaceChildren(...this.#rows);
    this.#input.value = "";
    this.#filter();
    this.#dialog.showModal();
    this.#input.focus();
  }

  handleEvent(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && this.#shown.length) {
      this.#chosen = (this.#chosen + step + this.#shown.length) % this.#shown.length;
      this.#mark();
      event.preventDefault();
    } else if (event.key === "Enter" && this.#shown[this.#chosen]) {
      event.preventDefault();
      this.#run(this.#shown[this.#chosen]);
    }
  }

  #filter() {
    const wanted = plain(this.#input.value).split(/\s+/);
    for (const row of this.#rows) row.hidden = !wanted.every((part) => plain(row.dataset.words).includes(part));
    this.#chosen = 0;
    this.#mark();
    this.querySelector(".palette__none").hidden = this.#shown.length > 0;
  }

  #mark() {
    for (const row of this.#rows) row.setAttribute("aria-selected", "false");
    const row = this.#shown[this.#chosen];
    row?.setAttribute("aria-selected", "true");
    row?.scrollIntoView({ block: "nearest" });
    this.#input.setAttribute("aria-activedescendant", row?.id ?? "");
  }

  #run(row) {
    this.#dialog.close();
    press(row.command);
  }
}
customElements.define("command-palette", CommandPalette);

// "Bandeja" is found by "bandéja", "BANDEJA" and "bandeja".
function plain(text) { return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase(); }

function makeRow(element, index) {
  const row = document.createElement("li");
  row.className = "palette__item";
  row.role = "option";
  row.id = `palette-${index}`;
  row.command = element;
  row.dataset.words = element.dataset.command;
  row.append(element.dataset.command);
  if (element.dataset.key) {
    const hint = document.createElement("kbd");
    hint.textContent = keysOf(element)[0];
    row.append(hint);
  }
  return row;
}
