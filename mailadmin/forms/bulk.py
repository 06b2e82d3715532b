"""Many mailboxes at once."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailadmin.forms.mailboxes import LimitsMixin
from mailadmin.services import addresses, bulk


class BulkForm(LimitsMixin, forms.Form):
    """Which mailboxes, and what shall happen to them. Deleting asks for their number."""

    SUSPEND, RESUME, LIMITS, DELETE = "suspend", "resume", "limits", "delete"
    ASK_FIRST = (LIMITS, DELETE)
    action = forms.ChoiceField(
        choices=[
            (SUSPEND, gettext_lazy("Suspend")),
            (RESUME, gettext_lazy("Resume")),
            (LIMITS, gettext_lazy("Set limits")),
            (DELETE, gettext_lazy("Delete")),
        ],
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)
    typed = forms.CharField(max_length=10, required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.addresses = list(dict.fromkeys(data.getlist("address")))[: bulk.MOST + 1]
        number = len(self.addresses)
        self.fields["typed"].label = _("Type %(number)d to delete them") % {"number": number}
        self.fields["typed"].widget.attrs.update(autocomplete="off", inputmode="numeric")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.addresses:
            raise forms.ValidationError(_("Choose at least one mailbox."))
        if len(self.addresses) > bulk.MOST:
            raise forms.ValidationError(_("At most %(most)d at once, please.") % {"most": bulk.MOST})
        try:
            self.addresses = [addresses.ours(one) for one in self.addresses]
        except ValueError:
            raise forms.ValidationError(_("One of these is not a mailbox.")) from None
        deletes = data.get("action") == self.DELETE and data.get("confirmed")
        if deletes and data.get("typed", "").strip() != str(len(self.addresses)):
            self.add_error("typed", _("This is not the number. Nothing was deleted."))
        return data

    @property
    def asks_first(self) -> bool:
        return self.cleaned_data.get("action") in self.ASK_FIRST and not self.cleaned_data.get("confirmed")
