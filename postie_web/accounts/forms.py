"""The sign-in form."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from postie_web.lib import idn


class SignInForm(forms.Form):
    address = forms.CharField(
        label=_("Address"),
        max_length=254,
        widget=forms.EmailInput(
            attrs={
                "autocomplete": "username",
                "autofocus": True,
                "autocapitalize": "none",
                "spellcheck": "false",
            }
        ),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"].strip().lower()
        try:
            local_part, _at, domain = address.rpartition("@")
            address = f"{local_part}@{idn.to_ascii(domain)}"
            validate_email(address)
        except (ValueError, ValidationError):
            raise ValidationError(_("Write your whole address, like ana@example.org.")) from None
        return address

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if any(ord(character) < 32 for character in password):
            raise ValidationError(_("A password has no line breaks or control characters."))
        return password

    def keys(self) -> dict[str, Any]:
        return {"address": self.cleaned_data["address"], "password": self.cleaned_data["password"]}
