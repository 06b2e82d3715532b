"""The time machine: what was here on a day, what is gone since then, and bringing it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages as notices
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from webmail import connections
from webmail.http import MailRequest
from webmail.imap import deposit, folders
from webmail.mime import sanitize, text
from webmail.services import enclosed, time_machine
from webmail.services.time_machine import Wanted, folder_name

from . import attachments, frames, tree
from .words import place

_LAST_PAGE = 100_000
_DAYS = 400


def reachable(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Backups that are not there, not now, or not of this mailbox: each a page in words."""

    @wraps(view)
    def guarded(request: MailRequest, *args: Any, **options: Any) -> HttpResponse:
        try:
            return view(request, *args, **options)
        except time_machine.NotConfigured:
            words = _("Ask your administrator to set them up.")
            return _sorry(request, _("There are no backups here."), words, 404)
        except time_machine.Nothing:
            return _sorry(request, _("That is not in the backups."), _("Choose another moment."), 404)
        except time_machine.Away:
            words = _("Your mail is safe. Try again in a few minutes.")
            return _sorry(request, _("The backups cannot be read right now."), words, 503)

    return guarded


def _sorry(request: MailRequest, title: str, words: str, status: int) -> HttpResponse:
    context = {"title": title, "words": words, "tree": _tree(request)}
    return render(request, "webmail/time_machine/sorry.html", context, status=status)


def _tree(request: MailRequest) -> object:
    with connections.imap(request.credentials) as imap:
        return tree.draw(folders.tree(imap))


@mail_required
@require_GET
@reachable
def moments(request: MailRequest) -> HttpResponse:
    """Which days there are; `day` leads to the last moment of it."""
    if request.GET.get("day"):
        found = time_machine.on(_day(request))
        if found is None:
            raise time_machine.Nothing
        query = {"view": "gone"} if request.GET.get("view") == "gone" else {}
        where = reverse("webmail:time-machine-moment", args=[found.short_id])
        return HttpResponseRedirect(f"{where}?{urlencode(query)}" if query else where)
    found_moments = time_machine.moments()[:_DAYS]
    context = {
        "moments": found_moments,
        "oldest": timezone.localtime(found_moments[-1].time).date() if found_moments else None,
        "today": timezone.localdate(),
        "log": time_machine.log(request.credentials),
        "tree": _tree(request),
    }
    return render(request, "webmail/time_machine/moments.html", context)


def _day(request: MailRequest) -> date:
    try:
        return date.fromisoformat(request.GET["day"])
    except ValueError:
        raise time_machine.Nothing from None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What the address of a moment's page says."""

    folder: str = ""
    is_gone: bool = False
    words: str = ""
    number: int = 1

    @classmethod
    def of(cls, query: QueryDict) -> "State":
        number = query.get("page", "")
        return cls(
            folder=query.get("folder", "")[:1000],
            is_gone=query.get("view") == "gone",
            words=query.get("q", "").strip()[:200],
            number=min(int(number), _LAST_PAGE)
            if number.isascii() and number.isdigit() and number != "0"
            else 1,
        )

    def wanted(self) -> Wanted:
        return Wanted(
            folder=None if self.is_gone else self.folder,
            words=self.words,
            offset=(self.number - 1) * time_machine.PAGE,
            limit=time_machine.PAGE,
        )


@mail_required
@require_GET
@reachable
def moment(request: MailRequest, name: str) -> HttpResponse:
    state = State.of(request.GET)
    ask = time_machine.gone if state.is_gone else time_machine.view
    found = ask(request.credentials, name, state.wanted())
    context = {
        "moment": found.moment,
        "state": state,
        "view": found,
        "rows": [(row, place(folder_name(row.folder))) for row in found.rows],
        "folders": [(place(name), count) for name, count in found.folders],
        "page": _paging(state.number, found.total),
        "folder_title": place(folder_name(state.folder)),
        "tree": _tree(request),
    }
    return render(request, "webmail/time_machine/moment.html", context)


def _paging(number: int, total: int) -> dict[str, int]:
    return {"number": number, "last_page": max(1, -(-total // time_machine.PAGE)), "total": total}


@mail_required
@require_GET
@reachable
def message(request: MailRequest, name: str) -> HttpResponse:
    kept, octets = time_machine.message(request.credentials, name, request.GET.get("key", ""))
    letter = enclosed.read(octets)
    query = urlencode({"key": kept.key})
    context = {
        "kept": kept,
        "letter": letter,
        "subject": letter.subject or _("(no subject)"),
        "plain": mark_safe(text.to_html(letter.plain, mailto=frames.MAILTO)),  # noqa: S308 - made of escaped tokens
        "body_url": f"{reverse('webmail:time-machine-body', args=[name])}?{query}",
        "file_url": f"{reverse('webmail:time-machine-file', args=[name])}?{query}",
        "back": f"{reverse('webmail:time-machine-moment', args=[name])}?{urlencode({'folder': kept.folder})}",
        "moment_name": name,
        "folder_title": place(folder_name(kept.folder)),
        "tree": _tree(request),
    }
    return render(request, "webmail/time_machine/message.html", context)


@mail_required
@require_GET
@reachable
def body(request: MailRequest, name: str) -> HttpResponse:
    """The HTML of the message, for its frame alone; nothing is loaded from the network."""
    _kept, octets = time_machine.message(request.credentials, name, request.GET.get("key", ""), is_page=False)
    letter = enclosed.read(octets)
    policy = sanitize.Policy(mailto=frames.MAILTO, inline=letter.pictures.get)
    return frames.answer(request, sanitize.sanitize(letter.html, policy), frames.Look())


@mail_required
@require_GET
@reachable
def message_file(request: MailRequest, name: str) -> HttpResponse:
    """As .eml, without bringing it back; line ends as IMAP would give them."""
    _kept, octets = time_machine.message(request.credentials, name, request.GET.get("key", ""))
    return attachments.letter_file(HttpResponse(deposit.clean(octets)), enclosed.read(octets).subject)


@mail_required
@require_POST
@reachable
def restoration(request: MailRequest, name: str) -> HttpResponse:
    """Brings chosen messages back, or a whole folder, some at a time."""
    folder = request.POST.get("whole")
    offset = request.POST.get("offset", "")
    start = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 9 else 0
    if folder is not None:
        done = time_machine.restore_folder(request.credentials, name, folder, start)
    else:
        keys = request.POST.getlist("key")
        if not keys:
            notices.error(request, _("Choose at least one message."))
            return HttpResponseRedirect(reverse("webmail:time-machine-moment", args=[name]))
        done = time_machine.restore(request.credentials, name, keys)
    context = {
        "done": done,
        "words": _words(done),
        "moment_name": name,
        "folder": folder,
        "offset": start + time_machine.MOST_AT_ONCE,
        "tree": _tree(request),
    }
    return render(request, "webmail/time_machine/restored.html", context)


def _words(done: time_machine.Returned) -> list[str]:
    found = []
    if done.restored:
        words = ngettext("%(n)s message is back.", "%(n)s messages are back.", done.restored)
        found.append(words % {"n": done.restored})
    if done.already:
        words = ngettext(
            "%(n)s message was there already.", "%(n)s messages were there already.", done.already
        )
        found.append(words % {"n": done.already})
    if done.failed:
        words = ngettext(
            "%(n)s message was refused by the mail server.",
            "%(n)s messages were refused by the mail server.",
            done.failed,
        )
        found.append(words % {"n": done.failed})
    if done.is_full:
        found.append(_("Your mailbox is full: make room, then do this again. Nothing will come twice."))
    return found
