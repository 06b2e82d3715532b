"""What a folder is for: by SPECIAL-USE (RFC 6154), else by the names that programs and people give."""

from collections.abc import Sequence
from dataclasses import replace

from webmail.types import Folder

BY_ATTRIBUTE = {
    b"\\sent": "sent",
    b"\\drafts": "drafts",
    b"\\junk": "junk",
    b"\\trash": "trash",
    b"\\archive": "archive",
    b"\\all": "all",
    b"\\flagged": "flagged",
}
ATTRIBUTES = {role: "\\" + attribute.decode()[1:].capitalize() for attribute, role in BY_ATTRIBUTE.items()}
# What servers without SPECIAL-USE, and people, call them; lower case.
_NAMES = {
    "sent": ("sent", "sent items", "sent messages", "enviados", "elementos enviados", "correo enviado"),
    "drafts": ("drafts", "draft", "borradores", "borrador"),
    "junk": ("junk", "spam", "junk e-mail", "bulk mail", "correo no deseado", "no deseado"),
    "trash": ("trash", "deleted items", "deleted messages", "papelera", "elementos eliminados"),
    "archive": ("archive", "archives", "archivo", "archivados"),
}


ASSIGNABLE = tuple(_NAMES)


def chosen(folders: Sequence[Folder], wanted: dict[str, str]) -> list[Folder]:
    """The person's own roles (role → folder) before the server's; a folder that is gone has none."""
    there = {folder.name for folder in folders if folder.selectable and folder.role != "inbox"}
    given = {name: role for role, name in wanted.items() if name in there and role in ASSIGNABLE}
    return [
        replace(folder, role=given.get(folder.name, "" if folder.role in given.values() else folder.role))
        for folder in folders
    ]


def with_roles(folders: Sequence[Folder]) -> list[Folder]:
    """Roles by name where the server names none, each role once."""
    taken = {folder.role for folder in folders}
    result = []
    for folder in folders:
        role = folder.role
        if not role and folder.selectable:
            role = next((r for r in _NAMES if r not in taken and _is_called(folder, r)), "")
            taken.add(role)
        result.append(replace(folder, role=role))
    return result


def _is_called(folder: Folder, role: str) -> bool:
    # "Trash" and "INBOX.Trash", but not "Projects/Trash".
    top = len(folder.path) == 1 or (len(folder.path) == 2 and folder.path[0].upper() == "INBOX")
    return top and folder.short_name.lower() in _NAMES[role]


_ROLE_ORDER = ["inbox", "drafts", "sent", "archive", "junk", "trash", "flagged", "all", ""]


def order(folder: Folder) -> tuple[int, tuple[str, ...]]:
    # Children stand behind their parent, so a role only counts at the top.
    rank = _ROLE_ORDER.index(folder.role) if len(folder.path) == 1 or folder.role else len(_ROLE_ORDER)
    return rank, tuple(part.casefold() for part in folder.path)
