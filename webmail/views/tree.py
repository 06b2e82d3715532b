"""The folders as a tree to look at, and as places to move mail to."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from webmail.services.folders import is_grace
from webmail.types import Folder

from . import words
from .drawing import drawn

ICONS = {
    "inbox": "inbox",
    "drafts": "file-text",
    "sent": "send",
    "archive": "archive",
    "junk": "ban",
    "trash": "trash-2",
    "flagged": "star",
    "all": "mails",
}
_OTHERS = {"others": "user", "shared": "users"}  # the root of what is not one's own
KEYS = {"inbox": "g i", "drafts": "g d", "sent": "g t", "archive": "g a"}


@dataclass(slots=True, kw_only=True)
class Node:
    folder: Folder
    name: str
    url: str
    icon: str
    count: int  # unread; of Drafts all
    current: bool
    children: list["Node"] = field(default_factory=list)

    @property
    def unread(self) -> bool:
        return self.count > 0 and self.folder.role != "drafts"

    @property
    def html(self) -> SafeString:
        """With those below it; a count that changes draws its own line anew and no other."""
        below = tuple(child.html for child in self.children)
        facts = (self.folder.name, self.folder.role, self.folder.selectable, self.name, self.url, self.count)
        key = (*facts, self.current, below)
        return drawn("webmail/folders/_node.html", key, lambda: {"node": self, "below": below})

    @property
    def key(self) -> str:
        return KEYS.get(self.folder.role, "")


def draw(folders: Sequence[Folder], current: str = "", *, swap: bool = False) -> SafeString:
    """The tree as HTML; with `swap` to take the place of the one on the page."""
    # Not what a proof is made of: after a mark most lines are as they were.
    key = (tuple((_outline(folder), _count(folder)) for folder in folders), current, swap)
    return drawn(
        "webmail/folders/_tree.html",
        key,
        lambda: {"tree": nested(folders, current), "swap": swap, "current": current},
    )


@lru_cache(maxsize=4096)
def _outline(folder: Folder) -> Folder:
    """Without its counts and what proves them."""
    return replace(folder, messages=0, unread=0, size=None, uidvalidity=0, uidnext=0, modseq=0)


def nested(folders: Sequence[Folder], current: str) -> list[Node]:
    """What the pane shows: special folders at the top, hidden ones only when they are open."""
    by_path: dict[tuple[str, ...], Node] = {}
    top: list[Node] = []
    for node in flat(_shown(folders, current), current):
        # A special folder stands at the top wherever the server keeps it (INBOX.Sent, Virtual/All).
        parent = None if node.folder.role else by_path.get(node.folder.path[:-1])
        (parent.children if parent else top).append(node)
        by_path[node.folder.path] = node
    return top


def _shown(folders: Sequence[Folder], current: str) -> list[Folder]:
    """With every folder those it lies in, even where the server has none of that name."""
    known = {folder.path: folder for folder in folders}
    shown: dict[tuple[str, ...], Folder] = {}
    for folder in folders:
        if folder.subscribed or folder.role or folder.name == current:
            for depth in range(1 if not folder.role else len(folder.path), len(folder.path) + 1):
                path = folder.path[:depth]
                missing = Folder(
                    name=folder.delimiter.join(path),
                    delimiter=folder.delimiter,
                    selectable=False,
                    namespace=folder.namespace,
                )
                shown.setdefault(path, known.get(path, missing))
    return list(shown.values())


def flat(folders: Sequence[Folder], current: str = "") -> list[Node]:
    return [
        Node(
            folder=folder,
            name=words.folder_name(folder),
            url=_address(folder),
            icon=ICONS.get(
                folder.role, _OTHERS.get(folder.namespace, "folder") if _is_root(folder) else "folder"
            ),
            count=_count(folder),
            current=folder.name == current,
        )
        for folder in folders
    ]


def _is_root(folder: Folder) -> bool:
    return len(folder.path) == 1 and not folder.selectable


def _address(folder: Folder) -> str:
    if folder.role == "inbox":
        return reverse("webmail:inbox")
    return reverse("webmail:folder", args=[folder.name])


def _count(folder: Folder) -> int:
    if folder.role == "drafts":
        return folder.messages
    return 0 if folder.role in ("sent", "trash", "all") else folder.unread


def targets(folders: Sequence[Folder], current: str) -> list[tuple[str, str]]:
    """Where a message may be moved: name and words."""
    return list(_targets(tuple(map(_outline, folders)), current, get_language()))


@lru_cache(maxsize=200)
def _targets(folders: tuple[Folder, ...], current: str, _language: str) -> list[tuple[str, str]]:
    places = [
        f
        for f in folders
        if f.selectable and f.name != current and f.role not in ("all", "flagged") and not is_grace(f)
    ]
    return [(folder.name, _whole(folder)) for folder in places]


def parents(folders: Sequence[Folder]) -> list[tuple[str, str]]:
    """Where a new folder may be made."""
    places = [f for f in folders if f.can_have_children and f.role not in ("all", "flagged")]
    return [(folder.name, _whole(folder)) for folder in places]


def _whole(folder: Folder) -> str:
    name = words.folder_name(folder)
    return name if folder.role else " / ".join([*folder.path[:-1], name])
