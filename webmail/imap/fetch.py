"""FETCH: rows of a list, the structure of a message, its parts as a stream."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from webmail.types import Envelope, Message, Part

from . import doubtful, errors, structure
from .answers import Answer, View
from .cache import ROWS
from .connection import Connection
from .parser import Data, Later
from .wire import Atom, Value, decode_folder, uid_set

_CHUNK = 512 * 1024
_MOST_GUESSED = 192 * 1024
_GUESSED = re.compile(rb"BODY\[([0-9.]+)\](?:<0>)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A message as reading needs it: its row, its tree of parts, its header."""

    message: Message
    structure: Part
    header: bytes  # raw, at most 256 KiB
    guid: str = ""  # Dovecot's X-GUID: the same in every folder
    texts: dict[str, bytes] = field(default_factory=dict)  # section → encoded octets, all of them


def items(response_data: Sequence[Data]) -> dict[bytes, Data]:
    """FETCH (NAME value NAME value) → dict, names in upper case."""
    flat = response_data[0] if response_data and isinstance(response_data[0], list) else []
    return {
        name.upper(): value
        for name, value in zip(flat[::2], flat[1::2], strict=False)
        if isinstance(name, bytes)
    }


def by_uid(answer: Answer) -> dict[int, dict[bytes, Data]]:
    """All FETCH responses of an answer by uid. Those without UID nobody asked for; pieces are merged."""
    found: dict[int, dict[bytes, Data]] = {}
    for response in answer.named("FETCH"):
        values = items(response.data)
        uid = values.get(b"UID")
        if isinstance(uid, bytes) and uid.isdigit():
            found.setdefault(int(uid), {}).update(values)
    return found


Flags = dict[int, frozenset[str]]


def rows(
    imap: Connection, folder: str, uids: Sequence[int], flags: Flags | None = None
) -> dict[int, Message]:
    """Rows by uid, without what is gone. Known rows cost only their flags, or nothing with `flags`."""
    if not uids:
        return {}
    key = (imap.account, folder, _open(imap, folder).uidvalidity)
    known = {uid: row for uid in uids if (row := ROWS.get((*key, uid))) is not None}
    result: dict[int, Message] = {}
    commands: list[Sequence[Value]] = []
    if known and flags is not None:
        result = {uid: row.marked(flags[uid]) for uid, row in known.items() if uid in flags}
    elif known:
        commands.append((Atom("UID"), Atom("FETCH"), uid_set(known), (Atom("FLAGS"),)))
    missing = [uid for uid in uids if uid not in known]
    for asked in {doubtful.row_items((*key, uid)) for uid in missing}:
        alike = uid_set(uid for uid in missing if doubtful.row_items((*key, uid)) == asked)
        commands.append((Atom("UID"), Atom("FETCH"), alike, row_items(imap, asked)))
    with doubtful.watching((*key, uid) for uid in missing):
        answers = imap.run_all(commands)[:1] if commands else []
    for answer in answers:
        found = ((uid, row_from(values, known.get(uid))) for uid, values in by_uid(answer).items())
        result.update({uid: message for uid, message in found if message})
    for uid in missing:
        if uid in result:
            ROWS.put((*key, uid), result[uid].marked(frozenset()))
    return result


def row_items(imap: Connection, row: tuple[Value, ...]) -> tuple[Value, ...]:
    extra: tuple[Value, ...] = ()
    if imap.has("PREVIEW"):
        # RFC 8970, 4: only what costs the server nothing; the rest comes later (previews).
        extra = (Atom("PREVIEW"), (Atom("LAZY"),))
    if imap.is_virtual:
        extra = (*extra, Atom("X-MAILBOX"), Atom("X-REAL-UID"))
    # Last, so that the parser can leave it unread (parser.Later).
    return (*row, *extra, Atom("BODYSTRUCTURE"))


