"""Fragments that are drawn once and kept: what they show is all in their key, so they cannot go stale."""

import re
from collections.abc import Callable, Hashable
from functools import lru_cache
from html import escape
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from webmail.imap.cache import Bounded

_DRAWN: Bounded[SafeString] = Bounded(2000)
_HOLE = re.compile("\x02(\\w+)\x03")


def drawn(template: str, key: Hashable, context: dict[str, Any] | Callable[[], dict[str, Any]]) -> SafeString:
    """The template with this context; `key` has to tell apart whatever the context can."""
    whole = (template, get_language(), key)
    html = _DRAWN.get(whole)
    if html is None:
        values = context() if callable(context) else context
        html = mark_safe(get_template(template).render(values))  # noqa: S308 - a template's own output
        _DRAWN.put(whole, html)
    return html


class Holes:
    """Stands in for a row while its template is drawn: every attribute is a hole to be filled later."""

    def __getattr__(self, name: str) -> SafeString:
        if name.startswith("_") or name == "resolve_expression":
            raise AttributeError(name)
        return mark_safe(f"\x02{name}\x03")  # noqa: S308 - our own constant


@lru_cache(maxsize=512)
def _pieces(template: str, language: str, variant: tuple[tuple[str, bool], ...]) -> tuple[str, ...]:
    html = get_template(template).render({"row": Holes(), **dict(variant)})
    return tuple(_HOLE.split(html.strip()))


def filled(template: str, variant: dict[str, bool], values: dict[str, str], language: str = "") -> SafeString:
    """A template drawn once per `variant` (what its ifs ask for), its holes filled with `values`, escaped.

    Fifty rows through Django's template engine cost more than asking Dovecot for them.
    """
    pieces = list(_pieces(template, language or get_language() or "", tuple(variant.items())))
    escaped = {
        name: value if isinstance(value, SafeString) else escape(value) for name, value in values.items()
    }
    pieces[1::2] = [escaped[name] for name in pieces[1::2]]
    return mark_safe("".join(pieces))  # noqa: S308 - a template's output and escaped values
