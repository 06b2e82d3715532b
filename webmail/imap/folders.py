"""LIST, STATUS, CREATE, RENAME, DELETE, SUBSCRIBE: the tree of folders."""

from collections.abc import Sequence
from dataclasses import replace

from webmail.types import Folder

from . import errors, flags, move, namespaces, roles
from .answers import Answer, means_missing
from .cache import Bounded
from .connection import Connection
from .parser import Data, Response
from .wire import Atom, FolderName, Value, decode_folder

_MOST_FOLDERS = 3000
TREES: Bounded[tuple[list[Response], list[Folder]]] = Bounded(100)
CREATED_AS = {"sent": "Sent", "drafts": "Drafts", "junk": "Junk", "trash": "Trash", "archive": "Archive"}


def tree(imap: Connection, *, synced: bool = False) -> list[Folder]:
    """All folders with their counts, in one round trip where the server can (RFC 5819), INBOX first.

    `synced`: the selected folder was synced a moment ago.
    """
    if imap.view is not None and not synced:
        # Dovecot counts the selected folder as of its last sync; sent along, NOOP may come too late.
        imap.sync()
    answer = imap.run(*_list_command(imap))
    lines = [item for item in answer.untagged if item.name in ("LIST", "STATUS")]
    # The parser gives the same object for the same line, and these keep theirs from being another's.
    key = (*map(id, lines), repr(imap.roles), namespaces.of(imap)) if _lists_status(imap) else ()
    known = TREES.get(key) if key else None
    folders = known[1] if known else _read_tree(imap, answer)
    if key and not known:
        TREES.put(key, (lines, folders))
    imap.memory["all"] = next((folder.name for folder in folders if folder.role == "all"), "")
    return list(folders)


def _read_tree(imap: Connection, answer: Answer) -> list[Folder]:
    # What others call their Sent is not mine.
    found = [
        replace(folder, namespace=kind, role="") if (kind := namespaces.kind(imap, folder.name)) else folder
        for folder in _listed(answer)
    ]
    if not imap.has("LIST-EXTENDED"):
        subscribed = {
            decode_folder(r.data[2]) for r in imap.run(Atom("LSUB"), "", "*").named("LSUB") if len(r.data) > 2
        }
        found = [replace(folder, subscribed=folder.name in subscribed) for folder in found]
    counts = {name: values for r in answer.named("STATUS") for name, values in [counts_of(r)]}
    if not _lists_status(imap):
        counts = _statuses(imap, [folder.name for folder in found if folder.selectable])
    folders = [
        _counted(folder, counts.get(folder.name, {}))
        for folder in roles.with_roles(roles.chosen(found, imap.roles))
    ]
    return sorted(folders, key=roles.order)


def _list_command(imap: Connection) -> tuple[Value, ...]:
    options: list[Value] = []
    if imap.has("LIST-EXTENDED"):
        options.append(Atom("SUBSCRIBED"))
    if imap.has("SPECIAL-USE"):
        options.append(Atom("SPECIAL-USE"))
    if _lists_status(imap):
        options += [Atom("STATUS"), status_items(imap)]
    head: tuple[Value, ...] = (Atom("LIST"), "", "*")
    return (*head, Atom("RETURN"), options) if options and imap.has("LIST-EXTENDED") else head


def _lists_status(imap: Connection) -> bool:
    return imap.has("LIST-STATUS") and imap.has("LIST-EXTENDED")


def status_items(imap: Connection) -> list[Value]:
    names = ["MESSAGES", "UNSEEN", "UIDVALIDITY", "UIDNEXT"]
    if imap.has("CONDSTORE"):
        names.append("HIGHESTMODSEQ")
    return [Atom(name) for name in names]


def _listed(answer: Answer) -> list[Folder]:
    found = {}
    for item in answer.named("LIST")[:_MOST_FOLDERS]:
        if len(item.data) < 3 or not isinstance(item.data[2], bytes):
            continue
        attributes = {a.lower() for a in item.data[0] or [] if isinstance(a, bytes)}
        if b"\\nonexistent" in attributes and b"\\haschildren" not in attributes:
            continue
        folder = _folder(attributes, item.data[1], item.data[2])
        found[folder.name] = folder
    return list(found.values())


def _folder(attributes: set[bytes], delimiter: Data, octets: bytes) -> Folder:
    name = decode_folder(octets)
    name = "INBOX" if name.upper() == "INBOX" else name
    role = next((roles.BY_ATTRIBUTE[a] for a in attributes if a in roles.BY_ATTRIBUTE), "")
    return Folder(
        name=name,
        delimiter=delimiter.decode("utf-8", "replace") if isinstance(delimiter, bytes) else "",
        role="inbox" if name == "INBOX" else role,
        selectable=not attributes & {b"\\noselect", b"\\nonexistent"},
        subscribed=b"\\subscribed" in attributes,
        can_have_children=b"\\noinferiors" not in attributes,
    )


def counts_of(item: Response) -> tuple[str, dict[str, int]]:
    if len(item.data) < 2 or not isinstance(item.data[1], list):
        return "", {}
    flat = item.data[1]
    pairs = zip(flat[::2], flat[1::2], strict=False)
    name = decode_folder(item.data[0])
    values = {key.decode("latin-1").upper(): int(value) for key, value in pairs if value and value.isdigit()}
    return ("INBOX" if name.upper() == "INBOX" else name), values


