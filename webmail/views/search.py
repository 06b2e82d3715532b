"""The search box and its results."""

from dataclasses import replace
from typing import NamedTuple
from urllib.parse import urlencode

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
from webmail.imap import errors, folders, listing
from webmail.imap.connection import Connection
from webmail.imap.search import Criteria
from webmail.services import bulk, mailbox, messages, query, remembered, searching
from webmail.services.labels import Labels
from webmail.types import Folder

from . import jobs, rows, tree, words
from .drawing import drawn
from .labelling import labelled
from .messages import one_or_many

_ELSEWHERE = "\0"  # no folder's name: any connection but the one that has INBOX open


@mail_required
@require_POST
def search_actions(request: MailRequest) -> HttpResponse:
    """Does something to selected hits, or to all of them, wherever they are."""
    back = f"{reverse('webmail:search')}?{request.GET.urlencode()}"
    form = ActionForm(one_or_many(request.POST))
    if not form.is_valid():
        return words.answer(request, back, str(next(iter(form.errors.values()))[0]), failed=True)
    with Timings().imap(request) as imap:
        try:
            orders = _all_hits(request, imap, form) if form.cleaned_data["all"] else form.orders()
            if not orders:
                return words.answer(request, back, _("Select at least one message first."), failed=True)
            orders = [labelled(request, order) for order in orders]
            if sum(len(order.uids) for order in orders) > bulk.MOST_AT_ONCE:
                started = [jobs.begin(request, imap, order) for order in orders]
                orders = [order for order, job in zip(orders, started, strict=True) if job is None]
                if not orders:
                    said = [jobs.started(job) for job in started if job]
                    return words.in_background(request, back, " · ".join(said[:3]))
            done = messages.perform_all(imap, orders)
        except (errors.NotFound, errors.Rejected) as error:
            return words.answer(request, back, words.refused(error), failed=True)
    if not request.htmx:
        return words.answer(request, back, words.done(done), undo=done.undo, also=done.also)
    toast = words.toast(words.done(done), done.undo, also=done.also, changed=True)
    return HttpResponse(status=204, headers={"HX-Trigger": toast})


def _all_hits(request: MailRequest, imap: Connection, form: ActionForm) -> list[messages.Order]:
    """One order for each folder that has some."""
    found = folders.tree(imap)
    asked = _asked(request, imap)
    folder, problem = _folder(found, asked)
    if asked.is_empty or problem:
        return []
    hits = searching.everything(imap, found, folder, asked.criteria)
    return [replace(form.order(name), uids=uids) for name, uids in hits.items() if uids]


def _asked(request: MailRequest, imap: Connection) -> query.Query:
    bodies = request.GET.get("bodies") == "yes" or searching.has_full_text(imap)
    text = request.GET.get("q", "").strip()
    known = Labels.of(preferences_of(request))
    return query.parse(text, timezone.localdate(), bodies=bodies, keyword=known.keyword)


class Found(NamedTuple):
    page: listing.Page | None
    problem: str
    tree: list[Folder]
    account: str
    offer_bodies: bool
    words: tuple[str, ...]
    is_partial: bool  # the latest hits; the page asks for the rest by itself


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
        asked = _asked(request, imap)
        imap.memory["all"] = next((folder.name for folder in tree_now if folder.role == "all"), "")
        size = preferences_of(request).page_size
        first = _latest(request, imap, tree_now, asked, state) if bodies else None
        if first is not None:
            asked = replace(asked, criteria=first)
        page, problem = _run(imap, tree_now, asked, state.wanted(size))
        offer = not everything and bool(asked.words)
        return Found(page, problem, tree_now, imap.account, offer, asked.words, first is not None)

    # A search elsewhere must not close INBOX.
    place = _called(tree_now, query.parse(text, timezone.localdate()).folder)
    found = timings.read(request, ask, place or _ELSEWHERE)
    context = _context(request, found, text, state)
    if not request.htmx and "undo" in request.session:
        context["undo_address"] = request.session.pop("undo")
    template = "webmail/search/_swap.html" if request.htmx else "webmail/search/results.html"
    return timings.write(render(request, template, context))


def _latest(
    request: MailRequest, imap: Connection, tree_now: list[Folder], asked: query.Query, state: ListState
) -> Criteria | None:
    """None: all at once."""
    folder, problem = _folder(tree_now, asked)
    if request.GET.get("deep") == "yes" or state.page > 1 or state.sort or problem or asked.is_empty:
        return None
    return searching.latest(imap, tree_now, folder, asked.criteria, timezone.localdate())


def _context(request: MailRequest, found: Found, text: str, state: ListState) -> dict[str, object]:
    page, account = found.page, request.credentials.address
    key = (found.account, "search", page.view.name, page.view.uidvalidity) if page and page.view.name else ()
    if page and state.page == 1:
        remembered.note(account, text)
    labels = Labels.of(preferences_of(request))
    style = rows.Style(labels=labels, words=found.words, query=f"?{urlencode({'q': text})}" if text else "")
    return {
        "title": _("Search"),
        "text": text,
        "problem": found.problem,
        "page": page,
        "tree": tree.draw(found.tree, ""),
        "rows": rows.draw(page.messages, "", key, outgoing=False, style=style) if page else [],
        "offer_bodies": found.offer_bodies,
        "is_partial": found.is_partial,
        "url": reverse("webmail:search"),
        "query": request.GET.urlencode(),
        "bulk_bar": _bulk_bar(found.tree, None if found.is_partial else page, labels),
        "saved": remembered.saved(account),
        "recent": remembered.recent(account),
    }


def _run(
    imap: Connection, found: list[Folder], asked: query.Query, wanted: listing.Wanted
) -> tuple[listing.Page | None, str]:
    if asked.is_empty:
        return None, ""
    folder, problem = _folder(found, asked)
    if problem:
        return None, problem
    return searching.run(imap, found, folder, replace(wanted, criteria=asked.criteria)), ""


def _called(found: list[Folder], name: str) -> str | None:
    names = {folder.name: words.folder_name(folder) for folder in found}
    return searching.folder_called(found, name, names) if name else None


def _folder(found: list[Folder], asked: query.Query) -> tuple[str, str]:
    """The folder that in: names, or empty; and what is wrong with it."""
    if not asked.folder:
        return "", ""
    called = _called(found, asked.folder)
    if called is None:
        return "", _("There is no folder called %(name)s.") % {"name": asked.folder}
    return called, ""


def _bulk_bar(found: list[Folder], page: listing.Page | None, known: Labels) -> SafeString:
    targets = tree.targets(found, "")
    pages, total = (page.pages, page.total) if page and page.pages > 1 else (1, 0)
    names = tuple(label.name for label in known.known)
    context = {"folder": Folder(name=""), "targets": targets, "pages": pages, "total": total, "labels": names}
    return drawn("webmail/messages/_bulk_bar.html", ("", tuple(targets), pages > 1, total, names), context)
