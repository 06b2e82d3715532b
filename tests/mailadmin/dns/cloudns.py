"""ClouDNS as its API documentation describes it, on loopback: the provider dns-lexicon speaks to in tests.

What it is told goes into the zoo's zone by RFC 2136, so that the checks see it as the world would.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mailadmin.dns import update
from mailadmin.dns.plan import Change

USER, PASSWORD = "4711", "secret-of-cloudns-0815"
NUMBERS = {"MX": ("priority",), "SRV": ("priority", "weight", "port")}
NAMES = frozenset({"MX", "SRV", "CNAME"})


class Provider:
    """`fails_at`: the number of the write that is refused; `refuses_back`: so are all after it.
    `silent`: takes questions and says nothing."""

    def __init__(self, zone: update.Zone) -> None:
        self.zone = zone
        self.records: dict[str, dict[str, str]] = {}
        self.writes = 0
        self.fails_at = 0
        self.refuses_back = False
        self.silent = False
        self.released = threading.Event()
        self.asked: list[str] = []

    def add(self, kind: str, host: str, record: str, **numbers: str) -> None:
        """What stands there before, by somebody else."""
        number = str(len(self.records) + 1000)
        self.records[number] = {"id": number, "type": kind, "host": host, "record": record, **numbers}

    def answer(self, path: str, fields: dict[str, str]) -> Any:
        self.asked.append(path)
        if self.silent:
            self.released.wait(20)
        if (fields.get("auth-id"), fields.get("auth-password")) != (USER, PASSWORD):
            return _no("Invalid authentication, incorrect auth-id or auth-password.")
        if fields.get("domain-name") != self.zone.name:
            return _no("Missing domain-name")
        if path == "/dns/get-zone-info.json":
            return {"name": self.zone.name, "type": "master", "zone": "domain", "status": "1"}
        if path == "/dns/records.json":
            return self._list(fields)
        return self._write(path, fields)

    def _list(self, fields: dict[str, str]) -> Any:
        kind, host = fields.get("type"), fields.get("host")
        found = {
            number: {**record, "ttl": record.get("ttl", "3600")}
            for number, record in self.records.items()
            if kind in (None, record["type"]) and host in (None, record["host"])
        }
        return found or []  # PHP: an empty object is a list

    def _write(self, path: str, fields: dict[str, str]) -> Any:
        self.writes += 1
        if self.fails_at and (
            self.writes == self.fails_at or (self.refuses_back and self.writes > self.fails_at)
        ):
            return _no("The record is not valid.")
        number = fields.get("record-id", str(len(self.records) + 2000))
        old = self.records.get(number)
        if path == "/dns/delete-record.json":
            new = None
            del self.records[number]
        else:
            kept = old or {"id": number, "type": fields["record-type"], "host": fields["host"]}
            given = {k: v for k, v in fields.items() if k in ("record", "priority", "weight", "port", "ttl")}
            new = self.records[number] = kept | given
        self._publish(old, new, int(fields.get("ttl", "3600")))
        return {"status": "Success", "statusDescription": "Done."}

    def _publish(self, old: dict[str, str] | None, new: dict[str, str] | None, ttl: int) -> None:
        one = new or old
        assert one is not None
        name = ".".join(filter(None, [one["host"], self.zone.name]))
        values = [(_value(record),) if record else () for record in (old, new)]
        update.apply(self.zone, [Change(name, one["type"], values[0], values[1], "")], ttl)


def _value(record: dict[str, str]) -> str:
    numbers = [record.get(name, "0") for name in NUMBERS.get(record["type"], ())]
    dot = "." if record["type"] in NAMES else ""
    return " ".join([*numbers, record["record"] + dot])


def _no(why: str) -> dict[str, str]:
    return {"status": "Failed", "statusDescription": why}


@contextmanager
def serving(provider: Provider) -> Iterator[str]:
    """The address of its API."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            self._say(provider.answer(parts.path, dict(parse_qsl(parts.query, keep_blank_values=True))))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self._say(provider.answer(self.path, dict(parse_qsl(body, keep_blank_values=True))))

        def _say(self, what: Any) -> None:
            data = json.dumps(what).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        provider.released.set()
        server.shutdown()
        server.server_close()
        thread.join(5)
