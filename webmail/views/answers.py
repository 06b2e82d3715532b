"""What a person answers to a letter without writing one: that it was read, that its sender is known."""

from django.conf import settings
from django.contrib import messages as notices
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from postie_web.accounts.http import mail_required
from postie_web.lib import outside
from webmail import connections, http
from webmail.http import MailRequest, Timings
from webmail.imap import errors, fetch, flags
from webmail.mime import headers, lists, outline, receipts, vcard
from webmail.models import SenderRule
from webmail.services import contacts, passport, reading, senders
from webmail.smtp import errors as smtp
from webmail.smtp import submission
from webmail.types import Address

from . import truth


def _back(name: str, uid: int) -> HttpResponse:
    response = HttpResponseRedirect(reverse("webmail:message", args=[name, uid]))
    response.status_code = 303
    return response


@mail_required
@require_POST
def message_seen(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """The page says that it was looked at long enough."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        flags.add(imap, name, [uid], ["\\Seen"])
    return HttpResponse(status=204, headers={"HX-Trigger": "counts-changed"})


@mail_required
@require_POST
def message_manner(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """Pictures of this sender, or of everybody of that domain; as text, or as it was designed."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        envelope = fetch.envelope(imap, name, uid)
    address = envelope.sender[0].address if envelope.sender else ""
    account = request.credentials.address
    wide = {"sender": address, "domain": f"@{address.rpartition('@')[2]}"}
    images, view = request.POST.get("images", ""), request.POST.get("view", "")
    if images in wide and "@" in address:
        senders.allow_images(account, wide[images])
    if view in (SenderRule.View.PLAIN, SenderRule.View.DESIGNED):
        senders.remember_view(account, address, view)
    return _back(name, uid)


@mail_required
@require_POST
def message_receipt(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """Tells the sender that it was read, because the person said so; or notes that they will not."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        opened = reading.open_message(imap, name, uid, authserv_id=settings.POSTEIO_HOSTNAME)
        to = receipts.wanted(opened.fields)
        if not to or receipts.SENT in opened.message.flags:
            raise Http404
        if request.POST.get("answer") == "yes":
            own = Address(getattr(request.user, "name", ""), request.credentials.address)
            subject = _("Read: %(subject)s") % {"subject": opened.envelope.subject}
            octets = receipts.written(own, to, subject, opened.envelope.message_id, timezone.localtime())
            try:
                submission.send(connections.submission(), request.credentials, [to], octets)
            except smtp.SmtpError:
                notices.error(request, _("The receipt could not be sent. Try again in a minute."))
                return _back(name, uid)
            notices.success(request, _("%(address)s knows now that you read it.") % {"address": to})
        flags.add(imap, name, [uid], [receipts.SENT])
    return _back(name, uid)


@mail_required
@require_GET
def message_sender(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """What my mailbox knows about who wrote this: a page, or the quiet line of it."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        try:
            envelope = fetch.envelope(imap, name, uid)
        except errors.NotFound:
            if request.htmx:
                return HttpResponse(status=204)  # filed while the line was on its way
            raise
        sender = envelope.sender[0] if envelope.sender else Address("", "")
        own = sender.address.lower() == request.credentials.address.lower()
        found = passport.Passport(is_contact=own)
        if "@" in sender.address and not own:
            try:
                found = passport.passport(imap, request.credentials.address, name, sender.address)
            except errors.Rejected:
                found = passport.Passport(is_contact=True)
    context = {
        "sender": sender,
        "passport": found,
        "own": own,
        "shown_address": truth.shown_address(sender.address),
        "folder_name": name,
        "uid": uid,
        "letter_url": reverse("webmail:message", args=[name, uid]),
    }
    template = "webmail/reading/_sender.html" if request.htmx else "webmail/reading/sender.html"
    return render(request, template, context)


@mail_required
@require_POST
def message_contact(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """The sender, or the people on an enclosed card, into the contacts."""
    account, section = request.credentials.address, request.POST.get("part", "")
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        if section:
            part = outline.find(fetch.structure_of(imap, name, uid), section)
            cards = reading.cards(imap, name, uid, part) if part else []
            count = sum(contacts.add_card(account, card) for card in cards[: vcard.MOST_CARDS])
        else:
            sender = next(iter(fetch.envelope(imap, name, uid).sender), Address("", ""))
            count = int(contacts.add(account, sender.address, sender.name) is not None)
    if count:
        notices.success(request, _("It is in your contacts."))
    else:
        notices.error(request, _("There is no address in it that could be kept."))
    return _back(name, uid)


@mail_required
@require_POST
def message_unsubscription(request: MailRequest, name: str, uid: int) -> HttpResponse:
    """Leaves the list the letter came from; only when a person presses, never by looking."""
    with http.missing_is_404(name), Timings().imap(request, name) as imap:
        ways = lists.leaving(headers.fields(fetch.whole(imap, name, uid).header))
    back = HttpResponseRedirect(reverse("webmail:message", args=[name, uid]))
    if ways.one_click:
        try:
            outside.post(ways.one_click, "List-Unsubscribe=One-Click")
            notices.success(
                request, _("You are off this list. It may take a few days until the last letter.")
            )
        except outside.Refused:
            notices.error(request, _("The list's server did not take it. Try its page, or write to it."))
        return back
    if ways.mailto:
        return HttpResponseRedirect(f"{reverse('webmail:compose')}?{urlencode({'mailto': ways.mailto})}")
    return back
