"""No alarms for a while: planned work on a domain. What is still wrong afterwards is said then."""

from datetime import timedelta

from django.utils import timezone

from mailadmin.models import DnsSilence


def active(domain: str) -> DnsSilence | None:
    return DnsSilence.objects.filter(domain=domain, until__gt=timezone.now()).first()


def begin(domain: str, hours: int, by: str) -> DnsSilence:
    values = {"until": timezone.now() + timedelta(hours=hours), "by": by}
    return DnsSilence.objects.update_or_create(domain=domain, defaults=values)[0]


def end(domain: str) -> None:
    DnsSilence.objects.filter(domain=domain).delete()
