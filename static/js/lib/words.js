// The words scripts say come from the page (components/_live.html), in the reader's language.
export function word(name, value = "") {
  const text = document.getElementById("words")?.dataset[name] ?? "";
  return text.replace("{n}", value);
}
