// Light, dark or as the device; kept in a cookie so that the server paints the first pixel right.
class ThemeToggle extends HTMLElement {
  connectedCallback() {
    this.addEventListener("click", this);
    this.#show();
  }

  handleEvent(event) {
    const choice = event.target.closest("[data-theme-choice]")?.dataset.themeChoice;
    if (!choice) return;
    document.documentElement.dataset.theme = choice;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = `theme=${choice}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    for (const toggle of document.querySelectorAll("theme-toggle")) toggle.#show();
  }

  #show() {
    const now = document.documentElement.dataset.theme;
    for (const button of this.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === now));
    }
  }
}
customElements.define("theme-toggle", ThemeToggle);
