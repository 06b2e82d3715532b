"""Forms of the DNS pages."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mailadmin.dns.update import ALGORITHMS

MONTHS = ((30, _("30 days")), (90, _("90 days")), (365, _("one year")))


class AcceptanceForm(forms.Form):
    key = forms.CharField(max_length=300, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why is it right as it is?"), max_length=300)
    days = forms.TypedChoiceField(label=_("For how long?"), choices=MONTHS, coerce=int, initial=90)

    def until(self) -> date:
        return timezone.localdate() + timedelta(days=int(self.cleaned_data["days"]))


class WriterForm(forms.Form):
    server = forms.GenericIPAddressField(label=_("Address of the name server"))
    port = forms.IntegerField(label=_("Port"), initial=53, min_value=1, max_value=65535)
    key_name = forms.CharField(label=_("Name of the TSIG key"), max_length=253)
    algorithm = forms.ChoiceField(label=_("Algorithm"), choices=[(name, name) for name in ALGORITHMS])
    secret = forms.CharField(
        label=_("Secret of the TSIG key"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("It is stored sealed and never shown again."),
    )
