"""Writing: the form, drafts, sending. Each button is a POST of the whole letter."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from postie_web.accounts.http import mail_required
from postie_web.accounts.services import sessions
from webmail import http
from webmail.forms.compose import ComposeForm
from webmail.http import MailRequest, Timings
from webmail.imap import errors as imap_errors
from webmail.imap import fetch, folders
from webmail.imap.connection import Connection
from webmail.mime import compose as mime
from webmail.mime import outline
from webmail.services import compose, starts
from webmail.smtp import errors as smtp
from webmail.types import Address

from . import letters, tree, written


@written.kept_when_signed_out
@mail_required
@require_http_methods(["GET", "POST"])
def compose_message(request: MailRequest) -> HttpResponse:
    if request.method == "POST":
        return _act(request)
    with http.missing_is_404("compose"), Timings().imap(request) as imap:
        compose.tidy(imap)
        start = starts.start(imap, request.credentials.address, _wish(request))
        form = ComposeForm(initial=start.initial)
        return _page(request, imap, form, start.uid)


def _wish(request: MailRequest) -> starts.Wish:
    def number(name: str) -> int:
        value = request.GET.get(name, "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 11 else 0

    return starts.Wish(
        kind=request.GET.get("kind", ""),
        folder=request.GET.get("folder", "")[:1000],
        uid=number("uid"),
        draft=number("draft"),
        mailto=request.GET.get("mailto", "") or f"mailto:{request.GET.get('to', '')}",
    )


def _page(
    request: MailRequest, imap: Connection, form: ComposeForm, draft: int, status: int = 200
) -> HttpResponse:
    kept = form.kept if form.is_bound else str(form.initial.get("keep", "")).split()
    context = written.context(request, form, draft) | {"kept": _kept(imap, draft, kept)}
    if request.htmx:
        return render(request, "webmail/compose/_form.html", context, status=status)
    context["tree"] = tree.draw(folders.tree(imap), "", swap=False)
    return render(request, "webmail/compose/compose.html", context, status=status)


def _kept(imap: Connection, draft: int, sections: list[str]) -> list[tuple[str, letters.Enclosure]]:
    """The attachments that lie in the draft already."""
    if not draft or not sections:
        return []
    name = folders.ensure(imap, "drafts")
    root = fetch.structure_of(imap, name, draft)
    base = reverse("webmail:message", args=[name, draft])
    found = [(section, outline.find(root, section)) for section in sections[:100]]
    return [(section, letters.enclosure(part, base)) for section, part in found if part is not None]


def _act(request: MailRequest) -> HttpResponse:
    """Send, keep, or throw away."""
    if written.is_others(request):
        begun = _("You are signed in as %(address)s now. Your text is still here; look who it is from.")
        return written.redraw(request, 409, begun % {"address": request.credentials.address})
    try:
        return _done(request, ComposeForm(request.POST, request.FILES))
    except imap_errors.Unauthorized:  # the password was changed elsewhere
        sessions.end(request)
        vars(request)["credentials"] = None
        return written.signed_out(request)
    except imap_errors.Unavailable:
        return _stranded(request)


def _stranded(request: MailRequest) -> HttpResponse:
    """The mailbox cannot be reached."""
    away = _("The mail server does not answer. Your text is still here; try again in a minute.")
    if request.POST.get("action") == "autosave":
        away = _("Not saved yet: the mail server does not answer.")
    response = written.redraw(request, 503, away)
    response.headers["Retry-After"] = "15"
    return response


def _done(request: MailRequest, form: ComposeForm) -> HttpResponse:
    with http.missing_is_404("compose"), Timings().imap(request) as imap:
        draft = written.number(request, "draft")
        if request.POST.get("action") == "discard":
            compose.discard(imap, draft)
            messages.success(request, _("The draft is in the trash."))
            return _go(request, reverse("webmail:inbox"))
        if not form.is_valid():
            return _refused(request, imap, form, draft)
        try:
            letter = _letter(imap, request, form, draft)
            if request.POST.get("action") == "send":
                return _send(request, imap, form, letter)
            return _saved(request, compose.save_draft(imap, letter, draft))
        except imap_errors.Rejected as error:
            form.add_error(None, _("The mailbox did not take it: %(reason)s") % {"reason": error.reason})
            return _refused(request, imap, form, draft)


def _refused(request: MailRequest, imap: Connection, form: ComposeForm, draft: int) -> HttpResponse:
    if request.POST.get("action") == "autosave":
        return JsonResponse({"error": _("Not saved yet.")}, status=422)
    return _page(request, imap, form, draft, status=422)


def _letter(imap: Connection, request: MailRequest, form: ComposeForm, draft: int) -> mime.Letter:
    data = form.cleaned_data
    old: tuple[mime.Attachment, ...] = ()
    if draft and form.kept:
        old = compose.attached(imap, folders.ensure(imap, "drafts"), draft, form.kept)
    return mime.Letter(
        sender=Address(getattr(request.user, "name", ""), request.credentials.address),
        message_id=data["message_id"],
        date=timezone.localtime(),
        to=form.people("to"),
        cc=form.people("cc"),
        bcc=form.people("bcc"),
        subject=data["subject"],
        text=data["text"],
        in_reply_to=next(iter(mime.message_ids(data["in_reply_to"])), ""),
        references=mime.message_ids(data["references"]),
        attachments=(*old, *form.new_attachments()),
        wants_receipt=data["receipt"],
    )


def _send(request: MailRequest, imap: Connection, form: ComposeForm, letter: mime.Letter) -> HttpResponse:
    draft = written.number(request, "draft")
    try:
        sent = compose.send(imap, request.credentials, letter, form.source, draft)
    except (smtp.SmtpError, compose.InProgress, compose.Lost) as error:
        for field, sentence in _words(error, letter):
            form.add_error(field, sentence)
        return _after_failure(request, imap, form, letter)
    sentence = _("Sent.") if sent.is_filed else _("Sent. Its copy will follow into the Sent folder.")
    messages.success(request, sentence, extra_tags="sent")
    back = form.source.folder
    return _go(request, reverse("webmail:folder", args=[back]) if back else reverse("webmail:inbox"))


def _after_failure(
    request: MailRequest, imap: Connection, form: ComposeForm, letter: mime.Letter
) -> HttpResponse:
    """The letter with all its attachments lies in Drafts now: the form goes on from there."""
    draft = compose.find_draft(imap, letter.message_id)
    data = request.POST.copy()
    data["draft"] = str(draft)
    data.setlist("keep_part", starts.kept_sections(imap, draft).split())
    form.data = data
    return _page(request, imap, form, draft, status=422)


def _words(error: Exception, letter: mime.Letter) -> list[tuple[str | None, str]]:
    if isinstance(error, smtp.Refused):
        lists = {"to": letter.to, "cc": letter.cc, "bcc": letter.bcc}
        found: list[tuple[str | None, str]] = []
        for address, reason in error.recipients.items():
            field = next(
                (name for name, people in lists.items() if address in [p.address for p in people]), "to"
            )
            sentence = _("%(address)s was refused: %(reason)s. Nothing was sent.")
            found.append((field, sentence % {"address": address, "reason": reason.rstrip(".")}))
        return found
    sentences = {
        smtp.Unauthorized: _("The mail server refuses your password. Sign in again; your text is in Drafts."),
        smtp.Unavailable: _(
            "The mail server cannot take it now. Your text is in Drafts; try again in a minute."
        ),
        compose.InProgress: _("It is being sent right now."),
        compose.Lost: _(
            "The connection broke at the last moment: it may have been sent. "
            "Ask before you send it again; it is in Drafts."
        ),
    }
    if isinstance(error, smtp.Rejected):
        return [(None, _("The mail server does not take it: %(reason)s") % {"reason": error.reason})]
    return [(None, sentences[type(error)])]


def _saved(request: MailRequest, uid: int) -> HttpResponse:
    if request.POST.get("action") == "autosave":
        moment = timezone.localtime().strftime("%H:%M")
        return JsonResponse({"draft": uid, "text": _("Saved %(time)s") % {"time": moment}})
    messages.success(request, _("Saved in Drafts."))
    return _go(request, f"{reverse('webmail:compose')}?draft={uid}")


def _go(request: MailRequest, url: str) -> HttpResponse:
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)
