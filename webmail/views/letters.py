"""What the page of a message shows of it."""

from dataclasses import dataclass, replace
from typing import cast
from urllib.parse import urlencode

from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from webmail.http import MailRequest, preferences_of
from webmail.mime import body, files, lists, winmail
from webmail.mime.outline import RASTERS
from webmail.models import Preferences
from webmail.services.reading import Opened
from webmail.types import Address, Part

from . import truth
from .drawing import filled
from .frames import Look

_ICONS = {"image": "file-image", "text": "file-text", "application/pdf": "file-text", "message": "mail"}
_IN_BAR = (
    *(
        "folder_url",
        "resume_url",
        "list_actions",
        "uid",
        "letter_url",
        "attach_url",
        "light_url",
        "print_url",
    ),
    *("reply_url", "reply_all_url", "forward_url"),
)
_LARGEST_SHOWN = 8_000_000
_ARCHIVES = ("zip", "x-7z-compressed", "x-rar", "vnd.rar", "gzip", "x-tar")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enclosure:
    name: str
    size: int
    icon: str
    url: str
    look_url: str = ""  # where it can be read without downloading
    picture_url: str = ""  # small enough to be shown below the letter
    doubt: str = ""  # why one should think twice

    @property
    def opens_tab(self) -> bool:
        return "inline=1" in self.look_url


def context(opened: Opened, request: MailRequest, look: Look, *, is_plain: bool) -> dict[str, object]:
    base = reverse("webmail:message", args=[opened.folder, opened.uid])
    preferences = preferences_of(request)
    part = _part(opened)
    shown = {one.section for one in opened.outline.pictures}  # stand inside the letter already
    enclosures = [
        replace(found, picture_url="") if one.section in shown else found
        for one in opened.outline.parts
        for found in [enclosure(one, base, nested=bool(opened.section))]
    ]
    sender = opened.envelope.sender[0] if opened.envelope.sender else Address("", "")
    return {
        "opened": opened,
        "message": opened.message,
        "envelope": opened.envelope,
        "sender": sender,
        "people": [(word, found) for word, found in _people(opened) if found],
        "subject": opened.envelope.subject or _("(no subject)"),
        "enclosures": enclosures,
        "letter_url": base,
        "body_url": _with(f"{base}body/", {**look.query(), **part}),
        "print_url": _with(f"{base}print/", {**look.query(), **part}),
        "light_url": _with(base, {"look": "" if look.is_light else "light", **part}),
        "is_light": look.is_light,
        **_ways(opened),
        "is_plain": is_plain,
        "read_after": _read_after(opened, preferences),
        "folder_name": opened.folder,
        "uid": opened.uid,
        "doubts": truth.doubts(opened, sender),
        "receipt": truth.receipt(opened, preferences),
        "domain": sender.address.rpartition("@")[2].lower(),
        "verdict": opened.verdict,
        "leaving": lists.leaving(opened.fields),
        "shown_address": truth.shown_address(sender.address),
        "list_actions": reverse("webmail:message-actions", args=[opened.folder]),
    }


def bar(found: dict[str, object], request: MailRequest) -> SafeString:
    """The buttons above the letter, from the context of its page."""
    opened = cast(Opened, found["opened"])
    variant = {
        "is_draft": opened.message.is_draft,
        "is_enclosed": bool(opened.section),
        "is_read": opened.message.is_read,
        "has_html": opened.has_html,
        "is_plain": bool(found["is_plain"]),
        "is_light": bool(found["is_light"]),
    }
    found["csrf_token"] = written = get_token(request)  # one for the page's other forms, too
    token = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', written)
    values = {name: str(found[name]) for name in _IN_BAR}
    values |= {"token": token, "after_move": str(preferences_of(request).after_move)}
    return filled("webmail/reading/_bar.html", variant, values)


def _with(url: str, query: dict[str, str]) -> str:
    kept = {name: value for name, value in query.items() if value}
    return f"{url}?{urlencode(kept)}" if kept else url


def _read_after(opened: Opened, preferences: Preferences) -> int | None:
    """Seconds until the page itself says that the letter was read; None when it has nothing to say."""
    is_due = not opened.message.is_read and preferences.read_after >= 0
    return preferences.read_after if is_due else None


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
    elif winmail.is_package(name, part.media_type) and not nested:
        look = f"{url}package/"
    elif part.media_type in RASTERS or part.media_type in ("application/pdf", "text/plain"):
        look = f"{url}?inline=1"
    size = _decoded_size(part)
    return Enclosure(
        name=name,
        size=size,
        icon=_icon(part),
        url=url,
        look_url=look,
        picture_url=f"{url}?inline=1" if part.media_type in RASTERS and size <= _LARGEST_SHOWN else "",
        doubt=_doubt(part, name),
    )


def _doubt(part: Part, name: str) -> str:
    kind = files.danger(name, part.media_type)
    if kind == "program":
        return _("This is a program. Open it only if you know why it was sent to you.")
    if kind == "double":
        return _("The name pretends to be a document, but this is a program.")
    if kind == "differs":
        return _("The name says one kind of file, the letter another.")
    if kind == "winmail":
        return _("A package of Outlook, with the attachments inside.")
    return ""


def filename(part: Part) -> str:
    """A name that cannot lie about its end, and fits every file system."""
    name = body.without_turns(body.tidy(part.filename)).replace("\n", " ").strip(". ")
    name = name.replace("/", "_").replace("\\", "_")[:200]
    if name:
        return name
    if part.envelope is not None:
        return f"{body.tidy(part.envelope.subject).replace('/', '_')[:80] or 'message'}.eml"
    return _NAMELESS.get(part.media_type, f"{part.media_type.partition('/')[0]}-{part.section}")


_NAMELESS = {"text/calendar": "invitation.ics", "text/vcard": "contact.vcf"}


def _decoded_size(part: Part) -> int:
    # RFC 2045, 6.8: 57 octets become a line of 76 characters and its end.
    return part.size * 57 // 78 if part.encoding == "base64" else part.size


def _icon(part: Part) -> str:
    if part.media_type.rpartition("/")[2] in _ARCHIVES:
        return "file-archive"
    return _ICONS.get(part.media_type, _ICONS.get(part.media_type.partition("/")[0], "file"))
