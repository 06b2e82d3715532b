"""One question: an address."""

from django import forms
from django.utils.translation import gettext_lazy as _

from mailadmin.forms.fields import AddressField


class ResolverForm(forms.Form):
    address = AddressField(label=_("Address"))