def _statuses(imap: Connection, names: Sequence[str]) -> dict[str, dict[str, int]]:
    """RFC 3501 alone: one STATUS each, sent together. A folder that vanishes in between has no counts."""
    counts = {}
    for start in range(0, len(names), 50):
        commands = [
            (Atom("STATUS"), FolderName(name), status_items(imap)) for name in names[start : start + 50]
        ]
        for item in imap.run_all(commands, forgive=True)[0].named("STATUS"):
            name, values = counts_of(item)
            counts[name] = values
    return counts


def _counted(folder: Folder, values: dict[str, int]) -> Folder:
    return replace(
        folder,
        messages=values.get("MESSAGES", 0),
        unread=values.get("UNSEEN", 0),
        uidvalidity=values.get("UIDVALIDITY", 0),
        uidnext=values.get("UIDNEXT", 0),
        modseq=values.get("HIGHESTMODSEQ", 0),
    )


def status(imap: Connection, name: str) -> Folder:
    """One folder's counts as of now."""
    if imap.view is not None and imap.view.name == name:
        imap.run(Atom("NOOP"))
    try:
        answer = imap.run(Atom("STATUS"), FolderName(name), status_items(imap))
    except errors.Rejected as error:
        raise errors.NotFound(name) from error
    found = [counts_of(item)[1] for item in answer.named("STATUS")]
    return _counted(Folder(name=name), found[0] if found else {})


def with_role(folders: Sequence[Folder], role: str) -> Folder | None:
    return next((folder for folder in folders if folder.role == role and folder.selectable), None)


def ensure(imap: Connection, role: str) -> str:
    """The name of the folder for sent, drafts, junk, trash or archive; made when there is none."""
    known = imap.memory.get(f"role {role}")
    if isinstance(known, str):
        return known
    folders = tree(imap)
    found = with_role(folders, role)
    name = found.name if found else _create_for(imap, role)
    imap.memory[f"role {role}"] = name
    return name


def _create_for(imap: Connection, role: str) -> str:
    # A server whose personal namespace lies below INBOX (Courier, old Dovecot) refuses others.
    name = f"{namespaces.prefix(imap)}{CREATED_AS[role]}"
    command: list[Value] = [Atom("CREATE"), FolderName(name)]
    if imap.has("CREATE-SPECIAL-USE"):
        command.append([Atom("USE"), [_Use(roles.ATTRIBUTES[role])]])
    try:
        imap.run(*command)
    except errors.Rejected as error:
        if error.code == "USEATTR":
            imap.run(Atom("CREATE"), FolderName(name))
        elif error.code != "ALREADYEXISTS":
            raise
    subscribe(imap, name)
    return name


class _Use(Atom):
    """A special-use attribute, which begins with a backslash."""

    __slots__ = ()

    def __new__(cls, text: str) -> "_Use":
        assert text in roles.ATTRIBUTES.values()  # noqa: S101 - our own constant
        return str.__new__(cls, text)


def create(imap: Connection, name: str) -> None:
    _change(imap, Atom("CREATE"), FolderName(name))
    subscribe(imap, name)


def rename(imap: Connection, name: str, new_name: str) -> None:
    """Renames a folder and all below it."""
    below = [
        f for f in tree(imap) if f.subscribed and (f.name == name or f.name.startswith(name + f.delimiter))
    ]
    _let_go(imap, name)
    _change(imap, Atom("RENAME"), FolderName(name), FolderName(new_name))
    # Subscriptions are names of their own (RFC 3501, 6.3.5): they move along only when we move them.
    moved = [(Atom("SUBSCRIBE"), FolderName(new_name + f.name[len(name) :])) for f in below]
    imap.run_all([*moved, *((Atom("UNSUBSCRIBE"), FolderName(f.name)) for f in below)], forgive=True)


def delete(imap: Connection, name: str) -> None:
    _let_go(imap, name)
    _change(imap, Atom("DELETE"), FolderName(name))
    imap.run(Atom("UNSUBSCRIBE"), FolderName(name))


def subscribe(imap: Connection, name: str, *, wanted: bool = True) -> None:
    _change(imap, Atom("SUBSCRIBE" if wanted else "UNSUBSCRIBE"), FolderName(name))


def all_uids(imap: Connection, name: str) -> list[int]:
    imap.select(name)
    found = imap.run(Atom("UID"), Atom("SEARCH"), Atom("ALL")).named("SEARCH")
    return [int(uid) for item in found for uid in item.data]


def empty(imap: Connection, name: str, into: str = "") -> move.Moved:
    """Destroys what is in the folder now, or moves it `into` another; what arrives meanwhile stays."""
    uids = all_uids(imap, name)
    if into and uids:
        return move.move(imap, name, uids, into)
    move.expunge(imap, name, uids)
    return move.Moved(source=name, target="", uids=tuple((uid, 0) for uid in uids))


def mark_all_read(imap: Connection, name: str) -> list[int]:
    """Marks what is unread now, and says which they were."""
    imap.select(name)
    found = imap.run(Atom("UID"), Atom("SEARCH"), Atom("UNSEEN")).named("SEARCH")
    uids = [int(uid) for item in found for uid in item.data]
    flags.add(imap, name, uids, ["\\Seen"])
    return uids


def _let_go(imap: Connection, name: str) -> None:
    imap.memory.clear()
    if imap.view is not None and imap.view.name == name:
        imap.unselect()


def _change(imap: Connection, *command: Value) -> None:
    try:
        imap.run(*command)
    except errors.Rejected as error:
        if means_missing(error):
            raise errors.NotFound(error.reason) from error
        if "already exists" in error.reason.lower():
            raise errors.Rejected(error.reason, "ALREADYEXISTS") from error
        raise
