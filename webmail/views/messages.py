"""The mailbox: a page of a folder beside the tree, and what is done to messages in it."""

from dataclasses import replace

from django.http import Http404, HttpResponse, HttpResponseNotModified, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from webmail import http
from webmail.forms.messages import SHOW_WORDS, SORT_WORDS, ActionForm, ListState
from webmail.http import MailRequest, Timings, preferences_of
from webmail.imap import errors, fetch, folders, search, threads
from webmail.imap.connection import Connection
from webmail.models import Action, FolderView, Preferences
from webmail.services import journal, mailbox, messages

from . import rows, tree, words
from .drawing import drawn


@mail_required
@require_GET
def folder(request: MailRequest, name: str = "INBOX") -> HttpResponse:
    """The list; with htmx only the list and the tree's new counts."""
    state = list_state(request, name)
    timings = Timings()
    with http.missing_is_404(name):
        wanted = state.wanted(preferences_of(request).page_size)
        sight = timings.read(request, lambda imap: mailbox.look(imap, name, wanted))
    etag = _etag(request, sight, state)
    if etag and request.headers.get("If-None-Match") == etag:
        return timings.write(HttpResponseNotModified(headers={"ETag": etag, "Cache-Control": _PRIVATE}))
    with timings.of("render"):
        context = list_context(sight, state, swap=bool(request.htmx))
        if not request.htmx and "undo" in request.session:
            context["undo_address"] = request.session.pop("undo")
        template = "webmail/messages/_swap.html" if request.htmx else "webmail/messages/list.html"
        response = render(request, template, context)
    if etag:
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = _PRIVATE
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return timings.write(response)


def list_state(request: MailRequest, name: str) -> ListState:
    """As the URL says; conversations or not as this person likes the folder."""
    return ListState.of(request.GET, FolderView.remembered(request.credentials.address, name))


# The browser may keep it for this page, but has to ask each time.
_PRIVATE = "private, no-cache, max-age=0"


def list_context(sight: mailbox.Sight, state: ListState, *, swap: bool) -> dict[str, object]:
    page, name = sight.page, sight.folder.name
    outgoing = sight.folder.role in ("sent", "drafts")
    return {
        "folder": sight.folder,
        "title": words.folder_name(sight.folder),
        "tree": tree.draw(sight.tree, name, swap=swap),
        "bulk_bar": _bulk_bar(sight),
        "page": page,
        "state": state,
        "rows": _rows(sight, state, outgoing=outgoing),
        "without_preview": [m.uid for m in page.messages if not m.preview],
        "shows": [(value, word, state.query(show=value, page=1)) for value, word in SHOW_WORDS],
        "sorts": [(value, word, state.query(sort=value, page=1)) for value, word in SORT_WORDS],
        "previous": state.query(page=page.number - 1) if page.number > 1 else "",
        "next": state.query(page=page.number + 1) if page.number < page.pages else "",
        "url": reverse("webmail:folder", args=[name]),
        "view_url": reverse("webmail:folder-view", args=[name]) + state.query(page=1),
    }


def _rows(sight: mailbox.Sight, state: ListState, *, outgoing: bool) -> list[SafeString]:
    page, name = sight.page, sight.folder.name
    key = (sight.account, name, page.view.uidvalidity)
    if state.conversations:
        return rows.draw_conversations(page.conversations, name, key, outgoing=outgoing)
    return rows.draw(page.messages, name, key, outgoing=outgoing)


def _bulk_bar(sight: mailbox.Sight) -> SafeString:
    targets = tree.targets(sight.tree, sight.folder.name)
    pages, total = sight.page.pages, sight.page.total if sight.page.pages > 1 else 0
    context = {"folder": sight.folder, "targets": targets, "pages": pages, "total": total}
    return drawn(
        "webmail/messages/_bulk_bar.html", (sight.folder.role, tuple(targets), pages > 1, total), context
    )


def _etag(request: MailRequest, sight: mailbox.Sight, state: ListState) -> str:
    """Only the fragment has one: a whole page carries a form token that must not be kept."""
    proof = mailbox.proof(sight.page.view)
    if not request.htmx or not proof:
        return ""
    counts = hash(tuple((f.name, f.unread, f.messages) for f in sight.tree))
    day, stamp = rows.today(), preferences_of(request).stamp
    return f'W/"{proof}-{hash(state)}-{counts}-{get_language()}-{day}-{len(sight.page.messages)}-{stamp}"'


