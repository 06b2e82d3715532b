"""What is looked for in the mail log."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

MOMENT = "%Y-%m-%dT%H:%M"


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local", "class": "input"}, format=MOMENT)


class MailLogForm(forms.Form):
    """All are optional; nonsense in a date is said beside it."""

    q = forms.CharField(
        label=_("Address, Message-ID or queue id"), required=False, max_length=300, strip=True
    )
    since = forms.DateTimeField(label=_("From"), required=False, widget=_moment(), input_formats=[MOMENT])
    until = forms.DateTimeField(label=_("Until"), required=False, widget=_moment(), input_formats=[MOMENT])

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["q"].widget.attrs |= {"class": "input", "type": "search"}
