"""The search box and its results."""

from dataclasses import replace
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from webmail.forms.messages import ActionForm, ListState
from webmail.http import MailRequest, Timings, preferences_of
from webmail.imap import errors, listing
from webmail.imap.connection import Connection
from webmail.services import mailbox, messages, query, searching
from webmail.types import Folder

from . import rows, tree, words
from .drawing import drawn
from .messages import one_or_many

_ELSEWHERE = "\0"  # no folder's name: any connection but the one that has INBOX open


@mail_required
@require_POST
def search_actions(request: MailRequest) -> HttpResponse:
    """Does something to selected hits, wherever they are."""
    back = f"{reverse('webmail:search')}?{request.GET.urlencode()}"
    form = ActionForm(one_or_many(request.POST))
    if not form.is_valid() or not form.orders():
        sentence = next(iter(form.errors.values()), [_("Select at least one message first.")])[0]
        return words.answer(request, back, str(sentence), failed=True)
    with Timings().imap(request) as imap:
        try:
            done = messages.perform_all(imap, form.orders())
        except (errors.NotFound, errors.Rejected) as error:
            return words.answer(request, back, words.refused(error), failed=True)
    if not request.htmx:
        return words.answer(request, back, words.done(done), undo=done.undo)
    toast = words.toast(words.done(done), done.undo, also=done.also, changed=True)
    return HttpResponse(status=204, headers={"HX-Trigger": toast})


class Found(NamedTuple):
    page: listing.Page | None
    problem: str
    tree: list[Folder]
    account: str
    offer_bodies: bool


@mail_required
@require_GET
def search(request: MailRequest) -> HttpResponse:
    """Everywhere, unless in: or the URL names a folder."""
    text = request.GET.get("q", "").strip()
    state = ListState.of(request.GET)
    timings = Timings()
    bodies = request.GET.get("bodies") == "yes"

    tree_now = timings.read(request, mailbox.tree, "INBOX")

    def ask(imap: Connection) -> Found:
        everything = bodies or searching.has_full_text(imap)
        asked = query.parse(text, timezone.localdate(), bodies=everything)
        imap.memory["all"] = next((folder.name for folder in tree_now if folder.role == "all"), "")
        size = preferences_of(request).page_size
        page, problem = _run(imap, tree_now, asked, state.wanted(size))
        return Found(page, problem, tree_now, imap.account, not everything and bool(asked.words))

    # A search elsewhere must not close INBOX.
    place = _called(tree_now, query.parse(text, timezone.localdate()).folder)
    found = timings.read(request, ask, place or _ELSEWHERE)
    page = found.page
    key = (found.account, "search", page.view.name, page.view.uidvalidity) if page and page.view.name else ()
    context = {
        "title": _("Search"),
        "text": text,
        "problem": found.problem,
        "page": page,
        "tree": tree.draw(found.tree, ""),
        "rows": rows.draw(page.messages, "", key, outgoing=False) if page else [],
        "offer_bodies": found.offer_bodies,
        "url": reverse("webmail:search"),
        "query": request.GET.urlencode(),
        "bulk_bar": _bulk_bar(found.tree),
    }
    template = "webmail/search/_swap.html" if request.htmx else "webmail/search/results.html"
    return timings.write(render(request, template, context))


def _run(
    imap: Connection, found: list[Folder], asked: query.Query, wanted: listing.Wanted
) -> tuple[listing.Page | None, str]:
    if asked.is_empty:
        return None, ""
    folder = ""
    if asked.folder:
        called = _called(found, asked.folder)
        if called is None:
            return None, _("There is no folder called %(name)s.") % {"name": asked.folder}
        folder = called
    return searching.run(imap, found, folder, replace(wanted, criteria=asked.criteria)), ""


def _called(found: list[Folder], name: str) -> str | None:
    names = {folder.name: words.folder_name(folder) for folder in found}
    return searching.folder_called(found, name, names) if name else None


def _bulk_bar(found: list[Folder]) -> SafeString:
    targets = tree.targets(found, "")
    context = {"folder": Folder(name=""), "targets": targets, "pages": 1, "total": 0}
    return drawn("webmail/messages/_bulk_bar.html", ("", tuple(targets), False, 0), context)
