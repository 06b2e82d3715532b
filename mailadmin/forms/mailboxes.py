"""Forms about a mailbox."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mailadmin.forms.base import PanelForm
from mailadmin.forms.fields import LocalPartField, SizeField, TargetsField
from mailadmin.posteio.resources import Mailbox, MailboxChange, NewMailbox, Quota
from mailadmin.services import passwords
from mailadmin.services.mailboxes import Limits
from postie_web.lib import idn

MOST_MESSAGES = 2_000_000_000
GENERATED, OWN = "generated", "own"


class PasswordMixin(forms.Form):
    """
    A strong password made here, or one of the person's own. The made one travels in the form, so that a
    double click sends the same one twice.
    """

    password_kind = forms.ChoiceField(
        label=gettext_lazy("Password"),
        widget=forms.RadioSelect,
        initial=GENERATED,
        choices=[
            (GENERATED, gettext_lazy("Make a strong one and show it to me once")),
            (OWN, gettext_lazy("I choose one:")),
        ],
    )
    generated = forms.CharField(max_length=passwords.LONGEST, required=False, widget=forms.HiddenInput)
    password = forms.CharField(
        label=gettext_lazy("Own password"),
        max_length=1000,
        required=False,
        strip=False,
        help_text=gettext_lazy("At least 10 characters. Four random words are easy to keep in mind."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def chosen_password(self, *belongs_to: str) -> str:
        """The password to set; its problems land beside the field."""
        # Whoever types a password means it, whatever the choice above says.
        own = self.cleaned_data.get("password_kind") == OWN or bool(self.cleaned_data.get("password"))
        field = "password" if own else "generated"
        password: str = self.cleaned_data.get(field, "")
        if not own and not password:
            password = passwords.generate()
        if not password:
            self.add_error("password", _("Please enter a password, or let one be made."))
            return ""
        try:
            passwords.check(password, *belongs_to)
        except forms.ValidationError as error:
            self.add_error("password", error)
        return password


class LimitsMixin(forms.Form):
    storage = SizeField(label=gettext_lazy("Space"), help_text=gettext_lazy("0 or empty: no limit."))
    count = forms.IntegerField(
        label=gettext_lazy("Messages at most"),
        required=False,
        min_value=0,
        max_value=MOST_MESSAGES,
        help_text=gettext_lazy("0 or empty: no limit."),
    )

    def limits(self, *, empty: int | None = None) -> Limits:
        storage, count = self.cleaned_data.get("storage"), self.cleaned_data.get("count")
        return Limits(storage=empty if storage is None else storage, count=empty if count is None else count)


class MailboxForm(PasswordMixin, LimitsMixin, PanelForm):
    """A new mailbox."""

    local_part = LocalPartField(label=gettext_lazy("Address"))
    domain = forms.ChoiceField(label=gettext_lazy("Domain"))
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("As it stands beside the address in letters: Ana Quispe"),
    )
    super_admin = forms.BooleanField(
        label=gettext_lazy("System administrator"),
        required=False,
        help_text=gettext_lazy("May do everything on this server, also read and delete all other mailboxes."),
    )
    field_order = [
        "local_part",
        "domain",
        "name",
        "password_kind",
        "password",
        "storage",
        "count",
        "super_admin",
    ]

    def __init__(self, data: Any = None, *, domains: list[str], all_powers: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.fields["domain"].choices = [(name, idn.to_readable(name)) for name in domains]  # type: ignore[attr-defined]
        self.initial.setdefault("generated", passwords.generate())
        if not all_powers:
            del self.fields["super_admin"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        local_part, domain = data.get("local_part"), data.get("domain")
        if local_part and domain:
            data["address"] = f"{local_part}@{domain}"
            data["chosen"] = self.chosen_password(data["address"], data.get("name", ""))
        return data

    def new_mailbox(self) -> NewMailbox:
        data = self.cleaned_data
        return NewMailbox(
            address=data["address"],
            name=data["name"],
            password=data["chosen"],
            super_admin=data.get("super_admin", False),
        )


class DetailsForm(PanelForm):
    """Name, powers and forwarding of a mailbox that exists."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    redirect_to = TargetsField(
        label=gettext_lazy("Send a copy to"),
        required=False,
        help_text=gettext_lazy("One address per line. A copy stays in the mailbox."),
    )
    super_admin = forms.BooleanField(
        label=gettext_lazy("System administrator"),
        required=False,
        help_text=gettext_lazy("May do everything on this server, also read and delete all other mailboxes."),
    )
    domain_admin = forms.BooleanField(
        label=gettext_lazy("Administrator of this domain"),
        required=False,
        help_text=gettext_lazy("May create, change and delete the mailboxes and aliases of this domain."),
    )

    def __init__(self, data: Any = None, *, mailbox: Mailbox, all_powers: bool, **options: Any) -> None:
        super().__init__(data, **options)
        self.mailbox = mailbox
        self.initial.update(
            {
                "name": mailbox.name,
                "redirect_to": list(mailbox.redirect_to),
                "super_admin": mailbox.super_admin,
                "domain_admin": mailbox.domain_admin,
            }
        )
        if not all_powers:
            del self.fields["super_admin"], self.fields["domain_admin"]

    def change(self) -> MailboxChange:
        """Only what differs: a server that cannot change the rest is not asked to."""
        wanted: dict[str, Any] = {}
        for field in ("name", "super_admin", "domain_admin", "redirect_to"):
            if field in self.fields and self.cleaned_data[field] != self.initial[field]:
                value = self.cleaned_data[field]
                wanted[field] = tuple(value) if isinstance(value, list) else value
        return MailboxChange(**wanted)


class PasswordForm(PasswordMixin, PanelForm):
    """A new password for a mailbox that exists."""

    def __init__(self, data: Any = None, *, mailbox: Mailbox, **options: Any) -> None:
        super().__init__(data, **options)
        self.mailbox = mailbox
        self.initial.setdefault("generated", passwords.generate())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["chosen"] = self.chosen_password(self.mailbox.address, self.mailbox.name)
        return data


class LimitsForm(LimitsMixin, PanelForm):
    def __init__(self, data: Any = None, *, quota: Quota, **options: Any) -> None:
        super().__init__(data, **options)
        self.initial.update({"storage": quota.storage_limit, "count": quota.count_limit})
