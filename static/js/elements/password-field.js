import { announce } from "../lib/announce.js";

// <password-field generate="id of button" shown-word="…">: shows and hides, makes a good one, says how strong it is.
// The words live in data attributes of components/_password.html; the server judges in the end.
const LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

class PasswordField extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("input", this);
  }

  get #input() { return this.querySelector("input"); }

  handleEvent(event) {
    if (event.type === "input") return this.#judge();
    const act = event.target.closest("[data-password]")?.dataset.password;
    if (act === "show") this.#show(this.#input.type === "password");
    if (act === "generate") {
      this.#input.value = generate();
      this.#show(true);
      this.#judge();
      this.#input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  #show(visible) {
    this.#input.type = visible ? "text" : "password";
    this.querySelector('[data-password="show"]')?.setAttribute("aria-pressed", String(visible));
  }

  #judge() {
    const meter = this.querySelector("meter");
    if (!meter) return;
    const score = strength(this.#input.value);
    meter.value = score;
    const words = (this.dataset.words ?? "").split("|")[score] ?? "";
    this.querySelector("[data-strength]").textContent = this.#input.value ? words : "";
    if (this.#input.value) announce(words);
  }
}
customElements.define("password-field", PasswordField);

// Five groups of four: 117 bits, easy to read aloud and to type from paper.
function generate() {
  const picks = [];
  while (picks.length < 20) {
    // Bytes beyond the last whole multiple would favour the first letters.
    const [byte] = crypto.getRandomValues(new Uint8Array(1));
    if (byte < 256 - (256 % LETTERS.length)) picks.push(LETTERS[byte % LETTERS.length]);
  }
  return picks.join("").match(/.{4}/g).join("-");
}

// 0 too short … 4 strong: a rough guess from length and variety, honest about repetition.
function strength(password) {
  const kinds = [/[a-z]/, /[A-Z]/, /[0-9]/, /[^A-Za-z0-9]/].filter((kind) => kind.test(password)).length;
  const bits = new Set(password).size * 2 + password.length * (1 + kinds * 0.6);
  if (password.length < 10) return 0;
  return bits < 38 ? 1 : bits < 50 ? 2 : bits < 64 ? 3 : 4;
}
