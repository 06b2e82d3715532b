"""What the mail server said in English, in the reader's language. Unknown sentences pass as they are."""

import re
from collections.abc import Callable, Mapping

from django import forms
from django.utils.translation import gettext as _

from mailadmin.posteio.errors import Rejected
from mailadmin.services.activity import FACTS
from mailadmin.services.errors import ChangedMeanwhile

# poste.io and the bundled server say much the same in different words: patterns, the first that fits.
_KNOWN: list[tuple[str, Callable[[], str]]] = [
    (r"combination of username and domain is already", lambda: _("This address already exists.")),
    (r"already (in (the )?database|exists|used|taken)", lambda: _("This already exists.")),
    (r"domain.*(not|doesn'?t|does not) exist|unknown domain", lambda: _("This domain is not on the server.")),
    (
        r"password.*(short|least|weak|strength)|too (short|weak)",
        lambda: _("The server finds this password too weak."),
    ),
    (r"loop|point(s|ing)? (to|at) itself", lambda: _("Mail would run in a circle.")),
    (r"wildcard", lambda: _("Only *@domain with a domain of this server may stand for everybody.")),
    (
        r"(not|isn'?t|is not) (a )?valid (e-?mail|address)|invalid (e-?mail|address)",
        lambda: _("This is not an e-mail address."),
    ),
    (r"(not|isn'?t|is not) (a )?valid domain|invalid domain", lambda: _("This is not a domain name.")),
    (r"blank|required|missing|empty", lambda: _("Please fill this in.")),
    (r"own account|yourself", lambda: _("You cannot do this to your own account.")),
    (r"last (super|system|administrator)", lambda: _("The server needs at least one administrator.")),
    (r"too long|at most|longer than", lambda: _("This is too long.")),
    (r"negative|integer|number", lambda: _("Please enter a whole number, 0 or more.")),
    (r"not valid|invalid", lambda: _("The server does not accept this.")),
]


def translated(reason: str) -> str:
    """The sentence of ours that means the same, or theirs."""
    for pattern, sentence in _KNOWN:
        if re.search(pattern, reason, re.IGNORECASE):
            return sentence()
    return reason or _("The mail server refused this without saying why.")


def changed_meanwhile(error: ChangedMeanwhile) -> str:
    """What it is now, so that one can decide."""
    now = "; ".join(f"{FACTS.get(key, key)}: {shown(value)}" for key, value in error.now.items())
    return _(
        "Somebody changed this while you were looking at it, so nothing was saved. It is now: %(now)s. "
        "Look at your values again and save once more if they are still right."
    ) % {"now": now}


def shown(value: object) -> str:
    """A fact of the log as a person reads it."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(str(one) for one in value) or "–"
    return "–" if value is None or value == "" else str(value)


def add(form: forms.BaseForm, error: Rejected, fields: Mapping[str, str]) -> None:
    """Put what the server said beside the field it means; `fields`: its names → ours."""
    field = fields.get(error.field or "")
    form.add_error(field if field in form.fields else None, translated(error.reason))
