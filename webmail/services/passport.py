"""Do I know this sender? What my own mailbox says, in numbers."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.core.cache import cache

from webmail.imap import errors, folders, listing, search
from webmail.imap.connection import Connection
from webmail.mime import suspicion
from webmail.models import Contact
from webmail.types import Folder

_KEPT = 600
_RECENT = 200
_MOST_CONTACTS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Passport:
    received: int = 0  # letters from them, this one too
    written: int = 0  # letters to them
    is_contact: bool = False
    resembles: str = ""  # somebody I know whose address is nearly the same

    @property
    def is_stranger(self) -> bool:
        return not self.is_contact and not self.written and self.received <= 1


def passport(imap: Connection, account: str, folder: str, address: str) -> Passport:
    """Kept for ten minutes: counting in a large mailbox takes its time."""
    key = "passport-" + hashlib.sha256(f"{imap.account}\0{address.lower()}".encode()).hexdigest()
    known = cache.get(key)
    if isinstance(known, str):
        return Passport(**json.loads(known))
    found = _look(imap, account.lower(), folder, address.lower())
    cache.set(key, json.dumps(asdict(found)), _KEPT)
    return found


def _look(imap: Connection, account: str, folder: str, address: str) -> Passport:
    contacts = Contact.objects.filter(account=account)
    is_contact = contacts.filter(address=address).exists()
    tree = folders.tree(imap)
    sent = folders.with_role(tree, "sent")
    written = _count(imap, [sent] if sent else [], search.text("to", address))
    received = _count(imap, _places(tree, folder), search.text("from", address))
    found = Passport(received=received, written=written, is_contact=is_contact)
    if not found.is_stranger:
        return found
    known = {*contacts.values_list("address", flat=True)[:_MOST_CONTACTS], *_written_to(imap, sent)}
    return Passport(received=received, written=written, resembles=suspicion.resembles(address, known))


def _places(tree: Sequence[Folder], folder: str) -> list[Folder]:
    """Where letters from somebody would lie: everywhere in one, or here, in the inbox and the archive."""
    everything = folders.with_role(tree, "all")
    if everything:
        return [everything]
    return [one for one in tree if one.name == folder or one.role in ("inbox", "archive")]


def _count(imap: Connection, places: Sequence[Folder], criteria: search.Criteria) -> int:
    total = 0
    for place in places:
        try:
            total += search.count(imap, place.name, criteria)
        except (errors.NotFound, errors.Rejected):
            continue
    return total


def _written_to(imap: Connection, sent: Folder | None) -> set[str]:
    if sent is None:
        return set()
    page = listing.page(imap, sent.name, listing.Wanted(size=_RECENT))
    return {
        person.address.lower()
        for message in page.messages
        for person in (*message.envelope.to, *message.envelope.cc)
        if "@" in person.address
    }