def row_from(values: dict[bytes, Data], known: Message | None) -> Message | None:
    flags = flags_from(values)
    if known is not None:
        return known.marked(flags) if b"FLAGS" in values else None
    envelope = doubtful.envelope(values)
    if envelope is None:
        return None
    attachments = _attachments(values.get(b"BODYSTRUCTURE"))
    return Message(
        uid=int(values[b"UID"]),
        envelope=envelope,
        size=int(values.get(b"RFC822.SIZE") or 0),
        arrived=structure.internal_date(values.get(b"INTERNALDATE") or b""),
        has_attachments=attachments > 0,
        attachments=attachments,
        preview=preview_text(values.get(b"PREVIEW")),
        is_previewed=values.get(b"PREVIEW", b"") is not None,
        flags=flags,
        folder=real_folder(values),
        real_uid=int(values.get(b"X-REAL-UID") or 0),
    )


def real_folder(values: dict[bytes, Data]) -> str:
    """Of a message in a virtual folder: where it is."""
    name = values.get(b"X-MAILBOX")
    return decode_folder(name) if name else ""


def _attachments(found: Data) -> int:
    if isinstance(found, Later) and structure.has_only_texts(found):
        return 0
    return sum(1 for part in _outer(structure.part(found)) if part.is_attachment)


def _outer(part: Part) -> Iterator[Part]:
    """The parts of the message itself, not of messages enclosed in it."""
    yield part
    if part.media_type != "message/rfc822":
        for child in part.children:
            yield from _outer(child)


def flags_from(values: dict[bytes, Data]) -> frozenset[str]:
    found = values.get(b"FLAGS") or []
    flags = frozenset(flag.decode("utf-8", "replace") for flag in found if isinstance(flag, bytes))
    return flags - {"\\Recent"}  # says only which session saw it first


def preview_text(octets: Data) -> str:
    text = octets.decode("utf-8", "replace") if isinstance(octets, bytes) else ""
    return " ".join(text.split())[:200]


def previews(imap: Connection, folder: str, uids: Sequence[int]) -> dict[int, str]:
    """The first words of these messages; the server may have to read them for it."""
    if not uids or not imap.has("PREVIEW"):
        return {}
    view = imap.select(folder)
    answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(uids), (Atom("PREVIEW"),))
    found = {uid: preview_text(values.get(b"PREVIEW")) for uid, values in by_uid(answer).items()}
    for uid, text in found.items():
        key = (imap.account, folder, view.uidvalidity, uid)
        row = ROWS.get(key)
        if row is not None:
            ROWS.put(key, replace(row, preview=text, is_previewed=True))
    return found


def whole(imap: Connection, folder: str, uid: int) -> Whole:
    """What is needed to show a message, in one round trip. Does not mark it as read."""
    key = (imap.account, folder, _open(imap, folder).uidvalidity, uid)
    wanted: list[Value] = [
        *doubtful.row_items(key),
        Atom("BODYSTRUCTURE"),
        Atom("BODY.PEEK[HEADER]<0.262144>"),
    ]
    if imap.product == "dovecot":
        wanted.append(Atom("X-GUID"))
    wanted += [Atom(f"BODY.PEEK[{section}]<0.{_MOST_GUESSED}>") for section in _guesses(imap, folder, uid)]
    with doubtful.watching([key]):
        values = _one(imap, uid, wanted)
    message = row_from(values, None)
    if message is None:
        raise errors.NotFound("This message is not there any more.")
    header = next((v for k, v in values.items() if k.startswith(b"BODY[HEADER]")), b"")
    return Whole(
        message=message,
        structure=structure.part(values.get(b"BODYSTRUCTURE")),
        header=header or b"",
        guid=(values.get(b"X-GUID") or b"").decode("latin-1"),
        texts=dict(_texts(values)),
    )


def _guesses(imap: Connection, folder: str, uid: int) -> tuple[str, ...]:
    """Where the text most likely is: asked for along with all else."""
    view = imap.view
    row = ROWS.get((imap.account, folder, view.uidvalidity, uid)) if view else None
    return ("1.2",) if row and row.has_attachments else ("1", "2")


def _texts(values: dict[bytes, Data]) -> Iterator[tuple[str, bytes]]:
    """The guessed parts that exist and came whole."""
    for name, octets in values.items():
        found = _GUESSED.fullmatch(name)
        if found and isinstance(octets, bytes) and len(octets) < _MOST_GUESSED:
            yield found[1].decode(), octets


