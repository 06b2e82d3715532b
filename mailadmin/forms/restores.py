"""What is to be brought back, and from when."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from mailadmin.backup.results import Snapshot
from mailadmin.forms.base import PanelForm
from mailadmin.models import Restore
from mailadmin.services import addresses
from mailadmin.services.restores import MOST_CHOSEN, Wish
from postie_web.lib import idn


class WishForm(PanelForm):
    """`target`: an address or a domain, as the scope wants it; `key`: single messages."""

    moment = forms.ChoiceField(label=_("As it was on"))
    scope = forms.ChoiceField(label=_("What"), choices=Restore.Scope.choices, initial=Restore.Scope.MAILBOX)
    target = forms.CharField(
        label=_("Address or domain"), max_length=320, required=False,
        help_text=_("Empty only for every mailbox."),
    )  # fmt: skip
    folder = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput, strip=False)
    recreate = forms.BooleanField(
        label=_("Make mailboxes that are gone again, with their old passwords where that is possible"),
        required=False,
    )

    into_maildir = forms.BooleanField(
        label=_("Straight into the mailbox's files, without IMAP"), required=False,
        help_text=_("For a mail server that is down or has no master user. The mailbox must exist."),
    )  # fmt: skip

    def __init__(
        self, data: Any = None, *, moments: Sequence[Snapshot], can_write: bool = False, **options: Any
    ) -> None:
        super().__init__(data, **options)
        if not can_write:
            del self.fields["into_maildir"]
        self.moments = moments
        choice: Any = self.fields["moment"]
        choice.choices = [(moment.short_id, _when(moment)) for moment in moments]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        scope, target = values.get("scope"), values.get("target", "").strip()
        try:
            if scope == Restore.Scope.EVERYTHING:
                target = ""
            elif scope == Restore.Scope.DOMAIN:
                target = idn.to_ascii(target)
            else:
                target = addresses.ours(target)
        except ValueError:
            self.add_error("target", _("This does not fit: an address, or a domain for a whole domain."))
        values["target"] = target
        return values

    def keys(self) -> tuple[str, ...]:
        data: Any = self.data
        return tuple(data.getlist("key"))[:MOST_CHOSEN] if hasattr(data, "getlist") else ()

    def wish(self) -> Wish:
        values = self.cleaned_data
        return Wish(
            scope=values["scope"],
            target=values["target"],
            folder=values["folder"],
            keys=self.keys() if values["scope"] == Restore.Scope.MESSAGES else (),
            recreate=values["recreate"],
            into_maildir=bool(values.get("into_maildir")),
        )


def _when(moment: Snapshot) -> str:
    return date_format(timezone.localtime(moment.time), "DATETIME_FORMAT")
