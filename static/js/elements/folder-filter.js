// <folder-filter><input type="search" aria-controls="folder-tree"></folder-filter>: hides the folders whose names do not match;
// Enter opens the first that does.
class FolderFilter extends HTMLElement {
  connectedCallback() { this.addEventListener("input", this); this.addEventListener("keydown", this); }

  get items() { return [...document.querySelectorAll("#folder-tree li")]; }

  handleEvent(event) {
    if (event.type === "keydown" && event.key !== "Enter") return;
    if (event.type === "keydown") { this.items.find((item) => !item.hidden)?.querySelector("a")?.click(); return; }
    const wanted = event.target.value.trim().toLocaleLowerCase();
    for (const item of this.items) item.hidden = wanted !== "" && !item.textContent.toLocaleLowerCase().includes(wanted);
  }
}
customElements.define("folder-filter", FolderFilter);
