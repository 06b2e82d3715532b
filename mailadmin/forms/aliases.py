"""Forms about an alias."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from mailadmin.forms.base import PanelForm
from mailadmin.forms.fields import LocalPartField, TargetsField
from postie_web.lib import idn


class TargetsForm(PanelForm):
    targets = TargetsField(
        label=_("Leads to"),
        help_text=_(
            "One address per line, here or elsewhere. "
            "*@example.org means everybody in that domain of this server."
        ),
    )


class AliasForm(TargetsForm):
    local_part = LocalPartField(label=_("Alias"))
    domain = forms.ChoiceField(label=_("Domain"))
    field_order = ["local_part", "domain", "targets"]

    def __init__(self, data: Any = None, *, domains: list[str], **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["domain"].choices = [(name, idn.to_readable(name)) for name in domains]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("local_part") and data.get("domain"):
            data["address"] = f"{data['local_part']}@{data['domain']}"
            if data["address"] in data.get("targets", []):
                self.add_error("targets", _("An alias cannot lead to itself."))
        return data
