"""A table of mailboxes: as a file or as text, looked at before anything is created."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailadmin.forms.base import PanelForm
from mailadmin.services import imports, spreadsheets


class ImportForm(PanelForm):
    """`rows` after is_valid(): every line, understood or with what is wrong with it."""

    table = forms.FileField(label=gettext_lazy("CSV file"), required=False, max_length=200)
    text = forms.CharField(
        label=gettext_lazy("or paste it here"),
        required=False,
        strip=False,
        max_length=spreadsheets.MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "autocomplete": "off"}),
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, files: Any = None, *, may_use: Collection[str]) -> None:
        super().__init__(data, files=files)
        self.may_use = may_use
        self.rows: list[imports.Row] = []

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload, text = data.get("table"), data.get("text", "")
        if not upload and not text.strip():
            raise forms.ValidationError(_("Choose a file or paste a table."))
        content = upload.read(spreadsheets.MOST_BYTES + 1) if upload else text.encode()
        try:
            table = spreadsheets.rows(content)
        except spreadsheets.Unreadable as error:
            raise forms.ValidationError(_unreadable(str(error))) from None
        self.rows = imports.read(table, self.may_use)
        if not self.rows:
            raise forms.ValidationError(_("There is nothing below the first line."))
        self.carried = "".join(spreadsheets.raw_line(cells) for cells in table)
        return data


def _unreadable(code: str) -> str:
    return {
        "large": _("This file is larger than 1 MB. Please split it."),
        "rows": _("More than 2,000 lines. Please split the table."),
        "binary": _("This is not a text file. Save the table as CSV (UTF-8)."),
        "empty": _("There is nothing in it."),
    }.get(code, _("This table is broken: a quote that never ends, or a cell that is far too long."))
