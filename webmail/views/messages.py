"""The mailbox: a page of a folder beside the tree, and what is done to messages in it."""

from dataclasses import replace

from django.http import Http404, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from webmail import http
from webmail.forms.messages import ActionForm, ListState
from webmail.http import MailRequest, Timings, preferences_of
from webmail.imap import errors, fetch, folders, search, threads
from webmail.imap.connection import Connection
from webmail.models import Action, FolderView, Preferences
from webmail.services import bulk, contacts, journal, mailbox, messages
from webmail.services.labels import Labels

from . import jobs, marks, pages, rows, tree, words
from .labelling import labelled


@mail_required
@require_GET
def folder(request: MailRequest, name: str = "INBOX") -> HttpResponse:
    """The list; with htmx only the list and the tree's new counts."""
    state = list_state(request, name)
    timings = Timings()
    with http.missing_is_404(name):
        shown = pages.see(request, timings, name, state)
    if request.htmx:
        return pages.swap(request, shown, timings)
    with timings.of("render"):
        context = pages.whole(request, shown)
        if "undo" in request.session:
            context["undo_address"] = request.session.pop("undo")
        response = render(request, "webmail/messages/list.html", context)
    response.headers["Vary"] = "HX-Request, Cookie, Accept-Language"
    return timings.write(response)


def list_state(request: MailRequest, name: str) -> ListState:
    """As the URL says; conversations or not as this person likes the folder."""
    account = request.credentials.address
    remembered = "" if "view" in request.GET else FolderView.remembered(account, name)
    state = ListState.of(request.GET, remembered)
    state = replace(state, labels=Labels.of(preferences_of(request)))
    if state.show == "contacts":
        return replace(state, people=tuple(contacts.addresses_of(account, most=100)))
    return state


@mail_required
@require_GET
def message_previews(request: MailRequest, name: str) -> HttpResponse:
    """The first words of messages the server had not read yet when the list was made."""
    uids = [int(uid) for uid in request.GET.getlist("uid")[:200] if uid.isascii() and uid.isdigit()]
    timings = Timings()
    with http.missing_is_404(name):
        found = timings.read(request, lambda imap: fetch.previews(imap, name, uids), name)
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
        timings = Timings()
        count = timings.read(request, lambda imap: mailbox.news(imap, name, int(since)), name)
    if not count:
        return timings.write(HttpResponse(status=204))
    context = {"count": count, "url": reverse("webmail:folder", args=[name])}
    return timings.write(render(request, "webmail/messages/_news.html", context))


@mail_required
@require_GET
def message_arrivals(request: MailRequest, name: str) -> JsonResponse:
    """The newest unread letters from uid `since` on, for a notification: who and what, at most three."""
    since = request.GET.get("since", "")
    if not (since.isascii() and since.isdigit() and len(since) < 11):
        raise Http404
    with http.missing_is_404(name):
        found = Timings().read(request, lambda imap: mailbox.arrivals(imap, name, int(since)))
    letters = [
        {
            "from": rows.people(message, outgoing=False),
            "subject": message.envelope.subject or _("(no subject)"),
            "url": reverse("webmail:message", args=[name, message.uid]),
        }
        for message in found
    ]
    return JsonResponse({"letters": letters})


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
    with http.missing_is_404(name), timings.imap(request, name) as imap:
        order = form.order(name)
        if form.cleaned_data["all"]:
            order = messages.for_everything(imap, order, state.criteria, form.cleaned_data["below"] or 0)
        if form.cleaned_data["conversations"]:
            order = replace(order, uids=threads.members(imap, name, order.uids))
        try:
            order = labelled(request, order)
            if len(order.uids) > bulk.MOST_AT_ONCE and (job := jobs.begin(request, imap, order)):
                return words.in_background(request, _back(name, state), jobs.started(job))
            stays = marks.stays(imap, request, order, state)
            done = messages.perform(imap, order)
        except (errors.NotFound, errors.Rejected) as error:
            return words.answer(request, _back(name, state), words.refused(error), failed=True)
        if not request.htmx:
            back = _next_open(imap, request, order) or _back(name, state)
            return words.answer(request, back, words.done(done), undo=done.undo)
        if stays and (marked := marks.answer(imap, order, done, state)):
            return timings.write(marked)
        # The same answer shows the list as it is now: one round trip for the person.
    shown = pages.see(request, timings, name, state)
    response = HttpResponse(pages.drawn_swap(shown))
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
    action, _colon, uid = data.get("action", "").partition(":")
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
