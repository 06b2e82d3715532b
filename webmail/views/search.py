"""The search box and its results."""

from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from postie_web.accounts.http import mail_required
from webmail.forms.messages import PAGE_SIZE, ListState
from webmail.http import MailRequest, Timings
from webmail.imap import folders, listing
from webmail.imap.connection import Connection
from webmail.services import query, searching
from webmail.types import Folder

from . import rows, tree, words


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

    def ask(imap: Connection) -> Found:
        everything = bodies or searching.has_full_text(imap)
        asked = query.parse(text, timezone.localdate(), bodies=everything)
        tree_now = folders.tree(imap)
        page, problem = _run(imap, tree_now, asked, state)
        return Found(page, problem, tree_now, imap.account, not everything and bool(asked.words))

    found = timings.read(request, ask)
    page = found.page
    key = (found.account, page.view.name, page.view.uidvalidity) if page else ()
    context = {
        "title": _("Search"),
        "text": text,
        "problem": found.problem,
        "page": page,
        "tree": tree.draw(found.tree, ""),
        "rows": rows.draw(page.messages, "", key, outgoing=False) if page else [],
        "offer_bodies": found.offer_bodies,
        "url": reverse("webmail:search"),
    }
    template = "webmail/search/_swap.html" if request.htmx else "webmail/search/results.html"
    return timings.write(render(request, template, context))


def _run(
    imap: Connection, found: list[Folder], asked: query.Query, state: ListState
) -> tuple[listing.Page | None, str]:
    if asked.is_empty:
        return None, ""
    folder = ""
    if asked.folder:
        names = {folder.name: words.folder_name(folder) for folder in found}
        called = searching.folder_called(found, asked.folder, names)
        if called is None:
            return None, _("There is no folder called %(name)s.") % {"name": asked.folder}
        folder = called
    wanted = listing.Wanted(number=state.page, size=PAGE_SIZE, criteria=asked.criteria)
    return searching.run(imap, found, folder, wanted), ""
