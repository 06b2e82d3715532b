import { declared, keysOf, onAction } from "../lib/keys.js";

// `?` shows every key the page knows, in the order of the page.
class KeyboardHelp extends HTMLElement {
  connectedCallback() { onAction("help", () => this.#open()); }

  #open() {
    const rows = new Map();
    // data-key-help names a key that an element answers by itself (j and k in a list).
    for (const element of [...declared(), ...document.querySelectorAll("[data-key-help]")]) {
      const { command } = element.dataset;
      const [key] = keysOf(element);
      const words = command ?? element.getAttribute("aria-label") ?? element.textContent.trim();
      if (key && words && !rows.has(key)) rows.set(key, this.#row(key, words));
    }
    this.querySelector("ul").replaceChildren(...rows.values());
    this.querySelector("dialog").showModal();
  }

  #row(keys, words) {
    const row = document.createElement("li");
    const name = document.createElement("span");
    name.textContent = words;
    const hints = document.createElement("span");
    for (const key of keys.split(",")[0].trim().split(" ")) {
      const hint = document.createElement("kbd");
      hint.textContent = key.replace("Ctrl+k", "Ctrl+K");
      hints.append(hint, " ");
    }
    row.append(name, hints);
    return row;
  }
}
customElements.define("keyboard-help", KeyboardHelp);
