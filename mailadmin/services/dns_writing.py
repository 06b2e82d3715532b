"""Write a plan, follow it to every name server, take it back; lower TTLs first and raise them afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from mailadmin.dns.network import Answer, Network
from mailadmin.dns.plan import TTL, Change
from mailadmin.dns.update import UpdateRefused
from mailadmin.models import DnsChange, DnsWriter
from mailadmin.services import dns_plans

LOW = 300  # seconds: a mistake is out of the caches after five minutes
SETTLES = timedelta(days=1)  # as long a changed record keeps the low TTL
AGAIN = timedelta(hours=1)
GIVES_UP = timedelta(days=3)
Stage = DnsChange.Stage


def write(
    found: DnsWriter, network: Network, changes: Sequence[Change], by: str, *, gently: bool = False
) -> DnsChange:
    """Raises update.UpdateRefused; what then stands, its reason says.

    `gently`: records that change first get a low TTL, and the change follows once the old TTL has passed.
    """
    now = network.now()
    waiting = _longest(network, changes) if gently else 0
    if waiting > LOW:
        dns_plans.apply(found, network, _same([c for c in changes if c.old], old=True), LOW)
        stage: Stage = Stage.LOWERED
        due: datetime | None = now + timedelta(seconds=waiting)
    else:
        stage, due = _write(found, network, changes, now)
    return DnsChange.objects.create(
        domain=found.domain, by=by, changes=[c.to_json() for c in changes], stage=stage, due=due
    )


def take_back(found: DnsWriter, network: Network, done: DnsChange) -> None:
    changes = changes_of(done)
    if done.stage == Stage.LOWERED:
        dns_plans.apply(found, network, _same([c for c in changes if c.old], old=True), TTL)
    else:
        dns_plans.apply(found, network, [change.inverse for change in changes], TTL)
    done.undone, done.due, done.seen, done.seen_at = True, None, {}, None
    done.save()


def advance(network: Network) -> list[DnsChange]:
    """Takes every change whose time has come one stage further."""
    now = network.now()
    moved = []
    for change in DnsChange.objects.filter(undone=False, due__lte=now).order_by("due")[:100]:
        found = dns_plans.writer(change.domain)
        try:
            if found is None:
                raise UpdateRefused("key")
            change.stage, change.due = _next(found, network, change)
            change.trouble, change.seen, change.seen_at = "", {}, None
            moved.append(change)
        except UpdateRefused as refused:
            change.trouble = refused.reason
            change.due = now + AGAIN if now - change.at < GIVES_UP else None
        change.save()
    return moved


def follow(done: DnsChange, network: Network) -> bool:
    """Asks every authoritative server; True when all of them give what was written."""
    wanted = changes_of(done)
    if done.undone:
        wanted = [change.inverse for change in wanted]
    servers = network.delegation(network.zone_of(done.domain)).servers
    done.seen = {
        f"{server.name} ({server.address})": all(
            _shows(network.ask_at(server, change.name, change.kind), change) for change in wanted
        )
        for server in servers
    }
    arrived = bool(servers) and all(done.seen.values())
    done.seen_at = timezone.now() if arrived else None
    done.save(update_fields=["seen", "seen_at"])
    return arrived


def changes_of(done: DnsChange) -> list[Change]:
    return [Change.from_json(data) for data in done.changes]


def _write(
    found: DnsWriter, network: Network, changes: Sequence[Change], now: datetime
) -> tuple[Stage, datetime | None]:
    replaces = any(change.old for change in changes)
    dns_plans.apply(found, network, changes, LOW if replaces else TTL)
    return (Stage.WRITTEN, now + SETTLES) if replaces else (Stage.SETTLED, None)


def _next(found: DnsWriter, network: Network, done: DnsChange) -> tuple[Stage, datetime | None]:
    changes = changes_of(done)
    if done.stage == Stage.LOWERED:
        return _write(found, network, changes, network.now())
    dns_plans.apply(found, network, _same([c for c in changes if c.new], old=False), TTL)
    return Stage.SETTLED, None


def _same(changes: Sequence[Change], *, old: bool) -> list[Change]:
    """The same records once more: only their TTL changes."""
    kept = [(change, change.old if old else change.new) for change in changes]
    return [Change(change.name, change.kind, values, values, change.purpose) for change, values in kept]


def _longest(network: Network, changes: Sequence[Change]) -> int:
    """Seconds until the last cache has forgotten what is there now: the authority's TTL, no cache's rest."""
    replaced = [change for change in changes if change.old]
    if not replaced:
        return 0
    servers = network.delegation(network.zone_of(replaced[0].name)).servers[:1]
    answers = [network.ask_at(server, c.name, c.kind) for server in servers for c in replaced]
    return max((answer.ttl for answer in answers), default=0)


def _shows(answer: Answer, change: Change) -> bool:
    there = set(answer.texts if change.kind == "TXT" else answer.records)
    return answer.measured and there >= set(change.new) and not there & (set(change.old) - set(change.new))
