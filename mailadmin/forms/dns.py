"""Forms of the DNS pages."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MONTHS = ((30, _("30 days")), (90, _("90 days")), (365, _("one year")))


class AcceptanceForm(forms.Form):
    key = forms.CharField(max_length=300, widget=forms.HiddenInput)
    reason = forms.CharField(label=_("Why is it right as it is?"), max_length=300)
    days = forms.TypedChoiceField(label=_("For how long?"), choices=MONTHS, coerce=int, initial=90)

    def until(self) -> date:
        return timezone.localdate() + timedelta(days=int(self.cleaned_data["days"]))
