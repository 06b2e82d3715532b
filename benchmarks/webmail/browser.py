"""What a person sees: Chromium opens the inbox, with an empty and with a filled cache, and opens letters.

first row = from the navigation to a row with a height; open = from the click until the text is painted;
octets = what crossed the wire until the network has been idle for half a second.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import BrowserContext, CDPSession, Page, Playwright, sync_playwright

from .place import PASSWORD, POSTIE_PORT, ROUNDCUBE_PORT

WATCH = """(() => { window.__rows = null; const look = () => { const row = document.querySelector(%r);
  if (row && row.offsetHeight > 0) { window.__rows = performance.now(); clearInterval(timer); } };
  const timer = setInterval(look, 4); })();"""
UNTIL = """async ([start, done, place, limit]) => { const begin = eval('(' + start + ')'), is = eval('(' + done + ')');
  const began = performance.now(); begin(place);
  while (performance.now() - began < limit) { let ok = false; try { ok = is(place); } catch (error) { ok = false; }
    if (ok) return performance.now() - began; await new Promise(go => setTimeout(go, 3)); } return null; }"""
SIZE = {"width": 1400, "height": 900}


class Seen:
    """How one webmail is driven: where it is, how it is entered, how a letter is opened and when it is there."""

    def __init__(self, name: str, base: str, inbox: str, row: str, opening: tuple[str, str]) -> None:
        self.name, self.base, self.inbox, self.row = name, base, base + inbox, row
        self.start, self.done = opening


_ROUNDCUBE_OPEN = (
    "i => { rcmail.message_list.select(Object.keys(rcmail.message_list.rows)[i]); }",
    "i => { const f = document.querySelector('#messagecontframe'), d = f && f.contentDocument;"
    " return d && d.readyState !== 'loading' && d.querySelector('#messagebody') && d.location.search.includes('_uid='"
    " + rcmail.message_list.rows[Object.keys(rcmail.message_list.rows)[i]].uid + '&'); }",
)
# The frame is sealed (sandbox), so its text cannot be looked into: its load event says that it is there. It is
# counted only for the letter that was clicked.
_POSTIE_OPEN = (
    "i => { window.__loaded = ''; const row = document.querySelectorAll('.message-row')[i];"
    " window.__want = row.querySelector('.message-row__open').getAttribute('href').split('?')[0];"
    " row.querySelector('.message-row__open').click(); }",
    "i => { const f = document.querySelector('#reader iframe.message__frame');"
    " if (!f) { const t = document.querySelector('#reader .message__text');"
    "  return !!t && location.pathname === window.__want && t.offsetHeight > 0; }"
    " return f.getAttribute('src').startsWith(window.__want) && window.__loaded === f.getAttribute('src'); }",
)
POSTIE_LISTEN = """document.addEventListener('load', event => { const f = event.target;
  if (f instanceof HTMLIFrameElement) window.__loaded = f.getAttribute('src'); }, true);"""


def peers() -> list[Seen]:
    return [
        Seen("postie", f"http://127.0.0.1:{POSTIE_PORT}", "/", ".message-row", _POSTIE_OPEN),
        Seen(
            "roundcube",
            f"http://127.0.0.1:{ROUNDCUBE_PORT}",
            "/?_task=mail&_mbox=INBOX",
            "#messagelist tbody tr.message",
            _ROUNDCUBE_OPEN,
        ),
    ]


def _sign_in(page: Page, seen: Seen, user: str) -> None:
    page.goto(seen.base + "/")
    if seen.name == "postie":
        page.fill("input[name=address]", user)
        page.fill("input[name=password]", PASSWORD)
        page.click("form.form button[type=submit]")
    else:
        page.fill("#rcmloginuser", user)
        page.fill("#rcmloginpwd", PASSWORD)
        page.click("#rcmloginsubmit")
    page.wait_for_selector(seen.row, timeout=90_000)


def _navigate(page: Page, session: CDPSession, address: str) -> dict[str, float]:
    crossed = {"requests": 0, "octets": 0}

    def finished(event: dict[str, Any]) -> None:
        if event["encodedDataLength"] > 0:
            crossed["requests"] += 1
            crossed["octets"] += int(event["encodedDataLength"])

    session.on("Network.loadingFinished", finished)
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.__rows", timeout=60_000, polling=20)
    first = float(page.evaluate("window.__rows"))
    _until_idle(page, lambda: crossed["octets"])
    session.remove_listener("Network.loadingFinished", finished)
    return {"first": first, **crossed}


def _until_idle(page: Page, octets: Callable[[], int]) -> None:
    last, quiet, end = -1, 0, time.monotonic() + 6
    while time.monotonic() < end and quiet < 5:
        page.wait_for_timeout(100)
        quiet = quiet + 1 if octets() == last else 0
        last = octets()


def _context(playwright: Playwright) -> Any:
    return playwright.chromium.launch(
        executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
    )


def _opens(page: Page, seen: Seen, count: int, *, hover: bool) -> list[float]:
    """`hover`: the pointer rests on the row first, as a person's does, so that what is fetched ahead is there."""
    found = []
    for place in range(1, 1 + count):
        if hover:
            page.locator(seen.row).nth(place).hover()
            page.wait_for_timeout(600)
        took = page.evaluate(UNTIL, [seen.start, seen.done, place, 15_000])
        if took is not None:
            found.append(float(took))
        page.wait_for_timeout(300)
    return found


def run_one(playwright: Playwright, seen: Seen, user: str, count: int) -> dict[str, Any]:
    browser = _context(playwright)
    try:
        context: BrowserContext = browser.new_context(viewport=SIZE)
        page = context.new_page()
        _sign_in(page, seen, user)
        page.wait_for_timeout(1500)
        state = context.storage_state()
        context.close()
        cold, warm = [], []
        for number in range(count):
            context = browser.new_context(storage_state=state, viewport=SIZE)
            page = context.new_page()
            page.add_init_script(WATCH % seen.row)
            page.add_init_script(POSTIE_LISTEN)
            session = context.new_cdp_session(page)
            session.send("Network.enable")
            cold.append(_navigate(page, session, seen.inbox))
            page.goto("about:blank")
            warm.append(_navigate(page, session, seen.inbox))
            if number < count - 1:
                context.close()
        opened = _opens(page, seen, count, hover=False)
        page.goto(seen.inbox)
        page.wait_for_selector(seen.row)
        page.wait_for_timeout(1000)
        hovered = _opens(page, seen, count, hover=True) if seen.name == "postie" else []
    finally:
        browser.close()
    return {
        "act": "browser",
        "peer": seen.name,
        "cold": _middle([one["first"] for one in cold]),
        "warm": _middle([one["first"] for one in warm]),
        "octets": int(statistics.median(one["octets"] for one in cold)),
        "requests": int(statistics.median(one["requests"] for one in cold)),
        "open": _middle(opened),
        "open_hovered": _middle(hovered),
        "opened": len(opened),
    }


def _middle(values: list[float]) -> float:
    return round(statistics.median(values), 1) if values else 0.0


def run(box: str, count: int) -> list[dict[str, Any]]:
    rows = []
    with sync_playwright() as playwright:
        for seen in peers():
            row = {"box": box, **run_one(playwright, seen, f"{box}@bench.test", count)}
            print(row, flush=True)
            rows.append(row)
    return rows
