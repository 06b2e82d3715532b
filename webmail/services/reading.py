"""Opening a message: its parts as a person reads them, asked for in one round trip, or two."""

import base64
from collections.abc import Hashable
from dataclasses import dataclass, field, replace

from webmail.imap import errors, fetch, flags
from webmail.imap.cache import Bounded
from webmail.imap.connection import Connection
from webmail.mime import body, headers, links, quotes, sanitize, text, vcard
from webmail.mime import invitation as invitations
from webmail.mime.invitation import Invitation
from webmail.mime.outline import RASTERS, Outline, find, outline
from webmail.mime.verdict import Verdict
from webmail.mime.verdict import verdict as judge
from webmail.types import Envelope, Message, Part

LARGEST_TEXT = 2_000_000  # encoded octets of one text part
_LARGEST_PICTURE = 3_000_000
_MOST_PICTURES = 12_000_000
_LARGEST_KEPT = 400_000
_CLEAN: Bounded[sanitize.Clean] = Bounded(64)  # the letters opened last: page, then frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A message, or one enclosed in it (`section` is then not empty)."""

    folder: str
    message: Message
    envelope: Envelope
    structure: Part
    outline: Outline
    fields: headers.Fields
    section: str = ""
    plain: str = ""
    is_cut: bool = False
    invitation: Invitation | None = None
    verdict: Verdict = field(default_factory=Verdict)
    cards: tuple[tuple[str, vcard.Card], ...] = ()  # section, person
    texts: dict[str, bytes] = field(default_factory=dict)  # what came along: section → encoded octets

    @property
    def uid(self) -> int:
        return self.message.uid

    @property
    def has_html(self) -> bool:
        return bool(self.outline.html)


def open_message(
    imap: Connection, folder: str, uid: int, *, section: str = "", authserv_id: str = ""
) -> Opened:
    """Without the HTML, which its frame asks for by itself. Does not mark it as read."""
    whole = fetch.whole(imap, folder, uid)
    root, envelope, raw = whole.structure, whole.message.envelope, whole.header
    if section:
        root, envelope, raw = _enclosed(imap, folder, whole, section)
    shape = outline(root)
    fields = headers.fields(raw)
    plain, is_cut = ("", False) if shape.html else _plain(imap, folder, uid, shape.plain, whole.texts)
    sender = envelope.sender[0].address if envelope.sender else ""
    found = judge(fields, authserv_id, sender.rpartition("@")[2]) if not section else Verdict()
    return Opened(
        folder=folder,
        message=whole.message,
        envelope=envelope,
        structure=root,
        outline=shape,
        fields=fields,
        section=section,
        plain=plain,
        is_cut=is_cut,
        invitation=_invited(imap, folder, uid, shape.calendar),
        verdict=found,
        cards=_cards(imap, folder, uid, shape),
        texts=whole.texts,
    )


def _cards(imap: Connection, folder: str, uid: int, shape: Outline) -> tuple[tuple[str, vcard.Card], ...]:
    parts = [part for part in shape.attachments if is_card(part)][:3]
    return tuple((part.section, card) for part in parts for card in cards(imap, folder, uid, part)[:20])


def _invited(imap: Connection, folder: str, uid: int, part: Part | None) -> Invitation | None:
    if part is None or part.size > 2 * invitations.LARGEST:
        return None
    found = fetch.parts(imap, folder, uid, [part.section], most=2 * invitations.LARGEST)
    return invitations.read(body.octets(found[part.section], part.encoding))


def _enclosed(
    imap: Connection, folder: str, whole: fetch.Whole, section: str
) -> tuple[Part, Envelope, bytes]:
    part = find(whole.structure, section)
    if part is None or part.media_type != "message/rfc822" or not part.children or part.envelope is None:
        raise errors.NotFound("There is no such part.")
    wanted = f"{section}.HEADER"
    raw = fetch.parts(imap, folder, whole.message.uid, [wanted], most=262_144)
    return part.children[0], part.envelope, raw[wanted]


def mark_read(imap: Connection, opened: Opened) -> Opened:
    """The same letter, as it is afterwards."""
    if opened.message.is_read:
        return opened
    try:
        flags.add(imap, opened.folder, [opened.uid], ["\\Seen"])
    except errors.Rejected:
        return opened  # a folder of others that may only be read: the letter can be read all the same
    return replace(opened, message=replace(opened.message, flags=opened.message.flags | {"\\Seen"}))


def cards(imap: Connection, folder: str, uid: int, part: Part) -> list[vcard.Card]:
    """The people on an enclosed card."""
    if not is_card(part) or part.size > 2 * vcard.LARGEST:
        return []
    found = fetch.parts(imap, folder, uid, [part.section], most=2 * vcard.LARGEST)
    return vcard.read(body.octets(found[part.section], part.encoding))


