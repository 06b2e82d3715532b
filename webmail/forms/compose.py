"""The letter as a form: everything a person wrote comes back to them, also when something is wrong."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from webmail.mime import addresses, compose
from webmail.services.compose import MOST_OCTETS, Source
from webmail.types import Address

_MOST_RECIPIENTS = 200
_LONGEST_LINE = 100_000
_FLAGS = {"reply": "\\Answered", "reply-all": "\\Answered", "forward": "$Forwarded", "attach": "$Forwarded"}


class People(forms.CharField):
    """One line of addresses; the value is a tuple of Address."""

    widget = forms.TextInput(
        attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "inputmode": "email"}
    )

    def to_python(self, value: Any) -> Any:
        if len(str(value or "")) > _LONGEST_LINE:
            raise ValidationError(_("At most %(most)d people at once."), params={"most": _MOST_RECIPIENTS})
        try:
            found = addresses.typed(str(value or ""))
        except addresses.Invalid as error:
            raise ValidationError(
                _("“%(text)s” is not an address. It should look like ana@example.org."),
                params={"text": error.text[:100]},
            ) from error
        if len(found) > _MOST_RECIPIENTS:
            raise ValidationError(_("At most %(most)d people at once."), params={"most": _MOST_RECIPIENTS})
        return found

    def prepare_value(self, value: Any) -> Any:
        return addresses.written(value) if isinstance(value, tuple) else value


class Files(forms.FileInput):
    allow_multiple_selected = True


class Enclosures(forms.FileField):
    """Several files; the value is a list."""

    widget = Files

    def clean(self, data: Any, initial: Any = None) -> Any:
        files = [super(Enclosures, self).clean(one, initial) for one in data or [] if one]
        if sum(file.size or 0 for file in files) > MOST_OCTETS:
            raise ValidationError(
                _("These files are too large together. At most %(most)s fit into one message."),
                params={"most": filesizeformat(MOST_OCTETS)},
            )
        return files


class ComposeForm(forms.Form):
    to = People(label=pgettext_lazy("letter", "To"), required=False)
    cc = People(label=gettext_lazy("Cc"), required=False)
    bcc = People(label=gettext_lazy("Bcc"), required=False)
    subject = forms.CharField(label=gettext_lazy("Subject"), required=False, max_length=900)
    text = forms.CharField(
        label=gettext_lazy("Message"),
        required=False,
        strip=False,
        max_length=1_000_000,
        widget=forms.Textarea,
    )
    enclosures = Enclosures(
        label=gettext_lazy("Attach files"), required=False, widget=Files(attrs={"multiple": True})
    )
    receipt = forms.BooleanField(label=gettext_lazy("Ask for a read receipt"), required=False)
    message_id = forms.CharField(max_length=260)
    draft = forms.IntegerField(required=False, min_value=0, max_value=2**32)
    kind = forms.CharField(required=False, max_length=20)
    folder = forms.CharField(required=False, max_length=1000)
    uid = forms.IntegerField(required=False, min_value=0, max_value=2**32)
    in_reply_to = forms.CharField(required=False, max_length=260)
    references = forms.CharField(required=False, max_length=40_000)
    action = forms.CharField(required=False, max_length=20)

    def clean_message_id(self) -> str:
        value = str(self.cleaned_data["message_id"])
        if not compose.is_message_id(value):
            raise ValidationError(_("Please open this form again."))
        return value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("action") == "send" and not self.errors and not (data["to"] or data["cc"] or data["bcc"]):
            self.add_error("to", _("Who shall get it?"))
        return data

    @property
    def begins_at(self) -> str:
        """Where one goes on typing: at the first mistake, at the text of an answer, else at the people."""
        if self.is_bound:
            return next((name for name in self.fields if name in self.errors), "")
        return "text" if self.initial.get("to") else "to"

    def _posted(self) -> QueryDict:
        return cast(QueryDict, self.data)

    @property
    def source(self) -> Source:
        data = self.cleaned_data
        return Source(folder=data["folder"], uid=data["uid"] or 0, flag=_FLAGS.get(data["kind"], ""))

    @property
    def kept(self) -> list[str]:
        """Sections of the draft's own attachments that stay."""
        return [str(section)[:200] for section in self._posted().getlist("keep_part")][:100]

    def new_attachments(self) -> tuple[compose.Attachment, ...]:
        return tuple(_attachment(file) for file in self.cleaned_data["enclosures"])

    def people(self, field: str) -> tuple[Address, ...]:
        found: tuple[Address, ...] = self.cleaned_data.get(field) or ()
        return found


def _attachment(file: "UploadedFile[bytes]") -> compose.Attachment:
    return compose.Attachment(
        filename=compose.one_line(file.name or "")[:200] or "file",
        media_type=(file.content_type or "application/octet-stream").partition(";")[0].strip().lower(),
        content=file.read(),
    )
