"""What every template may use without loading it: icons, sizes, times, avatars."""

import datetime as dt
import zlib
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.forms import BoundField
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext

from postie_web.lib.push_channel import who

register = template.Library()
UNITS = ("B", "KB", "MB", "GB", "TB", "PB")


@register.simple_tag
def icon(name: str, label: str = "", css: str = "") -> SafeString:
    """An icon of the sprite. Without a label it is decoration and silent."""
    classes = f"icon {css}".strip()
    href = f"{static('icons/sprite.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', classes, label, href
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href)


@register.filter
def human_size(size: float | None) -> str:
    """Bytes in words a person uses: 0 B, 812 B, 3.1 MB, 12 GB (steps of 1024)."""
    return "" if size is None else size_in(size, get_language())


def size_in(size: float, language: str | None) -> str:
    """The same where the language is known: to ask for it fifty times takes longer than the rest."""
    value, unit = float(size), 0
    while value >= 1023.5 and unit < len(UNITS) - 1:
        value, unit = value / 1024, unit + 1
    digits = 1 if unit and value < 9.95 else 0
    return f"{_number(round(value, digits), digits, language)}\N{NO-BREAK SPACE}{UNITS[unit]}"


@lru_cache(maxsize=4096)
def _number(value: float, digits: int, _language: str | None) -> str:
    """Formatted once for each language: a list has fifty of them."""
    return formats.number_format(value, decimal_pos=digits)


def short_time(moment: dt.datetime, now: dt.datetime) -> str:
    """Today the clock, this week the day, this year the date, else the month and year."""
    days = (now.date() - moment.date()).days
    if days == 0:
        return formats.time_format(moment, "H:i")
    if 0 < days < 7:
        return formats.date_format(moment, "D")
    if moment.year == now.year:
        return formats.date_format(moment, "j M")
    return formats.date_format(moment, "j M Y")


@register.filter
def mail_time(moment: dt.datetime | None) -> SafeString | str:
    """`<time>` as short as it can be, the exact moment on hover and for machines."""
    if moment is None:
        return ""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else timezone.make_aware(moment)
    words = short_time(local, timezone.localtime())
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        exact_time(local),
        words,
    )


@register.filter
def exact_time(moment: dt.datetime | None) -> str:
    """Friday, 3 May 2026, 14:05."""
    if moment is None:
        return ""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else timezone.make_aware(moment)
    return formats.date_format(local, pgettext("format of an exact moment", "l, j F Y, H:i"))


@register.filter
def until(start: dt.date | None, end: dt.date | None) -> str:
    """Friday, 3 May 2026, 14:05 – 15:00; the day is said once. Dates without a time are whole days."""
    if not isinstance(start, dt.datetime) or not isinstance(end, dt.datetime | None):
        days = [formats.date_format(day, "DATE_FORMAT") for day in (start, end) if day]
        return " – ".join(dict.fromkeys(days))
    if end is None or end <= start:
        return exact_time(start)
    first, last = timezone.localtime(start), timezone.localtime(end)
    ending = formats.date_format(last, "H:i") if first.date() == last.date() else exact_time(last)
    return f"{exact_time(first)} – {ending}"


@register.simple_tag
def avatar(name: str, address: str = "", css: str = "") -> SafeString:
    """Initials on a quiet tone, always the same for an address. Decoration: the name stands beside it."""
    words = [word for word in (name or address).replace("@", " ").split() if word[:1].isalnum()]
    initials = "".join(word[0] for word in (words[:1] + words[1:2] if name else words[:1])) or "?"
    tone = zlib.crc32((address or name).lower().encode()) % 5
    return format_html(
        '<span class="avatar {}" data-tone="{}" data-initials="{}" aria-hidden="true"></span>',
        css,
        tone,
        initials,
    )


@register.simple_tag
def url_or_none(name: str, *arguments: Any) -> str:
    """A link that may not exist in this installation: the navigation shows only what is there."""
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""


@register.filter
def widget_type(field: BoundField) -> str:
    """checkboxinput, textinput … so that a template can set a field out as its kind wants."""
    return type(field.field.widget).__name__.lower()


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: Any) -> str:
    """The page's own query string with some values changed: `{% query page=3 %}`; None or '' removes one."""
    values = context["request"].GET.copy()
    for key, value in changes.items():
        if value is None or value == "":
            values.pop(key, None)
        else:
            values[key] = str(value)
    encoded: str = values.urlencode()
    return f"?{encoded}"


@register.simple_tag
def counted(number: int) -> str:
    """A number as people of the language write it: 4,812."""
    return formats.number_format(number, decimal_pos=0, force_grouping=True)


@register.filter
def begins(text: str, start: str) -> bool:
    """Is this page below that one?"""
    return text.startswith(start)


@register.simple_tag
def push_url() -> str:
    """Where the page listens for news; empty when it shall not."""
    url = str(settings.PUSH_URL)
    return "" if url == "off" else url or "/events/"


@register.simple_tag(takes_context=True)
def push_who(context: template.Context) -> str:
    """What the pages of this person call each other by."""
    credentials = getattr(context.get("request"), "credentials", None)
    return who(credentials.address, settings.SECRET_KEY) if credentials else ""
