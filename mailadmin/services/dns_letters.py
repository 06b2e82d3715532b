"""The last test letter of a domain, judged as its receiver would: part of the next report."""

from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from mailadmin import connections
from mailadmin.dns import suite
from mailadmin.dns.finding import Finding, unknown
from mailadmin.dns.letter import Letter, check_letter
from mailadmin.dns.network import Network
from mailadmin.dns.subject import MailServer, Subject

KEPT = 24 * 3600  # seconds
CHECK = "letter"
OUTSIDE = "outside"  # the letter that somebody else's server received


def arrived(
    sender: str,
    raw: bytes,
    seconds: float | None,
    network: Network | None = None,
    *,
    external: bool = False,
) -> list[Finding]:
    """`seconds` None: it never came. `external`: in a mailbox elsewhere. Kept for the next report."""
    name = sender.rpartition("@")[2]
    about = Subject(name=name, server=MailServer(host=settings.POSTEIO_HOSTNAME))
    letter = Letter(raw, sender, seconds, external)
    found = suite.judge(
        lambda subject, net: check_letter(subject, letter, net), about, network or connections.network()
    )
    return _keep(name, found, external=external)


def unsent(sender: str, reason: str) -> list[Finding]:
    """The letter to the mailbox elsewhere could not be sent or looked for: nothing is known."""
    found = [unknown("letter.echo-unmeasured", reason=reason[:200])]
    return _keep(sender.rpartition("@")[2], found, external=True)


def _keep(name: str, found: list[Finding], *, external: bool) -> list[Finding]:
    key = f"{CHECK}:{name}"
    if external:
        key, found = f"{key}:{OUTSIDE}", [replace(finding, on=OUTSIDE) for finding in found]
    cache.set(key, [stamped(finding) for finding in found], KEPT)
    return found


def stamped(found: Finding) -> dict[str, Any]:
    """To be kept, with the moment: told in two reports it is still one result (rule E2)."""
    facts = {**found.facts, "asked": timezone.now().isoformat()}
    return replace(found, facts=facts).to_json()


def findings(name: str) -> list[tuple[str, Finding]]:
    kept = [cache.get(key) or [] for key in (f"{CHECK}:{name}", f"{CHECK}:{name}:{OUTSIDE}")]
    return [(CHECK, Finding.from_json(data)) for found in kept for data in found]
