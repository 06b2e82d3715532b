"""A page of a folder as HTML: whole, or only what changes on a page that is there already."""

from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import blake2b

from django.http import HttpResponse, HttpResponseNotModified
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from postie_web.lib.compression import Packed, PackedResponse
from webmail.forms.messages import SHOW_WORDS, SORT_WORDS, ListState
from webmail.http import MailRequest, Timings, preferences_of
from webmail.imap.cache import Bounded
from webmail.models import Preferences
from webmail.services import mailbox
from webmail.services.labels import Labels
from webmail.types import Folder

from . import rows, tree, words
from .drawing import drawn

_TOKEN = mark_safe("\x02token\x03")
_SWAPS: Bounded[Packed] = Bounded(200)  # about 15 KB each
# The browser may keep it for this page, but has to ask each time.
_PRIVATE = "private, no-cache, max-age=0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """All that a list shows, and nothing else: what was seen, how it was asked for, how it is liked."""

    sight: mailbox.Sight
    state: ListState
    preferences: Preferences

    @property
    def etag(self) -> str:
        """Only the fragment has one: a whole page carries a form token that must not be kept."""
        proof = mailbox.proof(self.sight.page.view)
        if not proof:
            return ""
        page = self.sight.page
        known = sum(message.is_previewed for message in page.messages)
        facts = (self.state, get_language(), rows.today(), len(page.messages), known, self.preferences.stamp)
        return f'W/"{proof}-{_digest(repr(facts))}-{_fingerprint(tuple(self.sight.tree))}"'


def see(request: MailRequest, timings: Timings, name: str, state: ListState) -> Shown:
    """The page and the tree, as of now. One connection keeps INBOX open: it counts for all others, too."""
    preferences = preferences_of(request)
    wanted = state.wanted(preferences.page_size)
    folders = None if name == "INBOX" else timings.read(request, mailbox.tree, "INBOX")
    sight = timings.read(request, lambda imap: mailbox.look(imap, name, wanted, folders), name)
    return Shown(sight=sight, state=state, preferences=preferences)


def whole(request: MailRequest, shown: Shown, *, beside: bool = False) -> dict[str, object]:
    """Context of a page with the list: templates/webmail/messages/list.html and those that extend it."""
    folder = shown.sight.folder
    token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', get_token(request))
    return {
        "folder": folder,
        "title": words.folder_name(folder),
        "tree": tree.draw(shown.sight.tree, folder.name),
        "message_list": _list(shown, token, beside=beside),
    }


def swap(request: MailRequest, shown: Shown, timings: Timings) -> HttpResponse:
    """The list, the counts and the title, for htmx. The form token stands in the page around it."""
    etag = shown.etag
    if etag and request.headers.get("If-None-Match") == etag:
        return timings.write(HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": _PRIVATE}))
    key = (shown.sight.account, shown.sight.folder.name, etag)
    packed = _SWAPS.get(key) if etag else None
    if packed is None:
        with timings.of("render"):
            packed = Packed.of(drawn_swap(shown).encode())
        if etag:
            _SWAPS.put(key, packed)
    headers = {"Vary": "HX-Request, Cookie, Accept-Language"}
    if etag:
        headers |= {"ETag": etag, "Cache-Control": _PRIVATE}
    return timings.write(PackedResponse(packed, headers))


def drawn_swap(shown: Shown) -> str:
    context = {
        "title": words.folder_name(shown.sight.folder),
        "tree": tree.draw(shown.sight.tree, shown.sight.folder.name, swap=True),
        "message_list": _list(shown, mark_safe("")),
    }
    return render_to_string("webmail/messages/_swap.html", context)


def _list(shown: Shown, token: SafeString, *, beside: bool = False) -> SafeString:
    """`beside`: an open letter has the page's first heading."""
    sight, state = shown.sight, shown.state
    page, name = sight.page, sight.folder.name
    context = {
        "folder": sight.folder,
        "title": words.folder_name(sight.folder),
        "head": _head(shown, beside=beside),
        "page": page,
        "state": state,
        "preferences": shown.preferences,
        "token": token,
        "rows": mark_safe("\n".join(_rows(sight, state))),  # noqa: S308  rows.draw escapes
        "without_preview": [m.uid for m in page.messages if not m.is_previewed],
        "previous": state.query(page=page.number - 1) if page.number > 1 else "",
        "next": state.query(page=page.number + 1) if page.number < page.pages else "",
        "url": reverse("webmail:folder", args=[name]),
    }
    return mark_safe(render_to_string("webmail/messages/_message_list.html", context))  # noqa: S308


def _head(shown: Shown, *, beside: bool) -> SafeString:
    """Of all pages of a list the same, so it is drawn for the first of them."""
    sight, state = shown.sight, shown.state
    folder, total, bulk_bar = sight.folder, sight.page.total, _bulk_bar(sight, state.labels)

    def context() -> dict[str, object]:
        return {
            "folder": folder,
            "title": words.folder_name(folder),
            "total": total,
            "state": state,
            "beside": beside,
            "bulk_bar": bulk_bar,
            "shows": [(value, word, state.query(show=value, page=1)) for value, word in SHOW_WORDS],
            "sorts": [(value, word, state.query(sort=value, page=1)) for value, word in SORT_WORDS],
            "url": reverse("webmail:folder", args=[folder.name]),
            "view_url": reverse("webmail:folder-view", args=[folder.name]) + state.query(page=1),
        }

    key = (folder.name, words.folder_name(folder), total, replace(state, page=1), beside, bulk_bar)
    return drawn("webmail/messages/_list_head.html", key, context)


def _rows(sight: mailbox.Sight, state: ListState) -> list[SafeString]:
    page, name = sight.page, sight.folder.name
    outgoing = rows.is_outgoing(sight.folder)
    key, style = (sight.account, name, page.view.uidvalidity), rows.Style(labels=state.labels)
    if state.conversations:
        return rows.draw_conversations(page.conversations, name, key, outgoing=outgoing, style=style)
    return rows.draw(page.messages, name, key, outgoing=outgoing, style=style)


def _bulk_bar(sight: mailbox.Sight, known: Labels) -> SafeString:
    pages, total = sight.page.pages, sight.page.total if sight.page.pages > 1 else 0
    targets = tuple(tree.targets(sight.tree, sight.folder.name))
    labels = tuple(label.name for label in known.known)
    context = {"folder": sight.folder, "targets": targets, "pages": pages, "total": total, "labels": labels}
    key = (sight.folder.role, targets, pages > 1, total, labels)
    return drawn("webmail/messages/_bulk_bar.html", key, context)


@lru_cache(maxsize=500)
def _fingerprint(folders: tuple[Folder, ...]) -> str:
    return _digest(repr(folders))


def _digest(text: str) -> str:
    """The same in every process, which hash() is not."""
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=9).hexdigest()
