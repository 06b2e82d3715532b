"""What the page of a message shows of it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from webmail.http import MailRequest
from webmail.mime import body, lists, sanitize, suspicion
from webmail.mime.outline import RASTERS
from webmail.services.reading import Opened
from webmail.types import Address, Part

_ICONS = {"image": "file-image", "text": "file-text", "application/pdf": "file-text", "message": "mail"}
_ARCHIVES = ("zip", "x-7z-compressed", "x-rar", "vnd.rar", "gzip", "x-tar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    name: str
    size: int
    icon: str
    url: str
    look_url: str = ""  # where it can be read without downloading


def context(opened: Opened, request: MailRequest) -> dict[str, object]:
    base = reverse("webmail:message", args=[opened.folder, opened.uid])
    query = _query(request)
    enclosures = [enclosure(part, base, nested=bool(opened.section)) for part in opened.outline.parts]
    sender = opened.envelope.sender[0] if opened.envelope.sender else Address("", "")
    return {
        "opened": opened,
        "message": opened.message,
        "envelope": opened.envelope,
        "sender": sender,
        "people": [(word, found) for word, found in _people(opened) if found],
        "subject": opened.envelope.subject or _("(no subject)"),
        "enclosures": enclosures,
        "url": base,
        "body_url": f"{base}body/{query}",
        "plain_url": f"{base}?{urlencode({'view': 'plain', **_part(opened)})}",
        "light_url": f"{base}?{urlencode({'look': 'light', **_part(opened)})}",
        **_ways(opened),
        "is_plain": request.GET.get("view") == "plain",
        "folder_name": opened.folder,
        "uid": opened.uid,
        "doubts": doubts(opened, sender),
        "verdict": opened.verdict,
        "leaving": lists.leaving(opened.fields),
        "shown_address": shown_address(sender.address),
        "list_actions": reverse("webmail:message-actions", args=[opened.folder]),
    }


def _ways(opened: Opened) -> dict[str, str]:
    """Where the buttons lead."""
    write = reverse("webmail:compose")

    def answer(kind: str) -> str:
        return f"{write}?{urlencode({'kind': kind, 'folder': opened.folder, 'uid': opened.uid})}"

    return {
        "folder_url": reverse("webmail:folder", args=[opened.folder]),
        "reply_url": answer("reply"),
        "reply_all_url": answer("reply-all"),
        "forward_url": answer("forward"),
        "attach_url": answer("attach"),
        "resume_url": f"{write}?draft={opened.uid}",
    }


def truth(clean: sanitize.Clean | None, request: MailRequest) -> dict[str, object]:
    """What the HTML would have fetched or hidden, for the quiet lines above it."""
    if clean is None:
        return {}
    kept = {name: request.GET[name] for name in ("part", "look") if name in request.GET}
    return {
        "blocked": clean.blocked,
        "is_cut": clean.truncated,
        "lying": suspicion.lying_links(clean.html)[:3],
        "images_shown": request.GET.get("images") == "1",
        "show_query": f"?{urlencode({**kept, 'images': '1'})}",
    }


def _query(request: MailRequest) -> str:
    kept = {name: request.GET[name] for name in ("images", "look", "part") if name in request.GET}
    return f"?{urlencode(kept)}" if kept else ""


def _part(opened: Opened) -> dict[str, str]:
    return {"part": opened.section} if opened.section else {}


def _people(opened: Opened) -> list[tuple[str, tuple[Address, ...]]]:
    return [
        (pgettext("letter", "To"), opened.envelope.to),
        (_("Cc"), opened.envelope.cc),
        (_("Bcc"), opened.envelope.bcc),
    ]


def enclosure(part: Part, base: str, *, nested: bool = False) -> Enclosure:
    url = f"{base}part/{part.section}/"
    name = filename(part)
    look = ""
    if part.media_type == "message/rfc822" and part.children and not nested:
        look = f"{base}?part={part.section}"
    elif part.media_type in RASTERS or part.media_type in ("application/pdf", "text/plain"):
        look = f"{url}?inline=1"
    return Enclosure(name=name, size=_decoded_size(part), icon=_icon(part), url=url, look_url=look)


def filename(part: Part) -> str:
    """A name that cannot lie about its end, and fits every file system."""
    name = body.without_turns(body.tidy(part.filename)).replace("\n", " ").strip(". ")
    name = name.replace("/", "_").replace("\\", "_")[:200]
    if name:
        return name
    if part.envelope is not None:
        return f"{body.tidy(part.envelope.subject).replace('/', '_')[:80] or 'message'}.eml"
    return f"{part.media_type.partition('/')[0]}-{part.section}"


def _decoded_size(part: Part) -> int:
    # RFC 2045, 6.8: 57 octets become a line of 76 characters and its end.
    return part.size * 57 // 78 if part.encoding == "base64" else part.size


def _icon(part: Part) -> str:
    if part.media_type.rpartition("/")[2] in _ARCHIVES:
        return "file-archive"
    return _ICONS.get(part.media_type, _ICONS.get(part.media_type.partition("/")[0], "file"))


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
