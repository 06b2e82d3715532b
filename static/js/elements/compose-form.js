// <compose-form>: keeps the letter in Drafts while it is written, without touching what is on the screen.
const PAUSE = 8000;
const MOST_OCTETS = 25_000_000;

class ComposeForm extends HTMLElement {
  #timer = 0;
  #saving = false;
  #behind = false; // something is not saved yet: tried again when the person, or the network, comes back

  connectedCallback() {
    this.form = this.querySelector("form");
    this.addEventListener("input", this);
    this.addEventListener("change", this);
    this.addEventListener("keydown", this);
    this.addEventListener("submit", this);
    this.#behind = "behind" in this.dataset;
    for (const name of ["focus", "online"]) window.addEventListener(name, this);
  }

  disconnectedCallback() {
    clearTimeout(this.#timer);
    for (const name of ["focus", "online"]) window.removeEventListener(name, this);
  }

  handleEvent(event) {
    if (event.type === "focus" || event.type === "online") return this.#behind && this.#save();
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
    this.#say(this.dataset.saving);
    this.#behind = true;
    this.#saving = this.#post().catch(() => this.#failed());
    await this.#saving;
    this.#saving = false;
  }

  async #post(again = true) {
    const data = new FormData(this.form);
    data.delete("enclosures");
    data.set("action", "autosave");
    const place = this.form.getAttribute("action"); // form.action would be the buttons of that name
    const answer = await (await fetch(place, { method: "POST", body: data })).json();
    if (answer.token && again) {
      // Signed in anew in another tab: that made a new token.
      this.form.elements.csrfmiddlewaretoken.value = answer.token;
      return this.#post(false);
    }
    this.#saved(answer);
  }

  #failed() {
    this.#say(this.dataset.unsaved);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), PAUSE);
  }

  #saved(answer) {
    if (answer.draft) this.form.elements.draft.value = answer.draft;
    this.#behind = !answer.draft;
    this.#say(answer.text ?? answer.error ?? this.dataset.unsaved);
  }

  #say(text) {
    this.querySelector(".compose__saved").textContent = text;
  }
}
customElements.define("compose-form", ComposeForm);
