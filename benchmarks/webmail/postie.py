"""The adapter for Postie: what its pages ask for at each click (watched in Chromium)."""

import html
import re
import urllib.parse

from .peers import PAGE, Facts, Peer, Wrong, need
from .place import POSTIE_PORT

_ROW = re.compile(r'<li class="message-row[^"]*" data-uid="(\d+)"')
_TOTAL = re.compile(r'<selection-set name="uid"[^>]* total="(\d+)"')
_OWN_CALLS = re.compile(r'hx-get="([^"]+)" hx-trigger="load')
_HTMX = {"HX-Request": "true", "HX-Target": "message-list", "Sec-Fetch-Dest": "empty"}
_HTMX["Sec-Fetch-Site"] = "same-origin"


class Postie(Peer):
    name = "postie"
    base = f"http://127.0.0.1:{POSTIE_PORT}"
    services = ("gunicorn", "redis", "dovecot")

    def login(self) -> None:
        self.http.cookies.clear()
        form = {
            "csrfmiddlewaretoken": _one(r'name="csrfmiddlewaretoken" value="([^"]+)"', self._text("/login"))
        }
        form |= {"address": self.user, "password": self.password, "next": "/"}
        page = self.http.post("/login", form).text
        need(len(_ROW.findall(page)) == PAGE, "login failed")
        self.token = _one(r'hx-headers=\'\{"X-CSRFToken": "([^"]+)"', page)
        self._remember(page)

    def _remember(self, page: str) -> None:
        """What the page's form sends along with an act."""
        self.next = int(_one(r'name="below" value="(\d+)"', page))
        self.modseq = _one(r'name="modseq" value="(\d+)"', page)

    def _text(self, address: str, headers: dict[str, str] | None = None) -> str:
        answer = self.http.get(address, headers)
        need(answer.status in (200, 204), f"{address}: HTTP {answer.status}")
        return answer.text

    def _own_calls(self, page: str) -> None:
        """What a fresh page or list asks for by itself: the first words of letters not read yet."""
        for address in _OWN_CALLS.findall(page):
            self._text(html.unescape(address), _HTMX)

    def page(self) -> Facts:
        page = self._text("/")
        rows = _ROW.findall(page)
        need(len(rows) == PAGE, f"page: {len(rows)} rows")
        self._own_calls(page)
        return {"rows": len(rows)}

    def list(self, page: int, sort: str = "") -> Facts:
        return self._list({"page": page if page > 1 else "", "sort": sort, "view": "messages"})

    def list_only(self, page: int) -> Facts:
        """The rows without the call for the first words of letters that nobody has opened yet."""
        return self._list({"page": page, "view": "messages"}, calls=False)

    def threads(self) -> Facts:
        return self._list({"view": "conversations"})

    def _list(self, wanted: Facts, *, calls: bool = True) -> Facts:
        query = urllib.parse.urlencode({name: value for name, value in wanted.items() if value})
        page = self._text(f"/folder/INBOX/?{query}", _HTMX)
        rows = [int(uid) for uid in _ROW.findall(page)]
        need(len(rows) == PAGE, f"list: {len(rows)} rows")
        self._remember(page)
        if calls:
            self._own_calls(page)
        return {"rows": len(rows), "first": rows[0]}

    def open(self, uid: int) -> Facts:
        base = f"/folder/INBOX/{uid}/"
        frame = re.search(r'<iframe[^>]* src="([^"]+)"', self._text(base, {**_HTMX, "HX-Target": "reader"}))
        need(frame, "message without a frame")
        body = self._text(html.unescape(frame[1])) if frame else ""
        need(len(body) > 10_000, "message text")
        return {"html": len(body)}

    def search(self, word: str) -> Facts:
        page = self._text(f"/search/?{urllib.parse.urlencode({'q': f'in:INBOX subject:{word}'})}", _HTMX)
        counted = re.search(r"message-list__count[^>]*>\s*([\d.,\u00a0]+)", page)
        need(counted, "search without a number")
        return {"total": int(re.sub(r"\D", "", counted[1])) if counted else -1}

    def folder(self, name: str) -> Facts:
        page = self._text(f"/folder/{urllib.parse.quote(name)}/", _HTMX)
        need(_ROW.findall(page), "folder: no rows")
        self._own_calls(page)
        return {"rows": len(_ROW.findall(page))}

    def _act(self, word: str, uid: int) -> Facts:
        headers = {**_HTMX, "X-CSRFToken": self.token}
        form = {"action": f"{word}:{uid}", "below": self.next, "modseq": self.modseq}
        answer = self.http.post("/folder/INBOX/actions/?view=messages", form, headers)
        need(answer.status in (200, 204), f"{word}: HTTP {answer.status}")
        marked = re.search(r'"modseq": (\d+)', answer.headers.get("hx-trigger-after-swap", ""))
        if marked:
            self.modseq = marked[1]
        else:
            self._remember(answer.text)
        return {}

    def seen(self, uid: int, *, on: bool) -> Facts:
        return self._act("read" if on else "unread", uid)

    def flag(self, uid: int, *, on: bool) -> Facts:
        return self._act("flag" if on else "unflag", uid)

    def check(self) -> Facts:
        answer = self.http.get(f"/folder/INBOX/news/?since={self.next}", _HTMX)
        if answer.status == 204:
            return {"new": 0}
        need(answer.status == 200, f"news: HTTP {answer.status}")
        count = int(_one(r"(\d+)", re.sub(r"<[^>]+>", "", answer.text)))
        self.next += count
        return {"new": count}


def _one(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if not found:
        raise Wrong(f"nothing like {pattern}")
    return found[1]
