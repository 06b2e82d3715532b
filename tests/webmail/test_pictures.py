"""The picture proxy goes only where it was told to by us, and never into our own house."""

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from postie_web.lib import outside
from webmail.services import images

INSIDE = [
    "127.0.0.1", "127.1", "127.0.0.2", "0.0.0.0", "0", "2130706433", "0x7f000001", "0x7f.1", "017700000001",
    "0177.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "198.18.0.1",
    "224.0.0.1", "255.255.255.255", "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd12::1]",
    "[ff02::1]", "localhost", "localhost.", "LOCALHOST", "[2001:db8::1]", "192.0.2.1", "240.0.0.1",
]  # fmt: skip
NAMES = {
    "metadata.google.internal": ["169.254.169.254"],
    "127.0.0.1.nip.io": ["127.0.0.1"],
    "mixed.example": ["93.184.216.34", "10.0.0.1"],
    "rebound.example": ["::ffff:192.168.0.1"],
    "nat.example": ["64:ff9b::a9fe:a9fe"],
    "gone.example": [],
}


def names(host: str, _port: int) -> list[str]:
    if host in NAMES:
        return NAMES[host]
    raise socket.gaierror(host)


@pytest.mark.parametrize("host", INSIDE)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_our_own_house_is_not_entered(host: str, scheme: str) -> None:
    with pytest.raises(outside.Refused):
        outside.get(f"{scheme}://{host}/x.png", outside.Limits(seconds=2))


@pytest.mark.parametrize("host", [*NAMES, "unknown.example"])
def test_names_that_lead_inside_are_refused(host: str) -> None:
    with pytest.raises(outside.Refused):
        outside.get(f"http://{host}/x.png", find=names)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://example.com:22/",
        "http://example.com:8080/",
        "https://example.com:80/",
        "http://example.com:x/",
        "gopher://x/",
        "http:///x",
        "http://user@example.com/",
        "http://a:b@example.com/",
        "//example.com/",
        "http://[::1/",
        "http://example.com/\u00f1",
        "http://example.com/a b",
        "",
    ],
)
def test_only_plain_addresses_are_followed(url: str) -> None:
    asked: list[str] = []

    def find(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with pytest.raises(outside.Refused, match="address"):
        outside.get(url, find=find)


@pytest.fixture
def redirecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A server that our door takes for a public one, and that sends everybody to our own house."""
    asked: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                asked.append(connection.recv(4096).decode())
                connection.sendall(
                    b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
                )

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    real = socket.create_connection

    def here(to: tuple[str, int], *rest: Any, **more: Any) -> socket.socket:
        return real(("127.0.0.1", port) if to[0] == "93.184.216.34" else to, *rest, **more)

    monkeypatch.setattr(socket, "create_connection", here)
    yield asked
    listener.close()
    thread.join(5)


def test_a_redirect_goes_through_the_same_door(redirecting: list[str]) -> None:
    def find(host: str, _port: int) -> list[str]:
        return ["93.184.216.34"] if host == "pictures.example" else [host]

    with pytest.raises(outside.Refused, match="not a public address"):
        outside.get("http://pictures.example/a.png", find=find)
    assert len(redirecting) == 1
    assert "Cookie" not in redirecting[0]
    assert "Referer" not in redirecting[0]


def test_only_signed_addresses_are_opened(browser: Client, settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    token = images.sign("ana@kronos.test", "http://pictures.example/a.png")
    assert images.opened(token) == ("ana@kronos.test", "http://pictures.example/a.png")
    for forged in (token[:-2], f"x{token}", "http:~~x", "", token.replace(":", "%3A") + "x"):
        with pytest.raises(images.Forged):
            images.opened(forged)
    assert browser.get("/picture/forged:1:2/").status_code == 404
    assert browser.get(f"/picture/{images.sign('a@b', 'http://127.0.0.1/x.png')}/").status_code == 404


def test_only_rasters_are_pictures() -> None:
    assert images.media_type(b"\x89PNG\r\n\x1a\n...") == "image/png"
    assert images.media_type(b"\xff\xd8\xff\xe0") == "image/jpeg"
    for other in (b"<svg xmlns=", b"<html>", b"", b"%PDF-1.4", b"RIFF....WAVE"):
        assert images.media_type(other) == ""
