// <compose-form>: keeps the letter in Drafts while it is written, without touching what is on the screen.
const PAUSE = 8000;
const MOST_OCTETS = 25_000_000;

class ComposeForm extends HTMLElement {
  #timer = 0;
  #saving = false;

  connectedCallback() {
    this.form = this.querySelector("form");
    this.addEventListener("input", this);
    this.addEventListener("change", this);
    this.addEventListener("keydown", this);
    this.addEventListener("submit", this);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
  }

  handleEvent(event) {
    if (event.type === "submit") return this.#submitted(event);
    if (event.type === "keydown") return this.#key(event);
    if (event.type === "change" && event.target.type === "file") return this.#chosen(event.target);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), PAUSE);
  }

  #key(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit(this.form.querySelector("[value=send]"));
    }
  }

  #chosen(input) {
    const total = [...input.files].reduce((sum, file) => sum + file.size, 0);
    this.#say(total > MOST_OCTETS ? this.dataset.tooLarge : "");
    if (total > MOST_OCTETS) input.value = "";
  }

  #submitted(event) {
    clearTimeout(this.#timer);
    if (this.#saving) {
      // The draft's number comes with the answer: sending before would leave a second draft behind.
      event.preventDefault();
      const button = event.submitter;
      this.#saving.then(() => this.form.requestSubmit(button));
    }
  }

  async #save() {
    if (this.#saving) return;
    const data = new FormData(this.form);
    data.delete("enclosures");
    data.set("action", "autosave");
    this.#say(this.dataset.saving);
    this.#saving = fetch(this.form.action, { method: "POST", body: data })
      .then((answer) => answer.json())
      .then((answer) => this.#saved(answer))
      .catch(() => this.#say(""));
    await this.#saving;
    this.#saving = false;
  }

  #saved(answer) {
    if (answer.draft) this.form.elements.draft.value = answer.draft;
    this.#say(answer.text ?? answer.error ?? "");
  }

  #say(text) {
    this.querySelector(".compose__saved").textContent = text;
  }
}
customElements.define("compose-form", ComposeForm);
