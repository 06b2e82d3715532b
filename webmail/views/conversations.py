"""A conversation in one pane: own answers included, quotes folded, the newest unread one open."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from webmail import http
from webmail.forms.messages import ActionForm, ListState
from webmail.http import MailRequest, Timings, folder_path
from webmail.imap import errors, folders
from webmail.imap.connection import Connection
from webmail.models import FolderView
from webmail.services import conversations, messages, reading
from webmail.types import Message

from . import frames, opening, pages, words
from .labelling import labelled
from .messages import list_state


@mail_required
@require_GET
def conversation(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """All of it; with htmx only the reader, else with the list beside it."""
    timings = Timings()
    state = list_state(request, name)
    with http.missing_is_404(name), timings.imap(request, name) as imap:
        tree = folders.tree(imap)
        found = conversations.whole(imap, tree, name, uid, _part(request))
        open_one = _to_open(found.members, request.GET.get("open", ""))
        parts = [_letter(request, imap, m) if m is open_one else _closed(m, name, uid) for m in found.members]
    beside = None if request.htmx else pages.see(request, timings, name, state)
    with timings.of("render"):
        context = _context(found, name, uid) | {"letters": parts}
        if beside is None:
            return timings.write(render(request, "webmail/reading/_conversation_swap.html", context))
        context |= pages.whole(request, beside, beside=True)
        return timings.write(render(request, "webmail/reading/conversation.html", context))


def _part(request: MailRequest) -> int:
    number = request.GET.get("part", "1")
    return int(number) if number.isascii() and number.isdigit() and 0 < int(number[:6]) < 1000 else 1


def _to_open(members: tuple[Message, ...], wanted: str) -> Message | None:
    """The one that was asked for; else the newest unread, else the newest."""
    asked = [m for m in members if f"{m.uid}@{m.folder}" == wanted]
    unread = [m for m in members if not m.is_read]
    return next(iter([*asked, *unread[::-1], *members[::-1]]), None)


def _context(found: conversations.Whole, name: str, uid: int) -> dict[str, object]:
    base = reverse("webmail:conversation", args=[name, uid])
    first = found.members[0] if found.members else None
    newest = next((m for m in reversed(found.members) if not m.is_draft), first)
    write = (
        f"{reverse('webmail:compose')}?folder={folder_path(newest.folder)}&uid={newest.uid}" if newest else ""
    )
    return {
        "subject": (first.envelope.subject if first else "") or _("(no subject)"),
        "conversation": found,
        "url": base,
        "folder_name": name,
        "folder_url": reverse("webmail:folder", args=[name]),
        "reply_url": f"{write}&kind=reply",
        "reply_all_url": f"{write}&kind=reply-all",
        "forward_url": f"{write}&kind=forward",
        "earlier": f"?part={found.number + 1}" if found.number < found.pages else "",
        "later": f"?part={found.number - 1}" if found.number > 1 else "",
    }


def _closed(message: Message, name: str, uid: int) -> SafeString:
    here = reverse("webmail:conversation", args=[name, uid])
    context = {
        "message": message,
        "sender": next(iter(message.envelope.sender), None),
        "letter_url": reverse("webmail:conversation-letter", args=[message.folder, message.uid]),
        "open_url": f"{here}?open={message.uid}@{folder_path(message.folder)}",
    }
    return render_to_string("webmail/reading/_letter_closed.html", context)


def _letter(request: MailRequest, imap: Connection, message: Message) -> SafeString:
    opened = reading.open_message(imap, message.folder, message.uid, authserv_id=settings.POSTEIO_HOSTNAME)
    context = opening.context(imap, request, opened)
    if "html" in context:
        context["height"] = frames.height(str(context["html"]))
    return render_to_string("webmail/reading/_letter_open.html", context, request)


@mail_required
@require_GET
def conversation_letter(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """One more letter of it, opened in its place."""
    timings = Timings()
    with http.missing_is_404(name), timings.imap(request, name) as imap:
        found = conversations.one(imap, name, uid)
        return timings.write(HttpResponse(_letter(request, imap, found)))


@mail_required
@require_POST
def conversation_actions(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """Does something to all of it, then goes back to the list."""
    data = request.POST.copy()
    data.setlist("uid", [str(uid)])
    form = ActionForm(data)
    back = reverse("webmail:folder", args=[name])
    if not form.is_valid():
        return words.answer(request, back, str(next(iter(form.errors.values()))[0]), failed=True)
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        tree = folders.tree(imap)
        found = conversations.places(imap, tree, name, uid)
        order = labelled(request, form.order(name))
        orders = conversations.orders(tree, found, order)
        try:
            done = messages.perform_all(imap, orders or [order])
        except (errors.NotFound, errors.Rejected) as error:
            return words.answer(request, back, words.refused(error), failed=True)
    return words.answer(request, back, words.done(done), undo=done.undo, also=done.also)


@mail_required
@require_POST
def folder_view(request: MailRequest, name: str) -> HttpResponse:
    """As conversations or as single messages, from now on."""
    view = request.POST.get("view", "")
    if view in FolderView.View.values:
        FolderView.remember(request.credentials.address, name, view)
    back = reverse("webmail:folder", args=[name])
    state = ListState.of(request.GET)
    return words.go(request, back + state.query(view="", page=1))
