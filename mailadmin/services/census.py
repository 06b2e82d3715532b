"""Counting the server: what one question answers, and what needs a look at everybody."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound, PosteError
from mailadmin.posteio.resources import Mailbox, Only, Quota
from mailadmin.services import boxes
from mailadmin.services.activity import UNSETTLED

MOST_QUOTAS = 500  # one question per mailbox
AT_ONCE = 8
NEARLY_FULL = 90  # per cent
MOST_NAMED = 8  # in a list of what needs somebody
SECONDS_KEPT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What one question each answers, however big the server. `addresses`: mailboxes and aliases together."""

    domains: int
    addresses: int
    unsettled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """
    A look at everybody. `megabytes` is None when the server does not tell or there are too many. Not
    `complete`: there is more than was looked at, so the numbers are "at least".
    """

    at: datetime
    mailboxes: int = 0
    aliases: int = 0
    admins: int = 0
    suspended: int = 0
    dead_aliases: tuple[str, ...] = ()
    megabytes: int | None = None
    full: tuple[str, ...] = ()
    nearly_full: tuple[str, ...] = ()
    complete: bool = True

    @property
    def bytes(self) -> int | None:
        return None if self.megabytes is None else self.megabytes * 1024 * 1024

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        # JSON has lists only; ours are tuples.
        values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items()}
        values["at"] = datetime.fromisoformat(data["at"])
        return cls(**values)


def quick(poste: Client, domain: str | None) -> Counts:
    unsettled = AuditEntry.objects.filter(outcome__in=UNSETTLED)
    if domain:
        return Counts(
            domains=1,
            addresses=poste.mailboxes.list(page=1, paging=1, query=f"@{domain}").total,
            unsettled=unsettled.filter(domain=domain).count(),
        )
    return Counts(
        domains=poste.domains.list(page=1, paging=1).total,
        addresses=poste.mailboxes.list(page=1, paging=1).total,
        unsettled=unsettled.count(),
    )


def thorough(poste: Client, domain: str | None, *, again: bool = False) -> Census:
    """Kept for a moment: nobody reads 100,000 mailboxes for every glance. `at` says how old it is."""
    key = f"census:{domain or '*'}"
    kept = None if again else cache.get(key)
    if kept is not None:
        return Census.from_json(kept)
    found = _count(poste, domain)
    cache.set(key, found.to_json(), SECONDS_KEPT)
    return found


def _count(poste: Client, domain: str | None) -> Census:
    here = Only(domain=domain or "")
    counts = _counted(poste, here)
    if counts is None:
        return _looked_at(poste, here)
    few = counts["mailboxes"] <= MOST_QUOTAS
    mailboxes = _people(boxes.gather(poste, replace(here, aliases=False)).boxes) if few else None
    asleep, aliases = boxes.Gathered([], True), boxes.Gathered([], True)
    if counts["suspended"] and counts["aliases"]:
        asleep = boxes.gather(poste, replace(here, aliases=False, suspended=True))
        aliases = boxes.gather(poste, replace(here, aliases=True))
    return Census(
        at=timezone.now(),
        **counts,
        dead_aliases=_dead(aliases.boxes, asleep.boxes)[:MOST_NAMED],
        **_fullness(poste, mailboxes),
    )


def _counted(poste: Client, here: Only) -> dict[str, Any] | None:
    """By the server itself, one question each; None when it does not know how."""
    questions = {
        "mailboxes": replace(here, aliases=False),
        "aliases": replace(here, aliases=True),
        "admins": replace(here, aliases=False, super_admins=True),
        "suspended": replace(here, aliases=False, suspended=True),
    }
    found: dict[str, Any] = {}
    for name, only in questions.items():
        number = boxes.count(poste, only)
        if number is None:
            return None
        found[name] = number
    found["mailboxes"] -= _canary_lives(poste, here)
    return found


def _canary_lives(poste: Client, here: Only) -> bool:
    """The mailbox that only our own watch writes to is nobody's."""
    address = settings.CANARY_MAILBOX.lower()
    try:
        return bool(address) and here.fits(poste.mailboxes.get(address))
    except NotFound:
        return False


def _people(found: list[Mailbox]) -> list[Mailbox]:
    return [box for box in found if box.address != settings.CANARY_MAILBOX.lower()]


def _looked_at(poste: Client, here: Only) -> Census:
    """By reading what can be read in a bearable time."""
    found = boxes.gather(poste, here)
    mailboxes = _people([box for box in found.boxes if not box.redirect_only])
    aliases = [box for box in found.boxes if box.redirect_only]
    return Census(
        at=timezone.now(),
        mailboxes=len(mailboxes),
        aliases=len(aliases),
        admins=sum(box.super_admin for box in mailboxes),
        suspended=sum(box.suspended for box in mailboxes),
        dead_aliases=_dead(aliases, mailboxes)[:MOST_NAMED],
        complete=found.complete,
        **_fullness(poste, mailboxes if found.complete else None),
    )


def _fullness(poste: Client, mailboxes: list[Mailbox] | None) -> dict[str, Any]:
    quotas = None if mailboxes is None else _quotas(poste, mailboxes)
    total = None if quotas is None else round(sum(quota.storage_usage for quota in quotas.values()))
    return {
        "megabytes": total,
        "full": _fuller(quotas, 100, 10**9),
        "nearly_full": _fuller(quotas, NEARLY_FULL, 100),
    }


def _quotas(poste: Client, mailboxes: list[Mailbox]) -> dict[str, Quota] | None:
    if len(mailboxes) > MOST_QUOTAS:
        return None
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(lambda box: poste.mailboxes.quota(box.address), mailboxes)
            return dict(zip((box.address for box in mailboxes), found, strict=True))
    except PosteError:  # this part of the API may be away or missing; the rest is still true
        return None


def _fuller(quotas: dict[str, Quota] | None, least: int, below: int) -> tuple[str, ...]:
    fullness = {address: _per_cent(quota) for address, quota in (quotas or {}).items()}
    found = [address for address, share in fullness.items() if least <= share < below]
    return tuple(sorted(found, key=lambda address: -fullness[address])[:MOST_NAMED])


def _per_cent(quota: Quota) -> float:
    shares = [
        usage * 100 / limit
        for usage, limit in (
            (quota.storage_usage, quota.storage_limit),
            (quota.count_usage, quota.count_limit),
        )
        if limit
    ]
    return max(shares, default=0)


def _dead(aliases: Iterable[Mailbox], mailboxes: Iterable[Mailbox]) -> tuple[str, ...]:
    """Aliases that lead only to suspended mailboxes of ours."""
    asleep = {box.address for box in mailboxes if box.suspended}
    return tuple(
        a.address for a in aliases if a.redirect_to and all(t.lower() in asleep for t in a.redirect_to)
    )
