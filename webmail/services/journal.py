"""Undo: every change is written down with what takes it back, wherever the mail went meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils import timezone

from webmail.imap import errors, fetch, flags, folders, move, search
from webmail.imap.connection import Connection
from webmail.models import Action

KEPT = timedelta(days=7)
_MOST_SEARCHED = 200


def moved(imap: Connection, word: str, done: move.Moved) -> Action | None:
    """Writes a move down; None when the server does not say where the messages went."""
    if not done.uids:
        return None
    guids = fetch.guids(imap, done.target, [new for _, new in done.uids[:_MOST_SEARCHED]])
    return Action.objects.create(
        account=imap.account,
        kind=Action.Kind.MOVE,
        word=word,
        source=done.source,
        target=done.target,
        uidvalidity=done.uidvalidity,
        messages=[[old, new, [], guids.get(new, "")] for old, new in done.uids],
    )


def flagged(
    imap: Connection,
    word: str,
    folder: str,
    before: dict[int, frozenset[str]],
    changed: tuple[Iterable[str], Iterable[str]],
) -> Action | None:
    """Writes a change of marks down; `changed` are the flags added and removed."""
    if not before:
        return None
    added, removed = (sorted(flags) for flags in changed)
    touched = set(added) | set(removed)
    return Action.objects.create(
        account=imap.account,
        kind=Action.Kind.FLAG,
        word=word,
        source=folder,
        target=folder,
        uidvalidity=imap.view.uidvalidity if imap.view else 0,
        messages=[[uid, uid, sorted(found & touched), ""] for uid, found in before.items()],
        added=added,
        removed=removed,
    )


def undo(imap: Connection, entry: Action) -> int:
    """Takes it back, once. Returns how many messages are as they were."""
    # Claimed first: two clicks, or two tabs, undo once.
    claimed = Action.objects.filter(pk=entry.pk, undone_at=None).update(undone_at=timezone.now())
    if not claimed:
        return 0
    return _undo_move(imap, entry) if entry.kind == Action.Kind.MOVE else _undo_flags(imap, entry)


def recent(account: str) -> list[Action]:
    """What was done lately, newest first."""
    return list(Action.objects.filter(account=account, done_at__gt=timezone.now() - KEPT)[:100])


def forget_old() -> int:
    return Action.objects.filter(done_at__lt=timezone.now() - KEPT).delete()[0]


def _undo_move(imap: Connection, entry: Action) -> int:
    here, missing = _still_there(imap, entry)
    count = move.move(imap, entry.target, here, entry.source).count if here else 0
    guids = [guid for _, new, _, guid in entry.messages if new in missing and guid]
    return count + _fetch_back(imap, entry, guids)


def _still_there(imap: Connection, entry: Action) -> tuple[list[int], set[int]]:
    wanted = {new for _, new, _, _ in entry.messages}
    try:
        view = imap.select(entry.target)
    except errors.NotFound:
        return [], wanted
    if view.uidvalidity != entry.uidvalidity:
        return [], wanted
    here = set(flags.current(imap, entry.target, sorted(wanted)))
    return sorted(here), wanted - here


def _fetch_back(imap: Connection, entry: Action, guids: Sequence[str]) -> int:
    """Messages that another client has moved on meanwhile: found by their X-GUID, wherever they are."""
    if not guids or imap.product != "dovecot":
        return 0
    count, wanted = 0, set(guids[:_MOST_SEARCHED])
    for folder in folders.tree(imap):
        if not wanted or not folder.selectable or folder.role == "all" or folder.name == entry.source:
            continue
        found = {uid: guid for guid in sorted(wanted) for uid in search.by_guid(imap, folder.name, guid)}
        if found:
            count += move.move(imap, folder.name, list(found), entry.source).count
            wanted -= set(found.values())
    return count


def _undo_flags(imap: Connection, entry: Action) -> int:
    if imap.select(entry.source).uidvalidity != entry.uidvalidity:
        return 0
    here = set(flags.current(imap, entry.source, [uid for uid, *_ in entry.messages]))
    for flag in entry.added:
        flags.remove(imap, entry.source, _with(entry, here, flag, had=False), [flag])
    for flag in entry.removed:
        flags.add(imap, entry.source, _with(entry, here, flag, had=True), [flag])
    return len(here)


def _with(entry: Action, here: set[int], flag: str, *, had: bool) -> list[int]:
    return [uid for uid, _, before, _ in entry.messages if uid in here and (flag in before) == had]
