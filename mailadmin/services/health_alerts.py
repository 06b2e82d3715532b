"""Tells what became unwell, and what is well again: grouped, once, and only when it has settled (rule E2)."""

from collections.abc import Callable, Sequence

import httpx
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext

from mailadmin.dns import finding, stability
from mailadmin.health.reading import ORDER, Reading, Status
from mailadmin.models import HealthAlert, HealthRun
from mailadmin.services import alerts, health

RUNS = 20
PING_SECONDS = 5.0
Send = Callable[[str, str], object]


def tell(send: Send = alerts.send) -> tuple[list[str], list[str]]:
    """(parts that are newly or more unwell, parts that are well again); one message for all of them."""
    runs = [(run.at, health.readings(run)) for run in reversed(HealthRun.objects.all()[:RUNS])]
    latest: dict[str, Reading] = {}
    timelines: dict[str, list[stability.Observation]] = {}
    for at, found in runs:
        for reading in found:
            seen = stability.Observation(at, finding.Status(str(reading.status)), reading.critical)
            timelines.setdefault(reading.part, _doubted(seen)).append(seen)
            latest[reading.part] = reading
    settled = {part: Status(str(stability.settle(seen).status)) for part, seen in timelines.items()}
    known = {alert.part: Status(alert.status) for alert in HealthAlert.objects.all()}
    worse = sorted(
        p for p, now in settled.items() if now in (Status.WARN, Status.FAIL) and _worse(now, known.get(p))
    )
    over = sorted(p for p in known if settled.get(p) is Status.PASS)
    _keep(worse, over, settled)
    if worse or over:
        send(*_message(worse, over, latest, settled))
    return worse, over


def ping(run: HealthRun, transport: httpx.BaseTransport | None = None) -> bool:
    """The outside dead-man switch: it alarms when it is *not* asked. A failing server does not ask."""
    if not settings.HEALTH_PING_URL or run.status == Status.FAIL:
        return False
    try:
        with httpx.Client(timeout=PING_SECONDS, transport=transport) as client:
            return client.get(settings.HEALTH_PING_URL).is_success
    except (httpx.HTTPError, httpx.InvalidURL):
        return False  # its own alarm is exactly what follows


def _doubted(seen: stability.Observation) -> list[stability.Observation]:
    """What is unwell from the first run on needs a second look too."""
    return [stability.Observation(seen.at - stability.APART, finding.Status.PASS)]


def _worse(now: Status, before: Status | None) -> bool:
    return before is None or ORDER[now] > ORDER[before]


def _keep(worse: Sequence[str], over: Sequence[str], settled: dict[str, Status]) -> None:
    for part in worse:
        HealthAlert.objects.update_or_create(
            part=part, defaults={"status": str(settled[part]), "since": timezone.now()}
        )
    HealthAlert.objects.filter(part__in=over).delete()


def _message(
    worse: Sequence[str], over: Sequence[str], latest: dict[str, Reading], settled: dict[str, Status]
) -> tuple[str, str]:
    with translation.override(settings.LANGUAGE_CODE):
        parts = []
        for part in worse:
            line = health.line(latest[part])
            parts.append(f"{'✗' if settled[part] is Status.FAIL else '!'} {line.says} {line.fix}".rstrip())
        parts += [
            gettext("✓ Well again: %(what)s") % {"what": health.line(latest[part]).says} for part in over
        ]
        title = gettext("%(host)s: %(new)s new, %(ended)s over") % {
            "host": settings.POSTEIO_HOSTNAME,
            "new": len(worse),
            "ended": len(over),
        }
        return title, "\n".join(parts)
