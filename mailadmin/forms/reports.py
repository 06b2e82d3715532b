"""A report as a file."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailadmin.dns.reports.unpack import MOST_RAW
from mailadmin.forms.base import PanelForm


class ReportForm(PanelForm):
    report = forms.FileField(
        label=gettext_lazy("Report (XML, gzip, zip, or the whole message)"), max_length=200
    )

    def clean_report(self) -> bytes:
        data: bytes = self.cleaned_data["report"].read(MOST_RAW + 1)
        if len(data) > MOST_RAW:
            raise forms.ValidationError(_("This file is too big to be a report."))
        return data
