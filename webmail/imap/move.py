"""MOVE and COPY, and what undoing them needs: which uid became which (COPYUID, RFC 4315)."""

from collections.abc import Sequence
from dataclasses import dataclass

from . import errors, flags
from .answers import Answer, expand
from .connection import Connection
from .wire import Atom, FolderName, uid_set


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """`uids` maps old to new; empty when the server does not tell."""

    source: str
    target: str
    uidvalidity: int = 0  # of the target
    uids: tuple[tuple[int, int], ...] = ()

    @property
    def count(self) -> int:
        return len(self.uids)


def move(imap: Connection, folder: str, uids: Sequence[int], target: str) -> Moved:
    """Moves; never expunges anything else. Messages that are gone already are left out silently."""
    if folder == target:
        return Moved(source=folder, target=target)
    view = imap.select(folder)
    if view.read_only:
        raise errors.Rejected("This folder is read-only.", "NOPERM")
    done = [_move_chunk(imap, chunk, target) for chunk in flags.chunks(uids)]
    return _together(folder, target, done)


def copy(imap: Connection, folder: str, uids: Sequence[int], target: str) -> Moved:
    imap.select(folder)
    done = [_run(imap, "COPY", chunk, target) for chunk in flags.chunks(uids)]
    return _together(folder, target, done)


def expunge(imap: Connection, folder: str, uids: Sequence[int]) -> None:
    """Destroys exactly these messages. Without UIDPLUS only marks: EXPUNGE would take others along."""
    imap.select(folder)
    for chunk in flags.chunks(uids):
        flags.add(imap, folder, chunk, ["\\Deleted"])
        if imap.has("UIDPLUS"):
            imap.run(Atom("UID"), Atom("EXPUNGE"), uid_set(chunk))


def _move_chunk(imap: Connection, uids: Sequence[int], target: str) -> Answer:
    if imap.has("MOVE"):
        return _run(imap, "MOVE", uids, target)
    answer = _run(imap, "COPY", uids, target)
    if imap.view is not None:
        expunge(imap, imap.view.name, uids)
    return answer


def _run(imap: Connection, command: str, uids: Sequence[int], target: str) -> Answer:
    try:
        return imap.run(Atom("UID"), Atom(command), uid_set(uids), FolderName(target))
    except errors.Rejected as error:
        if error.code == "TRYCREATE":
            raise errors.NotFound(target) from error
        raise


def _together(folder: str, target: str, answers: Sequence[Answer]) -> Moved:
    pairs: list[tuple[int, int]] = []
    uidvalidity = 0
    for answer in answers:
        found = answer.code("COPYUID")
        if found and len(found.code_data) == 3:
            uidvalidity = int(found.code_data[0])
            pairs += zip(expand(found.code_data[1]), expand(found.code_data[2]), strict=False)
    return Moved(source=folder, target=target, uidvalidity=uidvalidity, uids=tuple(pairs))
