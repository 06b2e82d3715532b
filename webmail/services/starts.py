"""How a letter begins: empty, as an answer, as something passed on, or where one left off."""

from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from webmail.imap import fetch, folders
from webmail.imap.connection import Connection
from webmail.mime import addresses, answer, compose, headers, links
from webmail.mime.outline import outline
from webmail.types import Address, Envelope

from . import compose as letters
from . import reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    kind: str = ""  # reply, reply-all, forward, attach, edit, or empty
    folder: str = ""
    uid: int = 0
    draft: int = 0
    mailto: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    initial: dict[str, object] = field(default_factory=dict)
    uid: int = 0  # of the draft that carries the attachments


def start(imap: Connection, own: str, wish: Wish) -> Start:
    if wish.draft:
        return _resumed(imap, folders.ensure(imap, "drafts"), wish.draft)
    fresh: dict[str, object] = {"message_id": compose.new_message_id(own.rpartition("@")[2] or "localhost")}
    if wish.kind in ("reply", "reply-all") and wish.uid:
        return Start(initial=fresh | _reply(imap, own, wish))
    if wish.kind in ("forward", "attach") and wish.uid:
        return _forward(imap, own, wish, fresh)
    return Start(initial=fresh | _to_somebody(wish.mailto))


def _to_somebody(mailto: str) -> dict[str, object]:
    """RFC 6068, 4: only these fields; a link may not attach, send or hide anything."""
    if not mailto.lower().startswith("mailto:"):
        return {}
    people, fields = links.mailto(mailto)
    return {
        "to": ", ".join(compose.one_line(address) for address in people),
        "cc": compose.one_line(fields.get("cc", "")),
        "subject": compose.one_line(fields.get("subject", "")),
        "text": fields.get("body", "")[:20_000],
    }


def _reply(imap: Connection, own: str, wish: Wish) -> dict[str, object]:
    opened = reading.open_message(imap, wish.folder, wish.uid)
    # An encrypted or nested part is never quoted: it would go out in clear.
    words = (
        "" if opened.outline.is_encrypted else reading.plain_text(imap, wish.folder, wish.uid, opened.outline)
    )
    envelope = opened.envelope
    people = answer.recipients(
        envelope,
        frozenset((own.lower(),)),
        everyone=wish.kind == "reply-all",
        followup=headers.words(opened.fields, "mail-followup-to"),
    )
    references = answer.references(envelope, headers.words(opened.fields, "references"))
    return {
        "to": addresses.written(people.to),
        "cc": addresses.written(people.cc),
        "subject": answer.reply_subject(envelope.subject),
        "text": f"\n\n{_wrote(envelope)}\n{answer.quoted(words)}\n",
        "in_reply_to": next(iter(compose.message_ids(envelope.message_id)), ""),
        "references": " ".join(references),
        "kind": wish.kind,
        "folder": wish.folder,
        "uid": wish.uid,
    }


def _wrote(envelope: Envelope) -> str:
    who = str(envelope.sender[0]) if envelope.sender else _("Somebody")
    if envelope.date is None:
        return _("%(who)s wrote:") % {"who": who}
    when = date_format(timezone.localtime(envelope.date), "DATETIME_FORMAT")
    return _("On %(when)s, %(who)s wrote:") % {"when": when, "who": who}


def _forward(imap: Connection, own: str, wish: Wish, fresh: dict[str, object]) -> Start:
    """With its attachments, which are put into a draft at once: the form can only refer to what is kept."""
    opened = reading.open_message(imap, wish.folder, wish.uid)
    envelope, text = opened.envelope, ""
    enclosed: tuple[compose.Attachment, ...]
    if wish.kind == "attach":
        enclosed = (letters.whole(imap, wish.folder, wish.uid, envelope.subject),)
    else:
        sections = [part.section for part in opened.outline.parts]
        enclosed = letters.attached(imap, wish.folder, wish.uid, sections)
        words = (
            ""
            if opened.outline.is_encrypted
            else reading.plain_text(imap, wish.folder, wish.uid, opened.outline)
        )
        text = f"\n\n{_passed_on(envelope)}\n\n{words}\n"
    fresh |= {
        "subject": answer.forward_subject(envelope.subject),
        "text": text,
        "references": " ".join(answer.references(envelope, headers.words(opened.fields, "references"))),
        "kind": wish.kind,
        "folder": wish.folder,
        "uid": wish.uid,
    }
    if not enclosed:
        return Start(initial=fresh)
    letter = compose.Letter(
        sender=Address("", own),
        message_id=str(fresh["message_id"]),
        date=timezone.localtime(),
        subject=str(fresh["subject"]),
        text=text,
        attachments=enclosed,
    )
    uid = letters.save_draft(imap, letter)
    return Start(initial={**fresh, "draft": uid, "keep": kept_sections(imap, uid)}, uid=uid)


def _passed_on(envelope: Envelope) -> str:
    lines = [f"---------- {_('Forwarded message')} ----------"]
    lines.append(f"{pgettext('letter', 'From')}: {addresses.written(envelope.sender)}")
    if envelope.date:
        lines.append(f"{_('Date')}: {date_format(timezone.localtime(envelope.date), 'DATETIME_FORMAT')}")
    lines.append(f"{_('Subject')}: {compose.one_line(envelope.subject)}")
    lines.append(f"{pgettext('letter', 'To')}: {addresses.written(envelope.to)}")
    return "\n".join(lines)


def kept_sections(imap: Connection, draft: int) -> str:
    if not draft:
        return ""
    shape = outline(fetch.structure_of(imap, folders.ensure(imap, "drafts"), draft))
    return " ".join(part.section for part in shape.parts)


def _resumed(imap: Connection, drafts: str, uid: int) -> Start:
    opened = reading.open_message(imap, drafts, uid)
    words = reading.plain_text(imap, drafts, uid, opened.outline)
    envelope = opened.envelope
    ids = compose.message_ids(envelope.message_id)
    initial: dict[str, object] = {
        "to": addresses.written(envelope.to),
        "cc": addresses.written(envelope.cc),
        "bcc": addresses.written(envelope.bcc),
        "subject": envelope.subject,
        "text": words.removesuffix("\n"),
        "message_id": ids[0] if ids else compose.new_message_id("localhost"),
        "in_reply_to": envelope.in_reply_to,
        "references": headers.words(opened.fields, "references"),
        "draft": uid,
        "keep": " ".join(part.section for part in opened.outline.parts),
    }
    return Start(initial=initial, uid=uid)
