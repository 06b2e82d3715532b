// <bulk-jobs>: long acts and how far they are. The stream (mail-events.js) moves the bars; a change of state asks the server.
class BulkJobs extends HTMLElement {
  connectedCallback() { document.addEventListener("job", this); }
  disconnectedCallback() { document.removeEventListener("job", this); }

  handleEvent({ detail }) {
    const job = this.querySelector(`[data-job="${Number(detail.job)}"]`);
    if (!job || detail.state !== "running") {
      window.htmx.trigger(this, "job-changed");
      if (["done", "cancelled", "failed"].includes(detail.state) && job?.hasAttribute("data-running")) window.htmx.trigger(document.body, "mailbox-changed");
      return;
    }
    job.querySelector("progress")?.setAttribute("value", detail.done);
    const place = job.querySelector("[data-done]");
    if (place) place.textContent = Number(detail.done).toLocaleString(document.documentElement.lang);
  }
}
customElements.define("bulk-jobs", BulkJobs);
