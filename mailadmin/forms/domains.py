"""Forms about a domain."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailadmin.forms.base import PanelForm
from mailadmin.forms.fields import AddressField, DomainNameField
from mailadmin.posteio.resources import Domain, DomainChange


class DomainForm(PanelForm):
    name = DomainNameField(
        label=gettext_lazy("Domain name"),
        help_text=gettext_lazy("What stands after the @. Accents and ñ are fine."),
    )


class RoutingForm(PanelForm):
    """Where mail goes that no mailbox of the domain is named for."""

    NOWHERE, CATCH_ALL, FORWARD = "nowhere", "catch-all", "forward"
    unknown = forms.ChoiceField(
        label=gettext_lazy("Mail for unknown addresses"),
        widget=forms.RadioSelect,
        choices=[
            (NOWHERE, gettext_lazy("is refused, and the sender learns it at once (recommended)")),
            (CATCH_ALL, gettext_lazy("goes to one mailbox (catch-all)")),
            (FORWARD, gettext_lazy("goes to the same name in another domain (alias domain)")),
        ],
    )
    catch_all = AddressField(
        label=gettext_lazy("Catch-all mailbox"),
        required=False,
        help_text=gettext_lazy("It will also get the spam for every invented name."),
    )
    forward_domain = DomainNameField(
        label=gettext_lazy("Other domain"),
        required=False,
        help_text=gettext_lazy("ana@ here then means ana@ there."),
    )

    def __init__(self, data: Any = None, *, domain: Domain, **options: Any) -> None:
        super().__init__(data, **options)
        self.domain = domain
        kind = self.FORWARD if domain.forward_domain else self.CATCH_ALL if domain.catch_all else self.NOWHERE
        self.initial.update(
            {
                "unknown": kind,
                "catch_all": domain.catch_all,
                "forward_domain": domain.forward_domain,
            }
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("unknown") == self.CATCH_ALL and not data.get("catch_all"):
            self._missing("catch_all", _("Which mailbox shall get it?"))
        if data.get("unknown") == self.FORWARD:
            if not data.get("forward_domain"):
                self._missing("forward_domain", _("Which domain?"))
            elif data["forward_domain"] == self.domain.name:
                self.add_error("forward_domain", _("A domain cannot be its own alias."))
        return data

    def change(self) -> DomainChange:
        kind = self.cleaned_data["unknown"]
        return DomainChange(
            catch_all=self.cleaned_data["catch_all"] if kind == self.CATCH_ALL else "",
            forward_domain=self.cleaned_data["forward_domain"] if kind == self.FORWARD else "",
        )

    def _missing(self, field: str, sentence: str) -> None:
        if field not in self.errors:
            self.add_error(field, sentence)
