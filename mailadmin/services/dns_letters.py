"""The last test letter of a domain, judged as its receiver would: part of the next report."""

from django.conf import settings
from django.core.cache import cache

from mailadmin import connections
from mailadmin.dns import suite
from mailadmin.dns.finding import Finding
from mailadmin.dns.letter import Letter, check_letter
from mailadmin.dns.network import Network
from mailadmin.dns.subject import MailServer, Subject

KEPT = 24 * 3600  # seconds
CHECK = "letter"


def arrived(sender: str, raw: bytes, seconds: float | None, network: Network | None = None) -> list[Finding]:
    """`seconds` None: it never came. Kept for the domain's next report."""
    name = sender.rpartition("@")[2]
    about = Subject(name=name, server=MailServer(host=settings.POSTEIO_HOSTNAME))
    letter = Letter(raw, sender, seconds)
    found = suite.judge(
        lambda subject, net: check_letter(subject, letter, net), about, network or connections.network()
    )
    cache.set(f"{CHECK}:{name}", [finding.to_json() for finding in found], KEPT)
    return found


def findings(name: str) -> list[tuple[str, Finding]]:
    return [(CHECK, Finding.from_json(data)) for data in cache.get(f"{CHECK}:{name}") or []]
