"""Forms of the DNS pages."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mailadmin.dns import provider
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


MOST_OPTIONS = 20
HOURS = ((1, _("1 hour")), (8, _("8 hours")), (24, _("1 day")), (168, _("7 days")))
SECRET = forms.PasswordInput(attrs={"autocomplete": "off"})


class ClouDnsForm(forms.Form):
    """ClouDNS, the most common one here; `options` as dns-lexicon wants them."""

    user = forms.CharField(label=_("API user (auth-id)"), max_length=50)
    is_sub = forms.BooleanField(label=_("It is a sub-user (sub-auth-id)"), required=False)
    password = forms.CharField(
        label=_("API password"),
        max_length=200,
        widget=SECRET,
        help_text=_("Made at ClouDNS under “API & Resellers”. It is stored sealed and never shown again."),
    )

    def options(self) -> dict[str, str]:
        data = self.cleaned_data
        return {
            "auth_subid" if data["is_sub"] else "auth_id": data["user"],
            "auth_password": data["password"],
        }


class ProviderForm(forms.Form):
    """Any provider that dns-lexicon knows."""

    provider = forms.ChoiceField(
        label=_("Provider"), choices=lambda: [(name, name) for name in provider.names()]
    )
    settings = forms.CharField(
        label=_("Its settings, one a line"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "placeholder": "auth_token=…"}),
        help_text=_("As dns-lexicon names them: auth_username=…, auth_token=…. They are stored sealed."),
    )

    def clean_settings(self) -> dict[str, str]:
        lines = [line for line in self.cleaned_data["settings"].splitlines() if line.strip()]
        pairs = [line.partition("=") for line in lines]
        if len(pairs) > MOST_OPTIONS or not all(name.strip() and found for name, found, _value in pairs):
            raise forms.ValidationError(_("One setting a line: name=value."))
        return {name.strip().lower().replace("-", "_"): value.strip() for name, _found, value in pairs}


class SilenceForm(forms.Form):
    hours = forms.TypedChoiceField(label=_("For how long?"), choices=HOURS, coerce=int, initial=8)
