import { announce } from "../lib/announce.js";
import { toast } from "../lib/toast.js";
import { word } from "../lib/words.js";

// <copy-button value="v=spf1 …"><button>Copy</button></copy-button>; `from` may name the id of an input instead.
class CopyButton extends HTMLElement {
  connectedCallback() { this.addEventListener("click", this); }
  disconnectedCallback() { this.removeEventListener("click", this); }

  async handleEvent() {
    const source = this.hasAttribute("from") ? document.getElementById(this.getAttribute("from")).value : this.getAttribute("value");
    try {
      await navigator.clipboard.writeText(source);
    } catch {
      toast(word("failed"));
      return;
    }
    announce(this.getAttribute("done") ?? word("copied"));
    const use = this.querySelector("use");
    if (!use) return;
    const before = use.getAttribute("href");
    use.setAttribute("href", before.replace(/#.*/, "#check"));
    setTimeout(() => use.setAttribute("href", before.replace(/#.*/, "#copy")), 1500);
  }
}
customElements.define("copy-button", CopyButton);
