"""Plan, and try it on paper; and how the zone may be written to."""

import json
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.utils.translation import gettext as _

from mailadmin.dns import plan, provider, suite, update
from mailadmin.dns.dmarc.readiness import next_record
from mailadmin.dns.dmarc.record import parse
from mailadmin.dns.finding import Status
from mailadmin.dns.network import Network
from mailadmin.dns.plan import Change
from mailadmin.dns.subject import Subject
from mailadmin.models import DnsWriter
from mailadmin.services import dns_received, dns_reports
from postie_web.lib import sealed

PURPOSE = "dns-writer"
STEP = "dmarc-step"


def proposed(domain: str) -> list[Change]:
    report = dns_reports.latest(domain)
    return plan.plan(report.expected) if report else []


def step(domain: str) -> Change | None:
    """The next safe step of the DMARC policy, when the reports of two weeks carry it; a person decides."""
    report, told = dns_reports.latest(domain), dns_received.summary(domain)
    for record in report.expected if report else []:
        if record["purpose"] != "dmarc" or record["state"] != "published" or len(record["found"]) != 1:
            continue
        standing = str(record["found"][0])
        if parse(standing).tags.get("p", "none").lower() != told.policy:
            return None  # it changed since: no report shows it yet
        wanted = next_record(standing, told.seen, told.days)
        if wanted != standing:
            return Change(record["name"], "TXT", (standing,), (wanted,), STEP)
    return None


def by_hand(found: DnsWriter | None, changes: Sequence[Change]) -> list[Change]:
    """What the provider's API has no records for: the person enters these."""
    return [c for c in changes if found and found.provider and c.kind not in provider.KINDS]


def simulate(about: Subject, network: Network, changes: Sequence[Change]) -> dict[str, int]:
    """How many findings of each status there would be; nothing is written."""
    report = suite.run(about, plan.Planned(network, changes))
    return {str(status): report.count(status) for status in Status}


def writer(domain: str) -> DnsWriter | None:
    return DnsWriter.objects.filter(domain=domain).first()


def set_writer(domain: str, zone: update.Zone) -> None:
    """A server that takes dynamic updates."""
    values = {
        "server": zone.server,
        "port": zone.port,
        "key_name": zone.key_name,
        "algorithm": zone.algorithm,
    }
    _keep(domain, {"provider": "", **values}, zone.secret)


def set_provider(domain: str, name: str, options: Mapping[str, str]) -> None:
    """A provider's API; `options` in lexicon's words."""
    _keep(domain, {"provider": name, "server": None, "key_name": ""}, json.dumps(dict(options)))


def forget_writer(domain: str) -> None:
    DnsWriter.objects.filter(domain=domain).delete()


def apply(found: DnsWriter, network: Network, changes: Sequence[Change], ttl: int) -> None:
    """By whichever way is set. Raises update.UpdateRefused."""
    secret = sealed.unseal(found.sealed_secret, settings.SECRET_KEY, PURPOSE)
    if secret is None:
        raise update.UpdateRefused("key", "sealed")
    zone = network.zone_of(found.domain)
    if found.provider:
        options = json.loads(secret)
        account = provider.Account(found.provider, zone, options, settings.DNS_PROVIDER_ENDPOINT)
        provider.apply(account, changes, ttl)
    else:
        server = str(found.server)
        place = update.Zone(zone, server, found.key_name, secret, found.algorithm, found.port)
        update.apply(place, changes, ttl)


def sentence(refused: update.UpdateRefused) -> str:
    """What did not work, and what stands now, in the reader's language."""
    words = {
        "unreachable": _("The name server or provider did not answer. Nothing was changed."),
        "key": _("The key does not fit. Nothing was changed."),
        "conflict": _("The zone is not as it was when it was checked. Nothing was changed: check again."),
        "kind": _("The provider cannot write these by itself, enter them by hand: %(detail)s."),
        "half": _("It stopped half way and could not be taken back. Still changed: %(detail)s. Check again."),
        "late": _("The provider did not finish in time. Check again to see what it did."),
    }
    other = _("The name server or provider refused the change. Nothing was changed. %(detail)s")
    return (words.get(refused.reason, other) % {"detail": refused.detail}).strip()


def _keep(domain: str, values: Mapping[str, object], secret: str) -> None:
    box = sealed.seal(secret, settings.SECRET_KEY, PURPOSE)
    DnsWriter.objects.update_or_create(domain=domain, defaults={**values, "sealed_secret": box})