def guids(imap: Connection, folder: str, uids: Sequence[int]) -> dict[int, str]:
    """Dovecot's X-GUID, which a message keeps when it moves; elsewhere nothing."""
    if not uids or imap.product != "dovecot":
        return {}
    imap.select(folder)
    answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(uids), (Atom("X-GUID"),))
    found = {uid: values.get(b"X-GUID") for uid, values in by_uid(answer).items()}
    return {uid: guid.decode("latin-1") for uid, guid in found.items() if isinstance(guid, bytes)}


def must_be_there(imap: Connection, folder: str, uid: int) -> None:
    """Raises NotFound when it is not."""
    _open(imap, folder)
    _one(imap, uid, [Atom("UID")])


def real_places(imap: Connection, folder: str, uids: Sequence[int]) -> dict[str, list[int]]:
    """Where messages of a virtual folder really are: folder → uids."""
    found: dict[str, list[int]] = {}
    imap.select(folder)
    items = (Atom("UID"), Atom("X-MAILBOX"), Atom("X-REAL-UID"))
    for start in range(0, len(uids), 2000):
        answer = imap.run(Atom("UID"), Atom("FETCH"), uid_set(uids[start : start + 2000]), items)
        for values in by_uid(answer).values():
            if values.get(b"X-REAL-UID"):
                found.setdefault(real_folder(values), []).append(int(values[b"X-REAL-UID"]))
    return found


def structure_of(imap: Connection, folder: str, uid: int) -> Part:
    _open(imap, folder)
    return structure.part(_one(imap, uid, [Atom("UID"), Atom("BODYSTRUCTURE")]).get(b"BODYSTRUCTURE"))


def row(imap: Connection, folder: str, uid: int) -> Message:
    found = rows(imap, folder, [uid])
    if uid not in found:
        raise errors.NotFound("This message is not there any more.")
    return found[uid]


def envelope(imap: Connection, folder: str, uid: int) -> Envelope:
    return row(imap, folder, uid).envelope


def part(imap: Connection, folder: str, uid: int, section: str, *, start: int = 0) -> Iterator[bytes]:
    """The still encoded octets of a part, in pieces of at most 512 KiB: any size costs the same memory.

    `section` is Part.section, "HEADER", "1.MIME", … or "" for the whole message.
    """
    _open(imap, folder)
    position = start
    while True:
        item = Atom(f"BODY.PEEK[{section.upper()}]<{position}.{_CHUNK}>")
        values = _one(imap, uid, [Atom("UID"), item])
        chunk = next((v for k, v in values.items() if k.startswith(b"BODY[")), None) or b""
        if chunk:
            yield chunk
        if len(chunk) < _CHUNK:
            return
        position += len(chunk)


def parts(imap: Connection, folder: str, uid: int, sections: Iterable[str], *, most: int) -> dict[str, bytes]:
    """Several small parts in one round trip, each cut at `most` octets."""
    _open(imap, folder)
    wanted = [section.upper() for section in sections]
    if not wanted:
        return {}
    values = _one(
        imap, uid, [Atom("UID"), *(Atom(f"BODY.PEEK[{section}]<0.{int(most)}>") for section in wanted)]
    )
    found = {k.partition(b"<")[0]: v for k, v in values.items() if k.startswith(b"BODY[")}
    return {section: found.get(b"BODY[%s]" % section.encode()) or b"" for section in wanted}


def _open(imap: Connection, folder: str) -> View:
    """The folder selected. Unlike select() without a NOOP: a FETCH by uid is true in itself."""
    return imap.view if imap.view is not None and imap.view.name == folder else imap.select(folder)


def _one(imap: Connection, uid: int, wanted: Sequence[Value]) -> dict[bytes, Data]:
    command = (Atom("UID"), Atom("FETCH"), uid_set([uid]), list(wanted))
    values = by_uid(imap.run(*command)).get(uid)
    if values is None and imap.view is not None:
        # It may have come after this folder was last looked at.
        imap.select(imap.view.name)
        values = by_uid(imap.run(*command)).get(uid)
    if values is None:
        raise errors.NotFound("This message is not there any more.")
    return values
