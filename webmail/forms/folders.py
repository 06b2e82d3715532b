"""Names for folders."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _


class FolderForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    parent = forms.CharField(label=_("Inside"), required=False, max_length=900, widget=forms.Select)

    def __init__(self, data: QueryDict | None, *, parents: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["parent"].widget.choices = [("", _("At the top")), *parents]


class RenameForm(forms.Form):
    name = forms.CharField(label=_("New name"), max_length=100)
