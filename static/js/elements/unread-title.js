// <unread-title count="3"> (anywhere, swapped by the server): "(3) Inbox" in the tab and a dot on its icon.
class UnreadTitle extends HTMLElement {
  static observedAttributes = ["count"];
  connectedCallback() { this.#show(); document.addEventListener("htmx:afterSettle", this); }
  disconnectedCallback() { document.removeEventListener("htmx:afterSettle", this); }
  handleEvent() { this.#show(); } // a swap may have brought a bare title
  attributeChangedCallback() { if (this.isConnected) this.#show(); }

  #show() {
    const count = Number(this.getAttribute("count")) || 0;
    const bare = document.title.replace(/^\(\d+\+?\) /, "");
    document.title = count ? `(${count > 999 ? "999+" : count}) ${bare}` : bare;
    const link = document.querySelector('link[rel="icon"]');
    link.dataset.plain ??= link.getAttribute("href");
    const wanted = count ? link.dataset.unread : link.dataset.plain;
    if (wanted && link.getAttribute("href") !== wanted) link.setAttribute("href", wanted);
  }
}
customElements.define("unread-title", UnreadTitle);
