// <time data-relative datetime="…">: "3 minutes ago", kept true while the page stays open.
const UNITS = [["year", 31536000], ["month", 2592000], ["day", 86400], ["hour", 3600], ["minute", 60]];

class RelativeTimes {
  #format = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "long" });

  constructor() {
    this.refresh();
    setInterval(() => document.hidden || this.refresh(), 30000);
    document.addEventListener("htmx:load", () => this.refresh());
    document.addEventListener("visibilitychange", () => document.hidden || this.refresh());
  }

  refresh() {
    for (const time of document.querySelectorAll("time[data-relative]")) time.textContent = this.#words(new Date(time.dateTime));
  }

  #words(moment) {
    const seconds = (moment - Date.now()) / 1000;
    const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["minute", 60];
    return this.#format.format(Math.round(seconds / length), unit);
  }
}
new RelativeTimes();
