"""The newest run as Prometheus' text format 0.0.4. Scraping asks no mail server: beat has looked already."""

from collections.abc import Iterable, Iterator

from django.utils import timezone

from mailadmin.health.reading import ORDER, Reading
from mailadmin.services import health

# fact → (metric, help, factor)
FACTS = {
    ("port", "milliseconds"): ("postie_port_seconds", "Time until a port had greeted", 0.001),
    ("certificate", "ends_at"): (
        "postie_certificate_ends_timestamp_seconds",
        "End of a port's certificate",
        1,
    ),
    ("disk", "free"): ("postie_disk_free_bytes", "Room left on a disk", 1),
    ("disk", "total"): ("postie_disk_size_bytes", "Size of a disk", 1),
    ("disk", "days"): ("postie_disk_full_in_days", "Days until a disk is full at this pace", 1),
    ("logs", "used"): ("postie_mail_logs_bytes", "Size of all mail logs", 1),
    ("queue", "count"): ("postie_queue_messages", "Messages that wait to be sent", 1),
    ("queue", "hours"): ("postie_queue_oldest_seconds", "Age of the oldest message in the queue", 3600),
    ("clock", "seconds"): ("postie_clock_skew_seconds", "Difference between panel and mail server", 1),
    ("backup", "at"): ("postie_backup_newest_timestamp_seconds", "Time of the newest backup", 1),
    ("canary", "milliseconds"): ("postie_canary_seconds", "From submission to INBOX", 0.001),
}


def text() -> str:
    now = timezone.now()
    run = health.newest()
    found = health.current(run, now)
    age = (now - run.at).total_seconds() if run else float("inf")
    lines = [*_family("postie_health_run_age_seconds", "Age of the newest look at everything", [("", age)])]
    states = [(_labels(part=r.part), ORDER[r.status]) for r in found]
    lines += _family("postie_health_status", "0 well, 1 not measured, 2 warning, 3 failing", states)
    for (kind, fact), (name, words, factor) in FACTS.items():
        values = list(_values(found, kind, fact, factor))
        lines += _family(name, words, values) if values else []
    return "\n".join(lines) + "\n"


def _values(found: Iterable[Reading], kind: str, fact: str, factor: float) -> Iterator[tuple[str, float]]:
    for reading in found:
        first, _, rest = reading.part.replace(":", ".", 1).partition(".")
        value = reading.facts.get(fact)
        if first == kind and isinstance(value, int | float):
            yield _labels(on=rest) if rest else "", round(value * factor, 6)


def _family(name: str, words: str, values: Iterable[tuple[str, float]]) -> list[str]:
    samples = [
        f"{name}{labels} {'+Inf' if value == float('inf') else f'{value:.15g}'}" for labels, value in values
    ]
    return [f"# HELP {name} {words}", f"# TYPE {name} gauge", *samples]


def _labels(**labels: str) -> str:
    """Label values escape backslash, quote and line feed."""
    said = (
        f'{key}="' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
        for key, value in labels.items()
    )
    return "{" + ",".join(said) + "}"
