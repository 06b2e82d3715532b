"""What of a message is its text, what are pictures within, what is enclosed, by its structure."""

from collections.abc import Iterator
from dataclasses import dataclass

from webmail.types import Part

_MOST_PARTS = 1000
_DEEPEST = 50
_TEXTS = ("text/plain", "text/html")
RASTERS = frozenset(("image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """`plain` and `html` are alternatives of each other; `more` are further texts, in order."""

    plain: tuple[Part, ...] = ()
    html: tuple[Part, ...] = ()
    attachments: tuple[Part, ...] = ()
    pictures: tuple[Part, ...] = ()  # with a Content-ID, to stand inside the HTML
    calendar: Part | None = None
    is_encrypted: bool = False

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that can be downloaded by itself."""
        return (*self.attachments, *self.pictures)


def outline(root: Part) -> Outline:
    plain: list[Part] = []
    html: list[Part] = []
    rest: list[Part] = []
    encrypted = root.media_type == "multipart/encrypted"
    for part, alternative in _leaves(root, depth=0):
        if part.media_type in _TEXTS and not part.is_attachment and not encrypted:
            # In an alternative the texts say the same twice; elsewhere each is news.
            if part.media_type == "text/html":
                html.append(part)
                if not alternative:
                    plain.append(part)
            else:
                plain.append(part)
                if not alternative:
                    html.append(part)
        else:
            rest.append(part)
    if not any(part.media_type == "text/html" for part in html):
        html = []
    pictures = tuple(
        p for p in rest if p.content_id and p.media_type in RASTERS and p.disposition != "attachment"
    )
    attachments = tuple(p for p in rest if p not in pictures or not html)
    calendar = next((p for p in rest if p.media_type in ("text/calendar", "application/ics")), None)
    return Outline(
        plain=tuple(plain or html),
        html=tuple(html),
        attachments=attachments,
        pictures=pictures if html else (),
        calendar=calendar,
        is_encrypted=encrypted,
    )


def _leaves(root: Part, depth: int) -> Iterator[tuple[Part, bool]]:
    """The parts of this message, not of messages enclosed in it, with: does it stand in an alternative?"""
    stack: list[tuple[Part, int, bool]] = [(root, depth, False)]
    count = 0
    while stack and count < _MOST_PARTS:
        part, level, alternative = stack.pop()
        if part.is_multipart and level < _DEEPEST:
            inside = alternative or part.media_type == "multipart/alternative"
            stack.extend((child, level + 1, inside) for child in reversed(part.children))
        elif not part.is_multipart:
            count += 1
            yield part, alternative


def find(root: Part, section: str) -> Part | None:
    """The part of that number, or None. Sections of strangers' URLs are only ever compared."""
    return next((part for part in root.walk() if part.section == section and not part.is_multipart), None)
