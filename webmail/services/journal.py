"""Undo: every change is written down with what takes it back, wherever the mail went meanwhile."""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils import timezone

from webmail.imap import errors, fetch, flags, folders, move, search
from webmail.imap.connection import Connection
from webmail.models import Action, BulkJob
from webmail.types import Folder

KEPT = timedelta(days=7)
_FEW = 20  # as many are searched one by one; for more, a folder says all of its own at once


def moved(imap: Connection, word: str, done: move.Moved) -> Action | None:
    """Writes a move down; None when the server does not say where the messages went."""
    if not done.uids:
        return None
    guids = fetch.guids(imap, done.target, [new for _, new in done.uids])
    return Action.objects.create(
        account=imap.account,
        kind=Action.Kind.MOVE,
        word=word,
        source=done.source,
        target=done.target,
        uidvalidity=done.uidvalidity,
        messages=[[old, new, [], guids.get(new, "")] for old, new in done.uids],
    )


def intended(
    imap: Connection, word: str, source: str, target: str, uids: Sequence[int], job: BulkJob
) -> Action:
    """Writes down a move that is about to be made, so that a lost answer does not lose the way back."""
    guids = fetch.guids(imap, source, uids)
    return Action.objects.create(
        account=imap.account,
        kind=Action.Kind.MOVE,
        word=word,
        source=source,
        target=target,
        messages=[[uid, 0, [], guid] for uid, guid in guids.items()],
        job=job,
    )


def confirmed(entry: Action, done: move.Moved) -> Action:
    """It is made: the messages that went, and where each is now."""
    if done.uids:
        guids = {uid: guid for uid, _, _, guid in entry.messages}
        entry.messages = [[old, new, [], guids.get(old, "")] for old, new in done.uids]
        entry.uidvalidity = done.uidvalidity
        entry.save(update_fields=["messages", "uidvalidity"])
    return entry


def flagged(
    imap: Connection,
    word: str,
    folder: str,
    before: dict[int, flags.Marks],
    changed: tuple[Iterable[str], Iterable[str]],
    job: BulkJob | None = None,
) -> Action | None:
    """Writes a change of marks down; `changed` are the flags added and removed."""
    if not before:
        return None
    added, removed = (sorted(marks) for marks in changed)
    touched = set(added) | set(removed)
    return Action.objects.create(
        account=imap.account,
        kind=Action.Kind.FLAG,
        word=word,
        source=folder,
        target=folder,
        uidvalidity=imap.view.uidvalidity if imap.view else 0,
        messages=[[uid, uid, sorted(was.flags & touched), was.guid] for uid, was in before.items()],
        added=added,
        removed=removed,
        job=job,
    )


def undo(imap: Connection, entry: Action) -> int:
    """Takes it back, once. Returns how many messages are as they were."""
    # Claimed first: two clicks, or two tabs, undo once.
    claimed = Action.objects.filter(pk=entry.pk, undone_at=None).update(undone_at=timezone.now())
    if not claimed:
        return 0
    try:
        return _undo_move(imap, entry) if entry.kind == Action.Kind.MOVE else _undo_flags(imap, entry)
    except errors.Unavailable:
        Action.objects.filter(pk=entry.pk).update(undone_at=None)  # a second try finds what is left to do
        raise


def recent(account: str) -> list[Action]:
    """What was done lately, newest first."""
    since = timezone.now() - KEPT
    return list(Action.objects.filter(account=account, done_at__gt=since, job=None)[:100])


def forget_old() -> int:
    """Entries and long jobs of more than a week ago."""
    before = timezone.now() - KEPT
    jobs = BulkJob.objects.filter(created_at__lt=before, not_before__lt=before)
    return Action.objects.filter(done_at__lt=before).delete()[0] + jobs.delete()[0]


def _undo_move(imap: Connection, entry: Action) -> int:
    here, missing = _still_there(imap, entry)
    count = move.move(imap, entry.target, here, entry.source).count if here else 0
    guids = [guid for _, new, _, guid in entry.messages if guid and (not new or new in missing)]
    return count + _fetch_back(imap, entry, guids)


def _still_there(imap: Connection, entry: Action) -> tuple[list[int], set[int]]:
    wanted = {new for _, new, _, _ in entry.messages if new}
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
    count, wanted = 0, set(guids)
    tree = folders.tree(imap)
    for folder in sorted(tree, key=lambda folder: folder.name != entry.target):
        if not folder.selectable or folder.role == "all" or folder.name == entry.source:
            continue
        if not wanted:
            break
        found = _with_guids(imap, folder, wanted)
        if found:
            count += move.move(imap, folder.name, list(found), entry.source).count
            wanted -= set(found.values())
    return count


def _with_guids(imap: Connection, folder: Folder, wanted: set[str]) -> dict[int, str]:
    """uid → guid; one message for each, should there be copies."""
    if not folder.messages:
        return {}
    if len(wanted) <= _FEW:
        found = {guid: uid for guid in sorted(wanted) for uid in search.by_guid(imap, folder.name, guid)}
    else:
        all_of_them = fetch.guids(imap, folder.name, folders.all_uids(imap, folder.name))
        found = {guid: uid for uid, guid in all_of_them.items() if guid in wanted}
    return {uid: guid for guid, uid in found.items()}


def _undo_flags(imap: Connection, entry: Action) -> int:
    found = _located(imap, entry)
    for folder, before in found.items():
        for flag in entry.added:
            flags.remove(imap, folder, [uid for uid, had in before.items() if flag not in had], [flag])
        for flag in entry.removed:
            flags.add(imap, folder, [uid for uid, had in before.items() if flag in had], [flag])
    return sum(len(before) for before in found.values())


def _located(imap: Connection, entry: Action) -> dict[str, dict[int, list[str]]]:
    """Folder → uid → flags before. What was moved and moved back has another uid; its X-GUID finds it."""
    known = {uid: had for uid, _, had, _ in entry.messages}
    same = imap.select(entry.source).uidvalidity == entry.uidvalidity
    here = set(flags.current(imap, entry.source, list(known))) if same else set()
    found = {entry.source: {uid: had for uid, had in known.items() if uid in here}}
    missing = {guid: had for uid, _, had, guid in entry.messages if guid and uid not in here}
    if missing and imap.product == "dovecot":
        tree = [f for f in folders.tree(imap) if f.selectable and f.role != "all"]
        for folder in sorted(tree, key=lambda folder: folder.name != entry.source):
            hits = _with_guids(imap, folder, set(missing)) if missing else {}
            found.setdefault(folder.name, {}).update({uid: missing.pop(guid) for uid, guid in hits.items()})
    return found
