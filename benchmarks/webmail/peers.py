"""One class per webmail: every act does what the webmail's own browser code does for that click, over HTTP.

Each checks that the answer is right, raises Wrong if not, and returns facts (rows, total, new). Time and
octets are taken by measure.py. Uids are IMAP's.
"""

import re
import urllib.parse
from typing import Any, ClassVar

from .imapraw import Imap, Reply
from .place import CACHED_PORT, PASSWORD, ROUNDCUBE_PORT
from .wire import Http

PAGE = 50
Facts = dict[str, Any]


class Wrong(Exception):
    """The webmail answered something else than it should."""


def need(condition: object, what: str) -> None:
    if not condition:
        raise Wrong(what)


class Peer:
    """What measure.py calls. `_http` is None for a peer without a web."""

    name: ClassVar[str] = "?"
    base: ClassVar[str] = ""
    services: ClassVar[tuple[str, ...]] = ()  # names of place.PIDFILES whose processor time counts

    def __init__(self, user: str, password: str = PASSWORD) -> None:
        self.user, self.password = user, password
        self._http = Http(self.base) if self.base else None

    @property
    def http(self) -> Http:
        assert self._http is not None, "this peer has no web"  # noqa: S101
        return self._http

    def reset(self) -> None:
        if self._http:
            self._http.reset()

    @property
    def octets(self) -> int:
        return self._http.octets if self._http else 0

    @property
    def requests(self) -> int:
        return self._http.requests if self._http else 0

    def login(self) -> None:
        raise NotImplementedError

    def page(self) -> Facts:
        """The inbox as HTML and what it fetches by itself to show the list, without static files."""
        raise NotImplementedError

    def list(self, page: int, sort: str = "") -> Facts:
        """Page `page` (from 1) of INBOX, 50 a page; `sort` is "" (the webmail's own) or "date"."""
        raise NotImplementedError

    def open(self, uid: int) -> Facts:
        """One message: everything that is needed to show its text."""
        raise NotImplementedError

    def search(self, word: str) -> Facts:
        """INBOX by subject; {"total": hits}."""
        raise NotImplementedError

    def folder(self, name: str) -> Facts:
        raise NotImplementedError

    def seen(self, uid: int, *, on: bool) -> Facts:
        raise NotImplementedError

    def flag(self, uid: int, *, on: bool) -> Facts:
        raise NotImplementedError

    def check(self) -> Facts:
        """What the page asks by itself: is anything new? {"new": how many}."""
        raise NotImplementedError

    def threads(self) -> Facts:
        raise NotImplementedError

    def unthread(self) -> None:
        """Undoes threads(); not timed."""

    def close(self) -> None:
        if self._http:
            self._http.close()


