"""The document of a message: an origin of its own, without scripts, that can load nothing.

The sanitiser may fail; these headers must hold without it (tests/webmail/mime serve raw HTML with them).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone

from webmail.http import MailRequest, Timings
from webmail.imap.connection import Connection
from webmail.mime import colours, sanitize, text
from webmail.services import images, query, reading
from webmail.services.reading import Opened

_STYLE = (Path(__file__).parent / "letter.css").read_text()
_BEFORE = (
    '<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    f'<title>–</title><base target="_blank"><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
)
MAILTO = "/compose/?mailto="


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the letter is to be drawn. It stands in the frame's address, which is all the frame has."""

    shows_images: bool = False
    is_light: bool = False
    words: str = ""  # of the search it was found by

    @classmethod
    def of(cls, values: QueryDict) -> "Look":
        return cls(
            shows_images=values.get("images") == "1",
            is_light=values.get("look") == "light",
            words=values.get("q", "")[:500],
        )

    def query(self) -> dict[str, str]:
        asked = {
            "images": "1" if self.shows_images else "",
            "look": "light" if self.is_light else "",
            "q": self.words,
        }
        return {name: value for name, value in asked.items() if value}

    def marked(self) -> tuple[str, ...]:
        """The words to mark in the text."""
        return query.parse(self.words, timezone.localdate()).words if self.words else ()


def _root(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def remote(request: MailRequest, opened: Opened, look: Look) -> Callable[[str], str | None] | None:
    """What stands for a picture on the network: our proxy's address, when this reader asked for pictures."""
    if not look.shows_images or opened.outline.is_encrypted:
        return None
    root, account = _root(request), request.credentials.address
    return lambda url: f"{root}/picture/{images.sign(account, url)}/"


def sanitizing(request: MailRequest, opened: Opened, look: Look) -> sanitize.Policy:
    return sanitize.Policy(remote=remote(request, opened, look), mailto=MAILTO, marked=look.marked())


def cleaned(request: MailRequest, imap: Connection, opened: Opened, look: Look) -> sanitize.Clean:
    """The letter's HTML, safe."""
    timings: Timings = vars(request)["timings"]
    with timings.cleaning(imap):
        return reading.html(imap, opened, sanitizing(request, opened, look), kept_as=key(request, look))


def key(request: MailRequest, look: Look) -> str:
    """What makes one clean copy of a letter different from another."""
    return f"{_root(request) if look.shows_images else ''} {look.words}"


def policy(request: HttpRequest, look: Look) -> str:
    pictures = f"{_root(request)}/picture/ data:" if look.shows_images else "data:"
    return (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        f"img-src {pictures}; style-src 'unsafe-inline'; "
        "frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
    )


def answer(request: MailRequest, clean: sanitize.Clean, look: Look, *, before: str = "") -> HttpResponse:
    """`before`: HTML of our own above the letter, for printing."""
    if look.is_light or before:
        css = "light"
    else:
        css = "plain" if colours.is_dark_by_itself(clean.html) else "adapted"
    # Only put between constants of ours: nothing reads or writes the letter's HTML after the sanitiser.
    document = f'{_BEFORE}<body class="{css}">{before}{clean.html}</body></html>'
    return locked(request, HttpResponse(document), look)


def locked(request: HttpRequest, response: HttpResponse, look: Look) -> HttpResponse:
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers["Content-Security-Policy"] = policy(request, look)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-DNS-Prefetch-Control"] = "off"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def height(html: str) -> str:
    """short, middle or tall: a frame without scripts cannot say how tall it is, so its words are counted."""
    lines = sum(1 + len(line) // 80 for line in text.from_html(html[:100_000]).split("\n"))
    lines += 8 * html.count("<img ")
    return "short" if lines < 12 else "middle" if lines < 28 else "tall"
