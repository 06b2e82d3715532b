"""Makes the demonstration through the same doors everybody uses: the API, IMAP, submission."""

import json
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import Duplicate
from mailadmin.posteio.resources import MailboxChange, NewDomain, NewMailbox
from postie_web.demo import messages
from postie_web.demo.people import DOMAIN, STAFF, Person
from postie_web.demo.year import FOLDERS, Item, year
from postie_web.lib.credentials import Credentials
from webmail import connections
from webmail.imap import append, folders
from webmail.imap.errors import Rejected
from webmail.smtp import submission

WORDS = (
    "lima",
    "cusco",
    "puno",
    "ica",
    "tacna",
    "piura",
    "junin",
    "loreto",
    "callao",
    "ancash",
    "pasco",
    "tumbes",
)


@dataclass(frozen=True, slots=True)
class Account:
    address: str
    name: str
    role: str
    password: str = field(repr=False)

    @property
    def credentials(self) -> Credentials:
        return Credentials(address=self.address, password=self.password)


def accounts(poste: Client, known: list[dict[str, Any]]) -> list[Account]:
    """The administrator and three people; those who exist keep the password that `known` has for them."""
    with suppress(Duplicate):
        poste.domains.create(NewDomain(name=DOMAIN))
    kept = {entry["address"]: entry["password"] for entry in known}
    found = [
        Account(settings.POSTEIO_API_USER, "Administración Kronos", "admin", settings.POSTEIO_API_PASSWORD)
    ]
    return [*found, *(_person(poste, person, kept.get(person.address)) for person in STAFF)]


def _person(poste: Client, person: Person, kept: str | None) -> Account:
    password = kept or "-".join(
        [*(secrets.choice(WORDS) for _ in range(3)), str(secrets.randbelow(9000) + 1000)]
    )
    try:
        poste.mailboxes.create(NewMailbox(address=person.address, name=person.name, password=password))
    except Duplicate:
        if kept is None:
            poste.mailboxes.update(person.address, MailboxChange(password=password))
    return Account(person.address, person.name, "user", password)


def fill(account: Account, now: datetime) -> int:
    """A year of mail into an empty mailbox; how many messages. One that holds mail is left alone."""
    items = [item for item in year(now) if item.owner == account.address]
    with connections.imap(account.credentials) as imap:
        if any(folder.messages for folder in folders.tree(imap) if folder.name in ("INBOX", "Sent")):
            return 0
        for name in FOLDERS:
            try:
                folders.create(imap, name)
            except Rejected as error:
                if error.code != "ALREADYEXISTS":
                    raise
        for item in items:
            _append(imap, item)
    return len(items)


def _append(imap: Any, item: Item) -> None:
    append.append(imap, item.folder, item.message, item.flags, item.when)


def greet(people: list[Account], now: datetime) -> None:
    """A few letters through the real submission: filtered, signed, delivered."""
    greetings = (
        (
            "Bienvenida a Postie",
            "Hola:\n\nDesde hoy leemos el correo en Postie. Si algo no funciona, avísame.\n",
        ),
        ("Fotos del sábado", "Ya están las fotos del sábado en la carpeta compartida. ¡Salieron muy bien!\n"),
        (
            "Two visitors on Thursday",
            "Emily and David will visit us on Thursday at four. Could you show them the room?\n",
        ),
    )
    for number, (subject, text) in enumerate(greetings):
        sender = people[number % len(people)]
        others = [Person(one.name, one.address) for one in people if one is not sender]
        message = messages.letter(subject, Person(sender.name, sender.address), others, text, now)
        submission.send(
            connections.submission(),
            sender.credentials,
            [other.address for other in others],
            message.as_bytes(),
        )
        with connections.imap(sender.credentials) as imap:
            append.append(imap, "Sent", message.as_bytes(), ("\\Seen",), now)


def read(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    return found


def write(path: Path, known: dict[str, Any], made: list[Account]) -> None:
    """Keeps what scripts/start.sh noted about places; only the owner may read it: it holds passwords."""
    entries = [
        {"address": one.address, "password": one.password, "name": one.name, "role": one.role} for one in made
    ]
    scratch = path.with_suffix(".new")
    with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({**known, "domain": DOMAIN, "accounts": entries}, file, indent=2, ensure_ascii=False)
    scratch.replace(path)
