"""Form fields that speak mail: domains, local parts, targets, sizes."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from mailadmin.services import addresses
from postie_web.lib import idn

MEGABYTE, GIGABYTE = 1, 1024  # poste.io counts quotas in megabytes
UNITS = [(MEGABYTE, _("MB")), (GIGABYTE, _("GB"))]
MOST_MEGABYTES = 1024 * 1024 * 1024


class DomainNameField(forms.CharField):
    """'PERÚ.pe' becomes 'xn--per-boa.pe'."""

    default_error_messages = {"invalid": _("This is not a domain name. It looks like this: example.org")}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=253, **options)
        self.widget.attrs.update(autocapitalize="none", spellcheck="false", autocomplete="off")

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return idn.to_ascii(text) if text else ""
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class LocalPartField(forms.CharField):
    """The part before the @."""

    default_error_messages = {
        "invalid": _("Only letters a–z, numbers, dots, hyphens and underscores, for example ana.quispe"),
        "whole": _("Only the part before the @. The domain stands beside it."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=320, **options)
        self.widget.attrs.update(autocapitalize="none", spellcheck="false", autocomplete="off")

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return addresses.local_part(text)
        except ValueError:
            code = "whole" if "@" in text else "invalid"
            raise ValidationError(self.error_messages[code], code=code) from None


class AddressField(forms.CharField):
    """One address, ours or anyone's; may be left out where `required` says so."""

    default_error_messages = {
        "invalid": _("This is not an e-mail address. It looks like this: ana@example.org")
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=320, **options)
        self.widget.attrs.update(
            inputmode="email", autocapitalize="none", spellcheck="false", autocomplete="off"
        )

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return addresses.anyones(text) if text else ""
        except ValueError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None


class TargetsField(forms.CharField):
    """Addresses, one per line (commas and semicolons do too); the order stays, repetitions go."""

    widget = forms.Textarea
    default_error_messages = {
        "invalid": _("Line %(line)d is not an e-mail address: %(text)s"),
        "many": _("At most %(most)d addresses, please."),
    }

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=40_000, **options)
        self.widget.attrs.update(rows=5, autocapitalize="none", spellcheck="false", autocomplete="off")

    def clean(self, value: Any) -> list[str]:
        text = super().clean(value)
        found: dict[str, str] = {}
        wrong = []
        for number, line in enumerate(text.splitlines(), start=1):
            for part in filter(None, (p.strip() for p in line.replace(";", ",").split(","))):
                try:
                    one = addresses.target(part)
                except ValueError:
                    facts = {"line": number, "text": part[:100]}
                    wrong.append(ValidationError(self.error_messages["invalid"], "invalid", facts))
                else:
                    found.setdefault(one.lower(), one)
        if len(found) > addresses.MOST_TARGETS:
            wrong = [ValidationError(self.error_messages["many"], "many", {"most": addresses.MOST_TARGETS})]
        if wrong:
            raise ValidationError(wrong[:5])
        return list(found.values())

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value


class SizeWidget(forms.MultiWidget):
    """A number and its unit."""

    template_name = "mailadmin/widgets/size.html"

    def __init__(self, label: Any) -> None:
        number = forms.NumberInput(
            attrs={"min": 0, "step": "any", "inputmode": "decimal", "aria-label": label}
        )
        unit = forms.Select(choices=UNITS, attrs={"aria-label": _("Unit")})
        super().__init__({"number": number, "unit": unit})

    def decompress(self, value: Any) -> list[Any]:
        """Megabytes → the largest unit that leaves a whole number."""
        if not value:
            return [None if value is None else 0, GIGABYTE]
        return [value // GIGABYTE, GIGABYTE] if value % GIGABYTE == 0 else [value, MEGABYTE]


class SizeField(forms.MultiValueField):
    """A size in whole megabytes; 0 is without limit."""

    default_error_messages = {"invalid": _("Enter a size, for example 2 GB. 0 means no limit.")}

    def __init__(self, *, label: Any, required: bool = False, **options: Any) -> None:
        message = {"invalid": self.default_error_messages["invalid"], "incomplete": _("Choose a unit.")}
        fields = (
            forms.DecimalField(min_value=0, max_value=MOST_MEGABYTES, required=False, error_messages=message),
            forms.TypedChoiceField(choices=UNITS, coerce=int, required=False),
        )
        super().__init__(
            fields,
            widget=SizeWidget(label=label),
            label=label,
            required=required,
            require_all_fields=False,
            **options,
        )

    def compress(self, data_list: list[Any]) -> int | None:
        if not data_list or data_list[0] is None:
            return None
        megabytes = int(data_list[0] * (data_list[1] or MEGABYTE))
        if data_list[0] and not megabytes:
            megabytes = 1  # 0 would lift the limit that was asked for
        if megabytes > MOST_MEGABYTES:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return megabytes
