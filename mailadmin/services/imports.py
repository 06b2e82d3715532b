"""Mailboxes and aliases from a table: look first, create what is missing. Twice is harmless."""

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from mailadmin.posteio.client import Client
from mailadmin.posteio.resources import NewMailbox
from mailadmin.services import addresses, aliases, bulk, directory, mailboxes, passwords, spreadsheets
from mailadmin.services.audit import Actor
from mailadmin.services.mailboxes import Limits

COLUMNS = ("address", "name", "password", "storage_mb", "messages", "redirect_to", "suspended")
# What people's own tables call them.
_NAMES = {
    "address": (
        "address",
        "email",
        "e-mail",
        "mail",
        "mailbox",
        "correo",
        "dirección",
        "direccion",
        "buzón",
        "buzon",
    ),
    "name": ("name", "full name", "nombre", "nombre completo"),
    "password": ("password", "contraseña", "contrasena", "clave"),
    "storage_mb": (
        "storage_mb",
        "quota",
        "quota_mb",
        "storage",
        "cuota",
        "cuota_mb",
        "espacio",
        "espacio_mb",
    ),
    "messages": ("messages", "count", "mensajes"),
    "redirect_to": ("redirect_to", "targets", "forward", "alias_of", "reenviar", "reenviar_a", "destinos"),
    "suspended": ("suspended", "disabled", "suspendido", "desactivado"),
}
_YES = ("1", "yes", "y", "true", "si", "sí", "s", "x")
_NO = ("", "0", "no", "n", "false")


class State(StrEnum):
    NEW = "new"
    EXISTS = "exists"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of the table, understood. Nothing but `address` is needed; no password means one is made."""

    line: int
    address: str
    name: str = ""
    password: str = field(default="", repr=False)
    limits: Limits = field(default_factory=Limits)
    redirect_to: tuple[str, ...] = ()
    suspended: bool = False
    state: State = State.NEW
    problems: tuple[str, ...] = ()

    @property
    def is_alias(self) -> bool:
        return bool(self.redirect_to)


def read(table: list[list[str]], may_use: Collection[str]) -> list[Row]:
    """ValidationError when the head is not understood; otherwise every line, with what is wrong with it."""
    head = [_column(cell) for cell in table[0]]
    if "address" not in head:
        raise ValidationError(_("The first line must name the columns, and one of them must be “address”."))
    known = [name for name in head if name]
    if len(known) != len(set(known)):
        raise ValidationError(_("A column is there twice."))
    found: list[Row] = []
    seen: set[str] = set()
    for line, cells in enumerate(table[1:], start=2):
        # A password is taken letter by letter; everything else may come from our own export.
        values = {
            name: cell if name == "password" else spreadsheets.plain(cell)
            for name, cell in zip(head, cells, strict=False)
            if name
        }
        row = _Reader(line, values, may_use, seen).row()
        seen.add(row.address)
        found.append(row)
    return found


def compare(poste: Client, rows: list[Row]) -> list[Row]:
    """Marks what is already on the server: that is left as it is."""
    there = directory.existing(poste, [row.address for row in rows if row.state is State.NEW])
    return [replace(row, state=State.EXISTS) if row.address in there else row for row in rows]


def create(poste: Client, actor: Actor, rows: list[Row]) -> list[bulk.Result]:
    return bulk.each(rows, lambda row: row.address, lambda row: _create(poste, actor, row))


def _create(poste: Client, actor: Actor, row: Row) -> bulk.Result:
    if row.is_alias:
        aliases.create(poste, actor, row.address, list(row.redirect_to))
        return bulk.Result(target=row.address, worked=True, sentence=_("Alias created."))
    password = row.password or passwords.generate()
    new = NewMailbox(address=row.address, name=row.name, password=password, suspended=row.suspended)
    created = mailboxes.create(poste, actor, new, row.limits)
    sentence = _("Mailbox created.")
    if created.limits_error:
        sentence = _("Mailbox created, but its limits could not be set.")
    return bulk.Result(
        target=row.address, worked=True, sentence=sentence, password="" if row.password else password
    )


def _column(cell: str) -> str:
    wanted = cell.strip().lower()
    return next((name for name, words in _NAMES.items() if wanted in words), "")


@dataclass(slots=True)
class _Reader:
    line: int
    values: dict[str, str]
    may_use: Collection[str]
    seen: Collection[str]
    problems: list[str] = field(default_factory=list)

    def row(self) -> Row:
        address, targets = self.address(), self.targets()
        return Row(
            line=self.line,
            address=address,
            name=self.values.get("name", "")[:200],
            password=self.password(address, is_alias=bool(targets)),
            limits=Limits(storage=self.number("storage_mb"), count=self.number("messages")),
            redirect_to=targets,
            suspended=self.flag("suspended"),
            problems=tuple(self.problems),
            state=State.WRONG if self.problems else State.NEW,
        )

    def address(self) -> str:
        text = self.values.get("address", "")
        try:
            address = addresses.ours(text)
        except ValueError:
            self.problems.append(_("This is not an address a mailbox can have."))
            return text[:320]
        if address.rpartition("@")[2] not in self.may_use:
            self.problems.append(_("This domain is not on the server."))
        if address in self.seen:
            self.problems.append(_("This address is in the table twice."))
        return address

    def targets(self) -> tuple[str, ...]:
        found = []
        for text in self.values.get("redirect_to", "").replace(",", ";").replace(" ", ";").split(";"):
            if not text:
                continue
            try:
                found.append(addresses.target(text))
            except ValueError:
                self.problems.append(_("“%(text)s” is not an address.") % {"text": text[:100]})
        if len(found) > addresses.MOST_TARGETS:
            self.problems.append(_("At most %(most)d addresses, please.") % {"most": addresses.MOST_TARGETS})
        return tuple(dict.fromkeys(found))

    def password(self, address: str, *, is_alias: bool) -> str:
        password = self.values.get("password", "")
        if password and not is_alias:
            try:
                passwords.check(password, address, self.values.get("name", ""))
            except ValidationError as error:
                self.problems += error.messages
        return password

    def number(self, column: str) -> int | None:
        text = self.values.get(column, "")
        if not text:
            return None
        if text.isascii() and text.isdigit() and len(text) <= 9:
            return int(text)
        self.problems.append(_("“%(text)s” is not a whole number.") % {"text": text[:20]})
        return None

    def flag(self, column: str) -> bool:
        text = self.values.get(column, "").lower()
        if text not in (*_YES, *_NO):
            self.problems.append(_("“%(text)s” is neither yes nor no.") % {"text": text[:20]})
        return text in _YES
