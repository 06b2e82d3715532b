"""What a list's URL and its buttons may ask for."""

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from webmail.imap import search
from webmail.imap.listing import Wanted
from webmail.services import messages
from webmail.services.labels import NONE, Labels

PAGE_SIZE = 50
SHOWS = {
    "unread": search.UNREAD,
    "flagged": search.FLAGGED,
    "attachments": search.ATTACHMENTS,
    "contacts": search.NOTHING,  # until it is known who they are: ListState.people
}
SHOW_WORDS = (
    ("", pgettext_lazy("filter", "All")),
    ("unread", pgettext_lazy("filter", "Unread")),
    ("flagged", pgettext_lazy("filter", "Starred")),
    ("attachments", _("With attachments")),
    ("contacts", _("From contacts")),
)
SORT_WORDS = (
    ("", _("Newest first")),
    ("arrival-up", _("Oldest first")),
    ("date", _("Date written")),
    ("from-up", _("Sender")),
    ("subject-up", _("Subject")),
    ("size", _("Size")),
)
VIEWS = ("conversations", "messages")
_SORTS = {
    value: (value.removesuffix("-up") or "arrival", not value.endswith("-up")) for value, _word in SORT_WORDS
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListState:
    """A list as its URL describes it. What makes no sense is left out: an old link still opens something."""

    page: int = 1
    sort: str = ""
    show: str = ""
    view: str = ""  # conversations or messages when the URL says so
    remembered: str = ""  # else as this person likes this folder (models.FolderView)
    labels: Labels = NONE
    people: tuple[str, ...] = ()  # addresses of one's contacts, where the filter is about them

    @classmethod
    def of(cls, query: QueryDict, remembered: str = "") -> "ListState":
        number = query.get("page", "1")
        return cls(
            page=int(number) if number.isascii() and number.isdigit() and int(number[:9]) > 0 else 1,
            sort=query.get("sort", "") if query.get("sort", "") in _SORTS else "",
            show=query.get("show", "") if query.get("show", "") in SHOWS else "",
            view=query.get("view", "") if query.get("view", "") in VIEWS else "",
            remembered=remembered,
        )

    @property
    def conversations(self) -> bool:
        return (self.view or self.remembered) == "conversations"

    @property
    def criteria(self) -> search.Criteria:
        if self.show == "contacts" and self.people:
            return search.either(*(search.text("from", address) for address in self.people))
        return SHOWS.get(self.show, search.EVERYTHING)

    def wanted(self, size: int = PAGE_SIZE) -> Wanted:
        sort, reverse = _SORTS[self.sort]
        return Wanted(
            number=self.page,
            size=size,
            sort=sort,
            reverse=reverse,
            criteria=self.criteria,
            conversations=self.conversations,
        )

    def query(self, **changes: object) -> str:
        """The query string of this list with some values changed."""
        values = {"show": self.show, "sort": self.sort, "view": self.view, "page": self.page, **changes}
        kept = {k: v for k, v in values.items() if v and not (k == "page" and v == 1)}
        return f"?{urlencode(kept)}" if kept else "?"


class ActionForm(forms.Form):
    """One act on a selection; the uids are checked boxes."""

    action = forms.ChoiceField(choices=[(word, word) for word in messages.WORDS])
    target = forms.CharField(required=False, max_length=1000, strip=False)
    label = forms.CharField(required=False, max_length=100)
    all = forms.CharField(required=False)
    conversations = forms.CharField(required=False)  # a box stands for all that belongs together
    below = forms.IntegerField(required=False, min_value=1, max_value=2**32)

    def clean(self) -> dict[str, object]:
        values = super().clean() or {}
        if values.get("action") in ("move", "copy") and not values.get("target"):
            raise forms.ValidationError(_("Choose a folder first."))
        if values.get("action") in ("label", "unlabel") and not values.get("label"):
            raise forms.ValidationError(_("Choose a label first."))
        chosen = self.data.getlist("uid") if isinstance(self.data, QueryDict) else []
        if not (self.uids() or values.get("all") or any("@" in uid for uid in chosen)):
            raise forms.ValidationError(_("Select at least one message first."))
        return values

    def uids(self) -> list[int]:
        data = self.data if isinstance(self.data, QueryDict) else QueryDict()
        return [
            int(uid)
            for uid in data.getlist("uid")[:1000]
            if uid.isascii() and uid.isdigit() and len(uid) < 11
        ]

    def orders(self) -> list[messages.Order]:
        """Of a list that spans folders, whose boxes say "7@Folder": one order for each folder."""
        data = self.data if isinstance(self.data, QueryDict) else QueryDict()
        places: dict[str, list[int]] = {}
        for value in data.getlist("uid")[:1000]:
            number, _at, folder = value.partition("@")
            if folder and number.isascii() and number.isdigit() and len(number) < 11:
                places.setdefault(folder, []).append(int(number))
        return [replace(self.order(folder), uids=uids) for folder, uids in places.items()]

    def order(self, folder: str) -> messages.Order:
        values = self.cleaned_data
        return messages.Order(
            word=values["action"],
            folder=folder,
            uids=self.uids(),
            target=values["target"],
            label=values["label"],
        )