class Roundcube(Peer):
    name = "roundcube"
    base = f"http://127.0.0.1:{ROUNDCUBE_PORT}"
    services = ("nginx", "fpm", "dovecot")

    def login(self) -> None:
        token = re.search(r'name="_token" value="([^"]+)"', self.http.get("/").text)
        need(token, "no login form")
        form = {
            "_token": token[1] if token else "",
            "_task": "login",
            "_action": "login",
            "_timezone": "UTC",
            "_url": "",
            "_user": self.user,
            "_pass": self.password,
        }
        answer = self.http.post("/?_task=login", form)
        found = re.search(r'"request_token":"([^"]+)"', answer.text)
        need(found and "messagelist" in answer.text, "login failed")
        self.token = found[1] if found else ""
        self.uids: list[int] = []
        self._sort: str | None = None

    def _ask(self, action: str, params: Facts, *, post: bool = False) -> Facts:
        headers = {
            "X-Requested-With": "XMLHttpRequest",
            "X-Roundcube-Request": self.token,
            "Accept": "application/json",
        }
        params = {**params, "_remote": "1", "_unlock": "loading1"}
        address = f"/?_task=mail&_action={action}"
        if post:
            answer = self.http.post(address, params, headers)
        else:
            answer = self.http.get(f"{address}&{urllib.parse.urlencode(params)}", headers)
        need(answer.status == 200, f"{action}: HTTP {answer.status}")
        data: Facts = answer.json()
        need(data.get("action") == action, f"{action}: {str(data)[:200]}")
        return data

    @staticmethod
    def _rows(data: Facts) -> list[int]:
        return [int(uid) for uid in re.findall(r"add_message_row\((\d+),", data.get("exec", ""))]

    def page(self) -> Facts:
        need('id="messagelist"' in self.http.get("/?_task=mail").text, "no mail page")
        wanted = {"_refresh": 1, "_layout": "widescreen", "_mbox": "INBOX", "_page": ""}
        data = self._ask("list", wanted)
        self._ask("getunread", {"_page": 1})
        return {"rows": len(self._rows(data))}

    def list(self, page: int, sort: str = "") -> Facts:
        wanted: Facts = {"_layout": "widescreen", "_mbox": "INBOX", "_page": page}
        if sort != self._sort:
            wanted["_sort"] = "date_DESC" if sort == "date" else "_DESC"
        self._sort = sort
        data = self._ask("list", wanted)
        self.uids = self._rows(data)
        need(len(self.uids) == PAGE, f"list: {len(self.uids)} rows")
        return {"rows": len(self.uids), "first": self.uids[0]}

    def open(self, uid: int) -> Facts:
        capabilities = "pdf%3D1%2Cflash%3D0%2Ctiff%3D0%2Cwebp%3D1%2Cpgpmime%3D0"
        address = f"/?_task=mail&_caps={capabilities}&_uid={uid}&_mbox=INBOX&_framed=1&_action=preview"
        answer = self.http.get(address)
        need(answer.status == 200 and 'id="messagebody"' in answer.text, "preview")
        need("message-htmlpart" in answer.text, "preview without HTML")
        return {"html": len(answer.body)}

    def search(self, word: str) -> Facts:
        wanted = {"_interval": "", "_q": word, "_headers": "subject", "_layout": "widescreen"}
        data = self._ask("search", {**wanted, "_filter": "ALL", "_scope": "base", "_mbox": "INBOX"})
        return {"total": data["env"].get("messagecount"), "rows": len(self._rows(data))}

    def folder(self, name: str) -> Facts:
        data = self._ask("list", {"_refresh": 1, "_layout": "widescreen", "_mbox": name, "_page": 1})
        need(self._rows(data), "folder: no rows")
        return {"rows": len(self._rows(data))}

    def _mark(self, uid: int, flag: str) -> Facts:
        data = self._ask("mark", {"_uid": uid, "_flag": flag, "_mbox": "INBOX"}, post=True)
        need("error" not in data.get("exec", ""), f"mark: {data.get('exec')}")
        return {}

    def seen(self, uid: int, *, on: bool) -> Facts:
        return self._mark(uid, "read" if on else "unread")

    def flag(self, uid: int, *, on: bool) -> Facts:
        return self._mark(uid, "flagged" if on else "unflagged")

    def check(self) -> Facts:
        known = ",".join(map(str, self.uids))
        wanted = {"_mbox": "INBOX", "_folderlist": 1, "_list": 1, "_uids": known, "_last": 1}
        data = self._ask("refresh", wanted, post=True)
        return {"new": len([uid for uid in self._rows(data) if uid not in self.uids])}

    def threads(self) -> Facts:
        data = self._threaded(1)
        need(data["env"].get("threading") is True and len(self._rows(data)) >= PAGE, "threads")
        return {"rows": len(self._rows(data))}

    def unthread(self) -> None:
        self._threaded(0)

    def _threaded(self, on: int) -> Facts:
        wanted = {"_threads": on, "_layout": "widescreen", "_mbox": "INBOX", "_page": 1, "_sort": "_DESC"}
        return self._ask("list", wanted)