def is_card(part: Part) -> bool:
    named = part.filename.lower().endswith(".vcf")
    return part.media_type in ("text/vcard", "text/x-vcard", "text/directory") or named


def _plain(
    imap: Connection, folder: str, uid: int, parts: tuple[Part, ...], came: dict[str, bytes]
) -> tuple[str, bool]:
    found = _octets(imap, folder, uid, parts[:20], came)
    pieces = [readable(part, found[part.section]) for part in parts[:20]]
    return "\n\n".join(pieces), any(part.size > LARGEST_TEXT for part in parts)


def _octets(
    imap: Connection, folder: str, uid: int, parts: tuple[Part, ...], came: dict[str, bytes]
) -> dict[str, bytes]:
    """Those that came along with the structure, and the others."""
    wanted = [part.section for part in parts if part.section not in came]
    return came | fetch.parts(imap, folder, uid, wanted, most=LARGEST_TEXT)


def readable(part: Part, octets: bytes) -> str:
    """The words of a text part."""
    html = part.media_type == "text/html"
    words = body.text(body.octets(octets, part.encoding), part.parameters.get("charset", ""), is_html=html)
    if html:
        return text.from_html(sanitize.sanitize(words).html)
    if part.parameters.get("format", "").lower() == "flowed":
        return body.unflowed(words, delsp=part.parameters.get("delsp", "").lower() == "yes")
    return words


def plain_text(imap: Connection, folder: str, uid: int, shape: Outline) -> str:
    """The words of the message, whichever of its texts has them; for quoting and for reading plain."""
    return _plain(imap, folder, uid, shape.plain, {})[0]


def html(imap: Connection, opened: Opened, policy: sanitize.Policy, *, kept_as: str = "") -> sanitize.Clean:
    """The texts of the message as one safe piece of HTML, its own pictures within.

    `kept_as` tells one policy from another: the page and the frame of a message need the same letter.
    """
    key = _key(imap, opened.folder, opened.uid, opened.section, kept_as)
    known = _CLEAN.get(key) if key else None
    if known is None:
        known = _cleaned(imap, opened, policy)
        if key and len(known.html) <= _LARGEST_KEPT:
            _CLEAN.put(key, known)
    return known


def kept(imap: Connection, folder: str, uid: int, section: str, kept_as: str) -> sanitize.Clean | None:
    """The same when it was made a moment ago, for one question: is the message still there (or NotFound)?"""
    fetch.must_be_there(imap, folder, uid)
    key = _key(imap, folder, uid, section, kept_as)
    return _CLEAN.get(key) if key else None


def _key(imap: Connection, folder: str, uid: int, section: str, kept_as: str) -> Hashable | None:
    view = imap.view
    if view is None or view.name != folder or not view.uidvalidity:
        return None
    return (imap.account, folder, view.uidvalidity, uid, section, kept_as)


def _cleaned(imap: Connection, opened: Opened, policy: sanitize.Policy) -> sanitize.Clean:
    shape, folder, uid = opened.outline, opened.folder, opened.uid
    found = _octets(imap, folder, uid, shape.html[:20], opened.texts)
    raw = "<hr>".join(_as_html(part, found[part.section]) for part in shape.html[:20])
    first = sanitize.sanitize(raw, policy)
    wanted = [part for part in shape.pictures if part.content_id in first.content_ids]
    pictures = _pictures(imap, folder, uid, wanted)
    if not pictures:
        return first
    return sanitize.sanitize(raw, replace(policy, inline=pictures.get))


def _as_html(part: Part, octets: bytes) -> str:
    if part.media_type == "text/html":
        words = body.octets(octets, part.encoding)
        return quotes.folded(body.text(words, part.parameters.get("charset", ""), is_html=True))
    return text.to_html(readable(part, octets))


def _pictures(imap: Connection, folder: str, uid: int, parts: list[Part]) -> dict[str, str]:
    """Content-ID → data: address. The frame has no cookies, so it could not fetch them from us."""
    chosen, total = [], 0
    for part in parts:
        total += part.size
        if part.size <= _LARGEST_PICTURE and total <= _MOST_PICTURES and part.media_type in RASTERS:
            chosen.append(part)
    found = fetch.parts(imap, folder, uid, [p.section for p in chosen], most=_LARGEST_PICTURE)
    pictures = {}
    for part in chosen:
        octets = base64.b64encode(body.octets(found[part.section], part.encoding)).decode()
        address = f"data:{part.media_type};base64,{octets}"
        if links.is_data_image(address):
            pictures[part.content_id] = address
    return pictures
