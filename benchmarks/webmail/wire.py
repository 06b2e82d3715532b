"""A small HTTP client for measuring: one open connection, cookies, gzip, octets as they crossed."""

import gzip
import http.client
import json
import urllib.parse
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

_GONE = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)
_AGENT = "Mozilla/5.0 (X11; Linux x86_64) bench Chrome/130"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


class Http:
    """`octets` (header and body) and `requests` are counted since the last reset()."""

    def __init__(self, base: str, timeout: float = 300) -> None:
        place = urllib.parse.urlsplit(base)
        self._host, self._port, self._timeout = place.hostname or "", place.port or 80, timeout
        self._connection: http.client.HTTPConnection | None = None
        self.cookies: dict[str, str] = {}
        self.octets = self.requests = 0

    def reset(self) -> None:
        self.octets = self.requests = 0

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._follow("GET", path, None, dict(headers or {}))

    def post(
        self, path: str, body: bytes | dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> Answer:
        given = dict(headers or {})
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body).encode()
            given.setdefault("Content-Type", "application/x-www-form-urlencoded")
        return self._follow("POST", path, body, given)

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _follow(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        response, raw = self._exchange(method, path, body, {**self._own_headers(), **headers})
        self.octets += len(raw) + 17 + sum(len(k) + len(v) + 4 for k, v in response.getheaders())
        self.requests += 1
        self._keep_cookies(response.headers.get_all("Set-Cookie") or [])
        where = response.headers.get("Location")
        if response.status in (301, 302, 303, 307) and where:
            target = urllib.parse.urlsplit(
                urllib.parse.urljoin(f"http://{self._host}:{self._port}{path}", where)
            )
            query = f"?{target.query}" if target.query else ""
            headers.pop("Content-Type", None)
            return self._follow("GET", (target.path or "/") + query, None, headers)
        is_packed = response.headers.get("Content-Encoding") == "gzip"
        return Answer(response.status, response.headers, gzip.decompress(raw) if is_packed else raw)

    def _own_headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "gzip", "User-Agent": _AGENT, "Accept": "*/*", "Accept-Language": "en"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str]
    ) -> tuple[http.client.HTTPResponse, bytes]:
        with suppress(*_GONE):  # the server may have closed a connection that was idle: once more
            if self._connection is not None:
                return self._once(self._connection, method, path, body, headers)
        self.close()
        self._connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        return self._once(self._connection, method, path, body, headers)

    @staticmethod
    def _once(
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection.request(method, path, body, headers)
        response = connection.getresponse()
        return response, response.read()

    def _keep_cookies(self, lines: list[str]) -> None:
        for line in lines:
            name, _, value = line.split(";", 1)[0].partition("=")
            if value in ("", '""', "deleted", "-del-"):
                self.cookies.pop(name.strip(), None)
            else:
                self.cookies[name.strip()] = value
