// Says a result to people who do not see it.
export function announce(text) {
  const live = document.getElementById("live");
  if (!live) return;
  live.textContent = "";
  // A changed text node after a pause is what screen readers notice even when the words repeat.
  setTimeout(() => { live.textContent = text; }, 60);
}
