"""The document of a message: an origin of its own, without scripts, that can load nothing.

The sanitiser may fail; these headers must hold without it (tests/webmail/mime serve raw HTML with them).
"""

from collections.abc import Callable
from pathlib import Path

from django.http import HttpResponse

from webmail.http import MailRequest
from webmail.mime import sanitize, text
from webmail.services import images
from webmail.services.reading import Opened

_STYLE = (Path(__file__).parent / "letter.css").read_text()
_BEFORE = (
    '<!doctype html><html><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
    f'<title>–</title><base target="_blank"><link rel="icon" href="data:,"><style>{_STYLE}</style></head>'
)
MAILTO = "/compose/?mailto="


def wants_images(request: MailRequest) -> bool:
    return request.GET.get("images") == "1"


def remote(request: MailRequest, opened: Opened) -> Callable[[str], str | None] | None:
    """What stands for a picture on the network: our proxy's address, when this reader asked for pictures."""
    if not wants_images(request) or opened.outline.is_encrypted:
        return None
    root = f"{request.scheme}://{request.get_host()}"
    account = request.credentials.address
    return lambda url: f"{root}/picture/{images.sign(account, url)}/"


def sanitizing(request: MailRequest, opened: Opened) -> sanitize.Policy:
    return sanitize.Policy(remote=remote(request, opened), mailto=MAILTO)


def key(request: MailRequest) -> str:
    """What makes one clean copy of a letter different from another."""
    return f"{request.scheme}://{request.get_host()}" if wants_images(request) else ""


def policy(request: MailRequest) -> str:
    pictures = f"{request.scheme}://{request.get_host()}/picture/ data:" if wants_images(request) else "data:"
    return (
        "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
        f"img-src {pictures}; style-src 'unsafe-inline'; "
        "frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
    )


def answer(request: MailRequest, clean: sanitize.Clean) -> HttpResponse:
    if request.GET.get("look") == "light":
        look = "light"
    else:
        look = "plain" if adapts_itself(clean.html) else "adapted"
    # Only put between two constants: nothing reads or writes the letter's HTML after the sanitiser.
    return locked(request, HttpResponse(f'{_BEFORE}<body class="{look}">{clean.html}</body></html>'))


def locked(request: MailRequest, response: HttpResponse) -> HttpResponse:
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers["Content-Security-Policy"] = policy(request)
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


def adapts_itself(html: str) -> bool:
    """Whether the letter brings its own dark colours."""
    return "prefers-color-scheme" in html or "color-scheme:" in html
