"""A search by fields, for who does not want to learn operators. What comes out is the text of the box."""

from collections.abc import Iterator

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CriteriaForm(forms.Form):
    sender = forms.CharField(label=pgettext_lazy("letter", "From"), required=False, max_length=200)
    to = forms.CharField(label=pgettext_lazy("letter", "To"), required=False, max_length=200)
    subject = forms.CharField(label=_("Subject"), required=False, max_length=200)
    words = forms.CharField(label=_("Has the words"), required=False, max_length=200)
    without = forms.CharField(label=_("Does not have the words"), required=False, max_length=200)
    folder = forms.ChoiceField(label=_("Folder"), required=False)
    after = forms.DateField(
        label=_("Not before"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    before = forms.DateField(
        label=_("Before"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    larger = forms.IntegerField(label=_("Larger than (MB)"), required=False, min_value=1, max_value=2000)
    attachment = forms.BooleanField(label=_("With attachments"), required=False)
    unread = forms.BooleanField(label=pgettext_lazy("filter", "Unread"), required=False)

    def __init__(self, data: object, *, folders: list[tuple[str, str]]) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.fields["folder"].choices = [("", _("Everywhere")), *folders]  # type: ignore[attr-defined]

    def query(self) -> str:
        return " ".join(self._terms())

    def _terms(self) -> Iterator[str]:
        data = self.cleaned_data
        for operator, field in (("from", "sender"), ("to", "to"), ("subject", "subject"), ("in", "folder")):
            if data[field]:
                yield f"{operator}:{_quoted(data[field])}"
        yield from data["words"].split()
        yield from (f"-{word}" for word in data["without"].replace('"', "").split())
        for operator, field in (("after", "after"), ("before", "before")):
            if data[field]:
                yield f"{operator}:{data[field].isoformat()}"
        if data["larger"]:
            yield f"larger:{data['larger']}M"
        if data["attachment"]:
            yield "has:attachment"
        if data["unread"]:
            yield "is:unread"


def _quoted(text: str) -> str:
    text = text.replace('"', "")
    return f'"{text}"' if " " in text else text
