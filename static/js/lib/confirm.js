// <button data-confirm="Delete 3 mailboxes?" data-confirm-detail="…" data-confirm-act="Delete"> asks first, in our own dialog.
// hx-confirm asks there, too. Only what cannot be undone should ask.
const dialog = document.getElementById("confirm-dialog");

export function ask(question, detail = "", act = "", danger = false) {
  dialog.querySelector("#confirm-title").textContent = question;
  dialog.querySelector("#confirm-detail").textContent = detail;
  const yes = dialog.querySelector("#confirm-yes");
  yes.dataset.words ??= yes.textContent;
  yes.textContent = act || yes.dataset.words;
  yes.className = `button button--${danger ? "danger" : "primary"}`;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

document.addEventListener("htmx:confirm", async (event) => {
  if (!event.detail.question) return;
  event.preventDefault();
  const { confirmDetail, confirmAct } = event.detail.elt.dataset;
  if (await ask(event.detail.question, confirmDetail, confirmAct, true)) event.detail.issueRequest(true);
});

document.addEventListener("click", async (event) => {
  const asked = event.target.closest?.("[data-confirm]");
  if (!asked || asked.dataset.confirmed) return;
  event.preventDefault();
  event.stopPropagation();
  if (!(await ask(asked.dataset.confirm, asked.dataset.confirmDetail, asked.dataset.confirmAct, true))) return;
  asked.dataset.confirmed = "yes";
  asked.click();
  delete asked.dataset.confirmed;
}, true);

// A letter or a form half written is not left behind by a slip: <form data-guard="…">.
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("form[data-guard][data-changed]")) event.preventDefault();
});
document.addEventListener("input", (event) => event.target.form?.matches("[data-guard]") && event.target.form.setAttribute("data-changed", ""));
document.addEventListener("submit", (event) => event.target.removeAttribute("data-changed"));