@mail_required
@require_GET
def message_previews(request: MailRequest, name: str) -> HttpResponse:
    """The first words of messages the server had not read yet when the list was made."""
    uids = [int(uid) for uid in request.GET.getlist("uid")[:200] if uid.isascii() and uid.isdigit()]
    timings = Timings()
    with http.missing_is_404(name):
        found = timings.read(request, lambda imap: fetch.previews(imap, name, uids))
    return timings.write(
        render(request, "webmail/messages/_previews.html", {"previews": sorted(found.items())})
    )


@mail_required
@require_GET
def message_news(request: MailRequest, name: str) -> HttpResponse:
    """What came since the list was made: a line that waits, so that nothing moves under the pointer."""
    since = request.GET.get("since", "")
    if not (since.isascii() and since.isdigit() and len(since) < 11):
        raise Http404
    with http.missing_is_404(name):
        count = Timings().read(request, lambda imap: mailbox.news(imap, name, int(since)))
    if not count:
        return HttpResponse(status=204)
    return render(
        request,
        "webmail/messages/_news.html",
        {"count": count, "url": reverse("webmail:folder", args=[name])},
    )


@mail_required
@require_POST
def message_actions(request: MailRequest, name: str) -> HttpResponse:
    """Does something to the selected messages, then shows the list as it is now."""
    form = ActionForm(one_or_many(request.POST))
    state = list_state(request, name)
    if not form.is_valid():
        sentence = next(iter(form.errors.values()))[0]
        return words.answer(request, _back(name, state), str(sentence), failed=True)
    timings = Timings()
    with http.missing_is_404(name), timings.imap(request) as imap:
        order = form.order(name)
        if form.cleaned_data["all"]:
            order = messages.for_everything(imap, order, state.criteria, form.cleaned_data["below"] or 0)
        if form.cleaned_data["conversations"]:
            order = replace(order, uids=threads.members(imap, name, order.uids))
        try:
            done = messages.perform(imap, order)
        except (errors.NotFound, errors.Rejected) as error:
            return words.answer(request, _back(name, state), words.refused(error), failed=True)
        if not request.htmx:
            back = _next_open(imap, request, order) or _back(name, state)
            return words.answer(request, back, words.done(done), undo=done.undo)
        # The same answer shows the list as it is now: one round trip for the person.
        sight = mailbox.look(imap, name, state.wanted(preferences_of(request).page_size))
        context = list_context(sight, state, swap=True)
    response = render(request, "webmail/messages/_swap.html", context)
    response.headers["HX-Trigger"] = words.toast(words.done(done), done.undo)
    return timings.write(response)


def _next_open(imap: Connection, request: MailRequest, order: messages.Order) -> str:
    """After the open letter went away: the one below it, for who wants that."""
    wants = preferences_of(request).after_move == Preferences.AfterMove.NEXT
    if not (wants and request.POST.get("reader") and order.word in messages.MOVES and order.uids):
        return ""
    older = [uid for uid in search.uids(imap, order.folder) if uid < order.uids[0]]
    return reverse("webmail:message", args=[order.folder, max(older)]) if older else ""


def one_or_many(data: QueryDict) -> QueryDict:
    """A button in a row says "archive:7" and means that message, whatever else is selected."""
    action, _, uid = data.get("action", "").partition(":")
    if uid:
        data = data.copy()
        data["action"] = action
        data.setlist("uid", [uid])
        data.pop("all", None)
    return data


def _back(name: str, state: ListState) -> str:
    return reverse("webmail:folder", args=[name]) + state.query()


@mail_required
@require_POST
def undo(request: MailRequest, number: int) -> HttpResponse:
    with Timings().imap(request) as imap:
        entry = Action.objects.filter(pk=number, account=imap.account).first()
        if entry is None:
            raise Http404
        others = request.GET.get("also", "").split(",")[:200]
        also = Action.objects.filter(pk__in=[n for n in others if n.isdecimal()], account=imap.account)
        try:
            count = sum(journal.undo(imap, one) for one in [entry, *also])
        except errors.Rejected as error:
            return words.answer(request, _back(entry.source, ListState()), words.refused(error), failed=True)
    return words.answer(request, _back(entry.source, ListState()), words.undone(count))


@mail_required
@require_GET
def action_list(request: MailRequest) -> HttpResponse:
    """What I did lately, with Undo for each."""
    found, account = Timings().read(request, lambda imap: (folders.tree(imap), imap.account))
    entries = [(entry, words.entry(entry)) for entry in journal.recent(account)]
    context = {"entries": entries, "tree": tree.draw(found, "")}
    return render(request, "webmail/messages/actions.html", context)
