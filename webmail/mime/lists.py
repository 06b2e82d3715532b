"""Leaving a mailing list. RFC 2369, RFC 8058."""

import re
from dataclasses import dataclass

from . import headers, links

_ADDRESS = re.compile(r"<\s*([^<>\s]{1,4000})\s*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """The ways a letter offers; empty where it does not."""

    one_click: str = ""  # https, to be POSTed to by us
    mailto: str = ""
    page: str = ""  # https, for a person to look at

    def __bool__(self) -> bool:
        return bool(self.one_click or self.mailto or self.page)


def leaving(known: headers.Fields) -> Leaving:
    found = _ADDRESS.findall(headers.words(known, "list-unsubscribe"))[:10]
    safe = [url for url in map(links.safe_link, found) if url]
    page = next((url for url in safe if links.scheme(url) == "https"), "")
    # RFC 8058, 3.1: exactly this value, and only over https.
    once = (
        headers.words(known, "list-unsubscribe-post").replace(" ", "").lower() == "list-unsubscribe=one-click"
    )
    return Leaving(
        one_click=page if once else "",
        mailto=next((url for url in safe if links.scheme(url) == "mailto"), ""),
        page=page,
    )
