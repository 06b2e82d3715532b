"""Plan, try on paper, write, take back."""

from collections.abc import Sequence

from django.conf import settings

from mailadmin.dns import plan, suite, update
from mailadmin.dns.finding import Status
from mailadmin.dns.plan import Change
from mailadmin.dns.resolver import Resolver
from mailadmin.dns.subject import Subject
from mailadmin.models import DnsChange, DnsWriter
from mailadmin.services import dns_reports
from postie_web.lib import sealed

PURPOSE = "dns-writer"


def proposed(domain: str) -> list[Change]:
    report = dns_reports.latest(domain)
    return plan.plan(report.expected) if report else []


def simulate(about: Subject, network: Resolver, changes: Sequence[Change]) -> dict[str, int]:
    """How many findings of each status there would be; nothing is written."""
    report = suite.run(about, plan.Planned(network, changes))
    return {str(status): report.count(status) for status in Status}


def set_writer(domain: str, zone: update.Zone) -> None:
    values = {
        "server": zone.server,
        "port": zone.port,
        "key_name": zone.key_name,
        "algorithm": zone.algorithm,
        "sealed_secret": sealed.seal(zone.secret, settings.SECRET_KEY, PURPOSE),
    }
    DnsWriter.objects.update_or_create(domain=domain, defaults=values)


def writer(domain: str) -> DnsWriter | None:
    return DnsWriter.objects.filter(domain=domain).first()


def write(found: DnsWriter, network: Resolver, changes: Sequence[Change], by: str) -> DnsChange:
    """Raises update.UpdateRefused; then nothing was written."""
    update.apply(_zone(found, network), changes)
    return DnsChange.objects.create(
        domain=found.domain, by=by, changes=[change.to_json() for change in changes]
    )


def take_back(found: DnsWriter, network: Resolver, done: DnsChange) -> None:
    changes = [Change.from_json(data).inverse for data in done.changes]
    update.apply(_zone(found, network), changes)
    done.undone = True
    done.save(update_fields=["undone"])


def _zone(found: DnsWriter, network: Resolver) -> update.Zone:
    secret = sealed.unseal(found.sealed_secret, settings.SECRET_KEY, PURPOSE)
    if secret is None:
        raise update.UpdateRefused("key", "sealed")
    return update.Zone(
        network.zone_of(found.domain), found.server, found.key_name, secret, found.algorithm, found.port
    )
