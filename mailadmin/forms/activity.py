"""What of the activity log somebody wants to see."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mailadmin.models import AuditEntry
from mailadmin.services.activity import ACTIONS, Filter


class FilterForm(forms.Form):
    """Nonsense in the address shows everything and says what was not understood."""

    q = forms.CharField(label=_("Who or what"), max_length=200, required=False)
    action = forms.ChoiceField(
        label=_("Action"), required=False, choices=[("", _("Everything")), *ACTIONS.items()]
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[
            ("", _("Any")),
            (AuditEntry.Outcome.DONE, _("done")),
            (AuditEntry.Outcome.REFUSED, _("refused")),
            ("unsettled", _("not confirmed")),
            (AuditEntry.Outcome.MISSED, _("did not happen")),
        ],
    )
    since = forms.DateField(
        label=pgettext_lazy("first day", "From"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    until = forms.DateField(
        label=pgettext_lazy("last day", "To"),
        required=False,
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def filter(self, domain: str | None) -> Filter:
        self.full_clean()
        data: dict[str, Any] = self.cleaned_data if self.is_bound else {}
        return Filter(
            domain=domain,
            text=data.get("q", ""),
            action=data.get("action", ""),
            outcome=data.get("outcome", ""),
            since=data.get("since"),
            until=data.get("until"),
        )
