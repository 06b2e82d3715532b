"""Names for folders."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from webmail.imap.roles import ASSIGNABLE

_MOST_OCTETS = 200_000_000
_WORDS = {
    "sent": pgettext_lazy("folder", "Sent"),
    "drafts": pgettext_lazy("folder", "Drafts"),
    "junk": pgettext_lazy("folder", "Junk"),
    "trash": pgettext_lazy("folder", "Trash"),
    "archive": pgettext_lazy("folder", "Archive"),
}


class FolderForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=100)
    parent = forms.CharField(label=_("Inside"), required=False, max_length=900, widget=forms.Select)

    def __init__(self, data: QueryDict | None, *, parents: list[tuple[str, str]]) -> None:
        super().__init__(data)
        self.fields["parent"].widget.choices = [("", _("At the top")), *parents]


class RenameForm(forms.Form):
    name = forms.CharField(label=_("New name"), max_length=100)


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        label=_("What this folder is for"),
        required=False,
        choices=[("", _("Nothing special")), *((role, _WORDS[role]) for role in ASSIGNABLE)],
    )


class _Files(forms.FileInput):
    allow_multiple_selected = True


class _Letters(forms.FileField):
    """Several files; the value is a list."""

    widget = _Files(attrs={"multiple": True, "accept": ".eml,.mbox,message/rfc822,application/mbox"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = [super(_Letters, self).clean(one, initial) for one in data or [] if one]
        if not files:
            raise forms.ValidationError(_("Choose at least one file."))
        if sum(file.size or 0 for file in files) > _MOST_OCTETS:
            raise forms.ValidationError(_("These files are too large together. Take them in several steps."))
        return files


class ImportForm(forms.Form):
    letters = _Letters(label=_("Files (.eml or .mbox)"))
