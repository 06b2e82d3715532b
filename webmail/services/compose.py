"""Writing, keeping and sending letters.

The order makes it safe to pull the plug at any moment: the letter lies in Drafts before the server hears of
it, and its copy is moved from there into Sent. A letter is sent once (OutgoingMessage)
and never only in memory.
"""

import contextlib
from dataclasses import dataclass

from postie_web.lib.credentials import Credentials
from webmail import connections
from webmail.imap import append, errors, fetch, flags, folders, move, search
from webmail.imap.connection import Connection
from webmail.mime import body, compose, outline
from webmail.models import OutgoingMessage
from webmail.smtp import errors as smtp
from webmail.smtp import submission
from webmail.types import Part

MOST_OCTETS = 25_000_000  # of all attachments together
State = OutgoingMessage.State


class InProgress(Exception):
    """Another press of the same button is sending it right now."""


class Lost(Exception):
    """It was handed over, but whether it arrived nobody knows: not to be sent again without asking."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The message that is answered or passed on."""

    folder: str = ""
    uid: int = 0
    flag: str = ""  # \\Answered or $Forwarded


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    is_filed: bool
    was_sent_before: bool = False


def save_draft(imap: Connection, letter: compose.Letter, old: int = 0) -> int:
    """Keeps the letter in Drafts and lets the older one go, in this order. Returns the new uid."""
    name = folders.ensure(imap, "drafts")
    uid = append.append(imap, name, compose.copy(letter), ["\\Draft", "\\Seen"])
    if not uid:
        uid = _by_message_id(imap, name, letter.message_id)
    if old and old != uid:
        with contextlib.suppress(errors.NotFound, errors.Rejected):
            if _is_draft(imap, name, old):
                move.expunge(imap, name, [old])
    return uid


def _is_draft(imap: Connection, name: str, uid: int) -> bool:
    """A uid out of a form only ever removes what really is a draft."""
    return "\\Draft" in flags.current(imap, name, [uid]).get(uid, frozenset())


def discard(imap: Connection, uid: int) -> None:
    """To the trash: even a draft thrown away may be wanted back."""
    name = folders.ensure(imap, "drafts")
    if _is_draft(imap, name, uid):
        move.move(imap, name, [uid], folders.ensure(imap, "trash"))


def send(
    imap: Connection, credentials: Credentials, letter: compose.Letter, source: Source, draft: int = 0
) -> Sent:
    """Raises the errors of webmail.smtp; the letter is in Drafts then. InProgress and Lost: see there."""
    row, is_ours = OutgoingMessage.claim(imap.account, letter.message_id)
    if not is_ours:
        return _sent_before(imap, row)
    try:
        row.draft = save_draft(imap, letter, draft)
        submission.send(
            connections.submission(),
            credentials,
            letter.recipients,
            compose.wire(letter),
            utf8=letter.needs_smtputf8,
        )
    except smtp.Uncertain as error:
        row.become(State.UNCERTAIN)
        raise Lost from error
    except BaseException:
        row.become(State.WAITING)
        raise
    row.become(State.SENT)
    with contextlib.suppress(errors.ImapError):
        file_copy(imap, row)
        _mark(imap, source)
    return Sent(is_filed=row.state == State.FILED)


def _sent_before(imap: Connection, row: OutgoingMessage) -> Sent:
    if row.state == State.SENDING:
        raise InProgress
    if row.state == State.UNCERTAIN:
        raise Lost
    return Sent(is_filed=row.state == State.FILED, was_sent_before=True)


def file_copy(imap: Connection, row: OutgoingMessage) -> None:
    """From Drafts into Sent; done twice it changes nothing."""
    drafts, sent = folders.ensure(imap, "drafts"), folders.ensure(imap, "sent")
    uid = row.draft if row.draft and _is_draft(imap, drafts, row.draft) else 0
    uid = uid or _by_message_id(imap, drafts, row.message_id)
    if uid:
        flags.add(imap, drafts, [uid], ["\\Seen"])
        flags.remove(imap, drafts, [uid], ["\\Draft"])
        move.move(imap, drafts, [uid], sent)
    row.become(State.FILED)


def tidy(imap: Connection) -> int:
    """Finishes what was interrupted: copies of sent letters into Sent. Returns how many."""
    waiting = OutgoingMessage.unfiled(imap.account)
    for row in waiting:
        file_copy(imap, row)
    for row in OutgoingMessage.stuck(imap.account):
        row.become(State.UNCERTAIN)
    return len(waiting)


def _mark(imap: Connection, source: Source) -> None:
    if source.folder and source.uid and source.flag:
        flags.add(imap, source.folder, [source.uid], [source.flag])


def _by_message_id(imap: Connection, folder: str, message_id: str) -> int:
    found = search.uids(imap, folder, search.header("Message-ID", message_id))
    return int(found[0]) if len(found) else 0


def attached(imap: Connection, folder: str, uid: int, sections: list[str]) -> tuple[compose.Attachment, ...]:
    """Enclosures of a message of one's own mailbox, to go along with a letter."""
    tree = fetch.structure_of(imap, folder, uid)
    parts = [part for section in sections[:100] if (part := outline.find(tree, section))]
    if sum(part.size for part in parts) > MOST_OCTETS * 3 // 2:
        raise errors.Rejected("These attachments are too large together.", "TOOBIG")
    return tuple(_attachment(imap, folder, uid, part) for part in parts)


def _attachment(imap: Connection, folder: str, uid: int, part: Part) -> compose.Attachment:
    octets = b"".join(body.decoded(fetch.part(imap, folder, uid, part.section), part.encoding))
    return compose.Attachment(
        filename=part.filename or part.media_type.replace("/", "."),
        media_type=part.media_type,
        content=octets,
    )


def whole(imap: Connection, folder: str, uid: int, subject: str) -> compose.Attachment:
    """A message as an attachment of another."""
    octets = b"".join(fetch.part(imap, folder, uid, ""))
    return compose.Attachment(
        filename=f"{compose.one_line(subject)[:80] or 'message'}.eml",
        media_type="message/rfc822",
        content=octets,
    )


def find_draft(imap: Connection, message_id: str) -> int:
    """The uid of a letter in Drafts, 0 when it is not there."""
    return _by_message_id(imap, folders.ensure(imap, "drafts"), message_id)
