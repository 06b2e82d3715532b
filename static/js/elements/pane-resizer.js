// <pane-resizer> between list and reader: drag, or arrows when focused; the width is remembered by this browser.
const KEY = "postie.list-width";
const [LEAST, MOST] = [300, 720];

class PaneResizer extends HTMLElement {
  connectedCallback() {
    this.role = "separator";
    this.tabIndex = 0;
    this.ariaOrientation = "vertical";
    this.ariaLabel = this.dataset.label ?? "";
    this.ariaValueMin = LEAST;
    this.ariaValueMax = MOST;
    this.#set(Number(localStorage.getItem(KEY)) || 380);
    for (const type of ["pointerdown", "keydown", "dblclick"]) this.addEventListener(type, this);
  }

  handleEvent(event) {
    const turned = document.documentElement.dir === "rtl" ? -1 : 1;
    if (event.type === "dblclick") this.#keep(380);
    if (event.type === "keydown") {
      const step = { ArrowRight: 16, ArrowLeft: -16 }[event.key];
      if (!step) return;
      event.preventDefault();
      this.#keep(this.#width + step * turned);
    }
    if (event.type === "pointerdown") this.#drag(event, turned);
  }

  #drag(start, turned) {
    const before = this.#width;
    const move = (event) => this.#set(before + (event.clientX - start.clientX) * turned);
    this.setPointerCapture(start.pointerId);
    this.addEventListener("pointermove", move);
    this.addEventListener("lostpointercapture", () => { this.removeEventListener("pointermove", move); this.#keep(this.#width); }, { once: true });
  }

  get #width() { return Number(this.ariaValueNow); }

  #set(width) {
    const kept = Math.round(Math.min(MOST, Math.max(LEAST, width)));
    this.ariaValueNow = kept;
    this.parentElement.closest(".mail").style.setProperty("--list", `${kept}px`);
  }

  #keep(width) {
    this.#set(width);
    localStorage.setItem(KEY, this.#width);
  }
}
customElements.define("pane-resizer", PaneResizer);
