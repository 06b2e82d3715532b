"""Looks, remembers, and says in words how the server is."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext

from mailadmin.health import disk, machinery
from mailadmin.health.reading import ORDER, Reading, Status, worst
from mailadmin.health.words import WORDS, Words, fill
from mailadmin.models import BackupRepository, BackupRun, HealthRun, Heartbeat
from mailadmin.models.backups import GOOD
from mailadmin.posteio.client import Client
from mailadmin.services import canary, certificates, health_probes

BEAT = "beat"
EVERY = timedelta(minutes=5)
STALE = 3 * EVERY
FORECAST_FROM = timedelta(days=30)
DENSE, KEPT = timedelta(days=2), timedelta(days=90)  # older runs: one an hour; then none
FIRST_NIGHT = timedelta(hours=30)
GROUPS = (  # of the page: its name, and the first words of its parts
    ("mail", ("canary", "port", "clients")),
    ("certificates", ("certificate", "acme")),
    ("panel", ("api", "database", "redis", "worker", "beat", "clock")),
    ("space", ("disk", "logs", "queue", "backup")),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A reading in the reader's language."""

    reading: Reading
    says: str
    fix: str


def look(poste: Client, now: datetime | None = None) -> HealthRun:
    """One run over everything, kept."""
    now, started = now or timezone.now(), time.monotonic()
    before = HealthRun.objects.first()
    try:
        readings = health_probes.gather(poste, now, before.at if before else None, _samples(now))
    except ValueError as error:
        readings = health_probes.broken(error)
    readings += own(now)
    run, _ = HealthRun.objects.update_or_create(
        at=now,
        defaults={
            "status": str(worst(readings)),
            "seconds": round(time.monotonic() - started, 3),
            "readings": [reading.to_json() for reading in readings],
        },
    )
    _thin(now)
    return run


def own(now: datetime) -> list[Reading]:
    """What our own tables say."""
    heart = Heartbeat.objects.filter(name=BEAT).first()
    done = BackupRun.objects.filter(kind=BackupRun.Kind.BACKUP, state__in=GOOD).first()
    return [
        canary.reading(now),
        certificates.reading(),
        machinery.beat(heart.at if heart else None, now),
        machinery.backup(done.finished_at if done else None, now, wanted=_backups_are_due(now)),
    ]


def _backups_are_due(now: datetime) -> bool:
    """Set up long enough ago for a first night."""
    return BackupRepository.objects.filter(since__lt=now - FIRST_NIGHT).exists()


def beat() -> None:
    """Called every minute by a task: beat and a worker are alive."""
    Heartbeat.objects.update_or_create(name=BEAT, defaults={"at": timezone.now()})


def newest() -> HealthRun | None:
    return HealthRun.objects.first()


def readings(run: HealthRun) -> list[Reading]:
    return [Reading.from_json(data) for data in run.readings]


def current(run: HealthRun | None, now: datetime) -> list[Reading]:
    """As the run saw it, but our own tables as they are now: when the clockwork stands, no run is newer."""
    if run is None:
        return own(now)
    mine = own(now)
    parts = {reading.part for reading in mine}
    return [r for r in readings(run) if r.part not in parts] + mine


def lines(found: Iterable[Reading]) -> list[Line]:
    """The worst first; within one status in the order they were asked."""
    said = [line(reading) for reading in found]
    return sorted(said, key=lambda one: -ORDER[one.reading.status])


def line(reading: Reading) -> Line:
    words = WORDS.get(reading.code, Words(reading.code))
    # gettext("") would be the catalogue's header
    says, fix = (gettext(text) if text else "" for text in (words.says, words.fix))
    return Line(reading, fill(says, reading.facts), fill(fix, reading.facts))


def grouped(found: Iterable[Reading]) -> dict[str, list[Line]]:
    said = [line(reading) for reading in found]
    return {
        name: [one for one in said if one.reading.part.replace(":", ".").split(".")[0] in firsts]
        for name, firsts in GROUPS
    }


def status_of(found: Iterable[Reading]) -> Status:
    return worst(found)


def _samples(now: datetime) -> dict[str, list[disk.Sample]]:
    """Octets in use, part by part, from runs spread over the last month."""
    keys = list(
        HealthRun.objects.filter(at__gte=now - FORECAST_FROM, at__lt=now).values_list("pk", flat=True)
    )
    step = max(1, len(keys) // disk.MOST_SAMPLES)
    samples: dict[str, list[disk.Sample]] = {}
    for run in HealthRun.objects.filter(pk__in=keys[::step][: disk.MOST_SAMPLES + 1]):
        for data in run.readings:
            used = (data.get("facts") or {}).get("used")
            if used is not None:
                samples.setdefault(data["part"], []).append((run.at.timestamp(), float(used)))
    return samples


def _thin(now: datetime) -> None:
    HealthRun.objects.filter(at__lt=now - KEPT).delete()
    old = HealthRun.objects.filter(at__lt=now - DENSE, at__gte=now - DENSE - timedelta(days=1))
    seen, spare = set(), []
    for key, at in old.order_by("at").values_list("pk", "at"):
        hour = at.replace(minute=0, second=0, microsecond=0)
        if hour in seen:
            spare.append(key)
        seen.add(hour)
    HealthRun.objects.filter(pk__in=spare).delete()
