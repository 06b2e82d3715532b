"""What the pages about backups say: the sentence of a code, sizes in words, states with their sign."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import formats
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mailadmin.backup.words import STEPS, WORDS, fill
from mailadmin.models import BackupRun, BackupStep
from postie_web.templatetags.design import human_size

register = template.Library()
SIZES = ("free", "needed", "added", "bytes_a_second")
MOST = 5
GOOD = ("ok", "ok-with-vanished")
DOUBT = ("warning", "suspicious", "locked", "cancelled")


@register.filter
def says(about: BackupRun | BackupStep) -> str:
    words = WORDS.get(about.code)
    if not words:
        return about.code
    said = fill(gettext(words.says), _shown(about.facts))
    # What a program said often ends without a stop, and the remedy follows on the same line.
    return said if said.endswith((".", "!", "?")) else f"{said}."


@register.filter
def remedy(about: BackupRun | BackupStep) -> str:
    words = WORDS.get(about.code)
    return fill(gettext(words.fix), _shown(about.facts)) if words and words.fix else ""


@register.filter
def step_words(name: str) -> str:
    return gettext(STEPS[name]) if name in STEPS else name


@register.filter
def tone(state: str) -> str:
    """success · caution · danger · accent, of a badge."""
    if state in GOOD:
        return "success"
    if state in DOUBT:
        return "caution"
    return "accent" if state in ("waiting", "running", "skipped") else "danger"


@register.filter
def sign(state: str) -> str:
    return {"success": "circle-check", "caution": "triangle-alert", "accent": "clock", "danger": "circle-x"}[
        tone(state)
    ]


REASONS = {
    "daily snapshot": _("one of the daily ones"),
    "weekly snapshot": _("one of the weekly ones"),
    "monthly snapshot": _("one of the monthly ones"),
    "yearly snapshot": _("one of the yearly ones"),
    "oldest daily snapshot": _("the oldest daily one"),
    "oldest weekly snapshot": _("the oldest weekly one"),
    "oldest monthly snapshot": _("the oldest monthly one"),
    "oldest yearly snapshot": _("the oldest yearly one"),
}


@register.filter
def reasons(said: Iterable[str]) -> str:
    """restic's reasons for keeping a snapshot, in words."""
    return ", ".join(str(REASONS.get(one, one)) for one in said)


@register.filter
def duration(seconds: float | None) -> str:
    """4.2 s · 3 min 10 s · 2 h 05 min"""
    value = float(seconds or 0)
    if value < 60:
        return f"{formats.number_format(round(value, 1), decimal_pos=1 if value < 10 else 0)} s"
    minutes, rest = divmod(round(value), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min"


def _shown(facts: dict[str, Any]) -> dict[str, Any]:
    shown = {}
    for name, value in facts.items():
        if name in SIZES:
            value = human_size(value)
        elif isinstance(value, list):
            value = ", ".join(map(str, value[:MOST]))
        elif isinstance(value, float):
            value = round(value, 1)
        shown[name] = value
    return shown
