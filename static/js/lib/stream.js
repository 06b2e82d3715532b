// One stream of news for all tabs of a person: whoever holds the lock listens, the others hear it through a channel.
// hear({folders, jobs, live}) gets what changed: folders {name: [messages, unread, uidnext, modseq] or null}.
const RETRY = 60_000;

export function listen(url, who, hear) {
  const address = url.startsWith(":") ? `${location.protocol}//${location.hostname}${url}` : url;
  const channel = new BroadcastChannel(`postie ${who}`);
  const known = { folders: {}, jobs: {}, live: false };
  let source = null;
  let last = "";

  channel.addEventListener("message", ({ data }) => {
    if (data.hello) { if (source) channel.postMessage(known); } else take(data);
  });

  function take(said) {
    Object.assign(known.folders, said.folders);
    Object.assign(known.jobs, said.jobs);
    if ("live" in said) known.live = said.live;
    if (said.last) last = said.last;
    hear(said);
  }

  function tell(said) { channel.postMessage(said); take(said); }

  function lead() {
    source = new EventSource(`${address}?who=${who}&after=${encodeURIComponent(last)}`, { withCredentials: true });
    source.addEventListener("open", () => tell({ live: true }));
    source.addEventListener("message", (event) => tell({ ...JSON.parse(event.data), last: event.lastEventId }));
    source.addEventListener("ended", () => { source.close(); tell({ live: false }); });
    source.addEventListener("error", () => {
      tell({ live: false });
      if (source.readyState === EventSource.CLOSED) setTimeout(lead, RETRY); // refused: ask from time to time, try again later
    });
  }

  // Leaving the page lets the lock go, and the next tab takes over where this one was.
  if (navigator.locks) navigator.locks.request(`postie ${who}`, () => { lead(); return new Promise(() => {}); });
  else lead();
  channel.postMessage({ hello: true });
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  return { get leads() { return source !== null; } };
}
