"""What a reader should know before believing a letter: a few quiet lines above it."""

from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from webmail.http import MailRequest
from webmail.mime import body, receipts, sanitize, suspicion
from webmail.models import Preferences
from webmail.services.reading import Opened
from webmail.types import Address

from .frames import Look


def lines(clean: sanitize.Clean | None, request: MailRequest, look: Look) -> dict[str, object]:
    """What the HTML would have fetched or hidden, for the quiet lines above it."""
    if clean is None:
        return {}
    kept = {name: request.GET[name] for name in ("part", "look", "q", "view") if name in request.GET}
    return {
        "blocked": clean.blocked,
        "is_cut": clean.truncated,
        "lying": suspicion.lying_links(clean.html)[:3],
        "images_shown": look.shows_images,
        "show_query": f"?{urlencode({**kept, 'images': '1'})}",
    }


class Receipt(NamedTuple):
    """Somebody wants to hear that the letter was read. `is_odd`: somebody else than who wrote it."""

    address: str
    is_odd: bool


def receipt(opened: Opened, preferences: Preferences) -> Receipt | None:
    """RFC 8098, 2.1: asked of the person, and never twice."""
    if preferences.receipts == Preferences.Receipts.NEVER or opened.section:
        return None
    wanted = receipts.wanted(opened.fields)
    if not wanted or receipts.SENT in opened.message.flags or opened.message.is_draft:
        return None
    sender = opened.envelope.sender[0].address if opened.envelope.sender else ""
    return Receipt(shown_address(wanted), wanted.lower() != sender.lower())


def shown_address(address: str) -> str:
    local_part, at, domain = address.rpartition("@")
    return body.without_turns(f"{local_part}{at}{suspicion.shown_host(domain)}")


def doubts(opened: Opened, sender: Address) -> list[str]:
    """What a reader should know before believing it; few, and in words."""
    found = []
    if opened.verdict.state == "failed":
        found.append(_("The sender's address is not proven: somebody else may have written this."))
    named = suspicion_in_name(sender)
    if named:
        found.append(
            _("The name says %(named)s, but it comes from %(address)s.")
            % {"named": named, "address": shown_address(sender.address)}
        )
    answers = [a.address for a in opened.envelope.reply_to if "@" in a.address]
    theirs = sender.address.rpartition("@")[2].lower()
    foreign = [a for a in answers if a.rpartition("@")[2].lower() != theirs]
    if foreign and sender.address:
        found.append(
            _("Answers go to another address: %(address)s.") % {"address": shown_address(foreign[0])}
        )
    if suspicion.mixes_scripts(body.tidy(sender.address)):
        found.append(_("The address mixes letters of different alphabets that look alike."))
    return found


def suspicion_in_name(sender: Address) -> str:
    """An address written into the name that is not the address."""
    for word in sender.name.replace("<", " ").replace(">", " ").split()[:20]:
        if (
            word.count("@") == 1
            and "." in word.partition("@")[2]
            and word.strip("()\"',.").lower() != sender.address.lower()
        ):
            return word.strip("()\"',.")[:100]
    return ""
