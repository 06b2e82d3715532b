"""The settings page."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

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


KEYS = (
    ("e", _("Archive")),
    ("#", _("Delete")),
    ("!", _("Junk")),
    ("r", _("Reply")),
    ("a", _("Reply to all")),
    ("f", _("Forward")),
    ("s", _("Star")),
    ("I", _("Mark as read")),
    ("U", _("Mark as unread")),
    ("c", _("Write")),
    ("/", _("Search mail")),
    ("u", _("Back to the list")),
    ("v", _("Move to a folder")),
    ("d", _("Show in its own colours")),
    ("w", _("Show images")),
    ("P", _("Show as plain text")),
)


class KeysForm(forms.Form):
    """One sign for each act; empty: as delivered."""

    def __init__(self, data: Any, *, own: dict[str, str]) -> None:
        super().__init__(data)
        for number, (key, words) in enumerate(KEYS):
            self.fields[f"key{number}"] = forms.CharField(
                label=f"{words} ({key})", required=False, max_length=1, initial=own.get(key, "")
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        chosen = self.own()
        after = [chosen.get(key, key) for key, _words in KEYS]
        if len(set(after)) < len(after):
            raise forms.ValidationError(_("Two acts cannot have the same key."))
        return values

    def own(self) -> dict[str, str]:
        found = (
            (key, self.cleaned_data.get(f"key{number}", "")) for number, (key, _words) in enumerate(KEYS)
        )
        return {key: value for key, value in found if value and value != key}