class RoundcubeCached(Roundcube):
    name = "roundcube+cache"
    base = f"http://127.0.0.1:{CACHED_PORT}"


class RawImap(Peer):
    """The floor: one IMAP connection that stays open and selected, no HTTP, answers counted but not parsed."""

    name = "imap floor"
    services = ("dovecot",)
    HEAD = "UID FLAGS RFC822.SIZE INTERNALDATE ENVELOPE BODYSTRUCTURE"

    def login(self) -> None:
        self.imap = Imap(self.user, self.password)
        self.exists = self.known = self.imap.select("INBOX")
        self._octets = 0

    def reset(self) -> None:
        self._octets = 0

    @property
    def octets(self) -> int:
        return self._octets

    def _run(self, text: str) -> Reply:
        reply = self.imap.command(text)
        need(reply.ok, str(reply.lines[-1]))
        self._octets += reply.size
        for line in reply.lines:
            if line.startswith(b"* ") and line.endswith(b" EXISTS"):
                self.exists = int(line.split()[1])
            elif line.startswith(b"* ") and line.endswith(b" EXPUNGE"):
                self.exists -= 1
        return reply

    def list(self, page: int, sort: str = "") -> Facts:
        low, high = (page - 1) * PAGE + 1, page * PAGE
        if sort == "date":
            order = self._run(f"UID SORT RETURN (PARTIAL {low}:{high}) (REVERSE DATE) UTF-8 ALL").uids()
            reply = self._run(f"UID FETCH {','.join(map(str, order))} ({self.HEAD})")
        else:  # arrival: the sequence numbers are the order; flag changes and new messages come with NOOP
            self._run("NOOP")
            reply = self._run(f"FETCH {self.exists - high + 1}:{self.exists - low + 1} ({self.HEAD})")
        count = _fetched(reply)
        need(count == PAGE, f"{count} rows")
        return {"rows": count}

    def open(self, uid: int) -> Facts:
        return {"html": self._run(f"UID FETCH {uid} (FLAGS BODYSTRUCTURE BODY.PEEK[])").size}

    def search(self, word: str) -> Facts:
        hits = self._run(f"UID SEARCH RETURN (ALL) SUBJECT {word}").uids()
        if hits:
            self._run(f"UID FETCH {','.join(map(str, hits[-PAGE:]))} ({self.HEAD})")
        return {"total": len(hits)}

    def folder(self, name: str) -> Facts:
        reply = self._run(f'EXAMINE "{name}"')
        count = next(int(line.split()[1]) for line in reply.lines if line.endswith(b" EXISTS"))
        return {"rows": _fetched(self._run(f"FETCH {max(1, count - PAGE + 1)}:{count} ({self.HEAD})"))}

    def after_folder(self) -> None:
        self.exists = self.known = self.imap.select("INBOX")

    def seen(self, uid: int, *, on: bool) -> Facts:
        self._run(f"UID STORE {uid} {'+' if on else '-'}FLAGS (\\Seen)")
        return {}

    def flag(self, uid: int, *, on: bool) -> Facts:
        self._run(f"UID STORE {uid} {'+' if on else '-'}FLAGS (\\Flagged)")
        return {}

    def check(self) -> Facts:
        before = self.known
        self._run("NOOP")
        self.known = self.exists
        return {"new": self.exists - before}

    def threads(self) -> Facts:
        reply = self._run("UID THREAD REFS UTF-8 ALL")
        line = next(line for line in reply.lines if line.startswith(b"* THREAD"))
        last = re.findall(rb"\d+", line[-600:])[-PAGE:]
        self._run(f"UID FETCH {b','.join(last).decode()} ({self.HEAD})")
        return {"rows": len(last)}

    def close(self) -> None:
        self.imap.close()


def _fetched(reply: Reply) -> int:
    return sum(b" FETCH (" in line[:24] for line in reply.lines)
