"""The settings page."""

from typing import TYPE_CHECKING

from django import forms

from webmail.models import Preferences

if TYPE_CHECKING:
    _Form = forms.ModelForm[Preferences]
else:
    _Form = forms.ModelForm


class PreferencesForm(_Form):
    class Meta:
        model = Preferences
        fields = [
            "density",
            "page_size",
            "shows_preview",
            "scrolls",
            "pane",
            "after_move",
            "read_after",
            "reads_plain",
            "images",
            "receipts",
        ]
