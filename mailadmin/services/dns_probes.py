"""What we know of the server, and the connections to its services: seldom, and shared by all domains."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from django.conf import settings
from django.core.cache import cache

from mailadmin.dns import names, suite
from mailadmin.dns.doors import Weary
from mailadmin.dns.finding import Finding
from mailadmin.dns.network import Network
from mailadmin.dns.service import tlsa
from mailadmin.dns.subject import MailServer, Subject
from mailadmin.services import dns_letters

APART = 15 * 60  # seconds between two probes of a port: rule E11
PATIENCE = 60.0
Found = list[tuple[str, Finding]]


def server() -> MailServer:
    found = (names.address(text) for text in settings.MAIL_ADDRESSES)
    return MailServer(
        host=settings.POSTEIO_HOSTNAME,
        addresses=frozenset(ip for ip in found if ip is not None),
        authority=settings.CERTIFICATE_AUTHORITY,
        reports=settings.MAIL_REPORTS,
        sts_mode=settings.MTA_STS_MODE,
        panel=next(filter(names.is_domain, settings.ALLOWED_HOSTS), settings.POSTEIO_HOSTNAME),
        canary=settings.CANARY_ADDRESS,
        canary_password=settings.CANARY_PASSWORD,
        smart_host=settings.SMART_HOST,
        filters=_hosts(settings.MX_FILTERS),
        backups=_hosts(settings.MX_BACKUPS),
        outbound=tuple(settings.OUTBOUND_PROBES),
        web=settings.CLOCK_URL,
        rdap=settings.RDAP_URL,
        rpki=settings.RPKI_URL,
        complaints=settings.POSTMASTER_TOOLS_URL,
        complaints_key=_key_file(settings.POSTMASTER_TOOLS_KEY),
        profile=settings.PROFILE_URL,
        witness=settings.WITNESS_URL,
        witness_secret=settings.WITNESS_SECRET,
        next_key=_next_key(settings.NEXT_CERTIFICATE_KEY),
    )


def _hosts(texts: Iterable[str]) -> frozenset[str]:
    return frozenset(text.strip().rstrip(".").lower() for text in texts if text.strip())


@lru_cache(maxsize=4)
def _next_key(path: str) -> bytes:
    if not path:
        return b""
    key = load_pem_public_key(Path(path).read_bytes())
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@lru_cache(maxsize=4)
def _key_file(path: str) -> str:
    try:
        return Path(path).read_text(errors="replace")[:10_000] if path else ""
    except OSError:
        return ""


def outside() -> dict[str, suite.Check]:
    """The checks that ask strangers, as far as the settings allow."""
    allowed = {
        "block-lists": settings.DNS_BLOCK_LISTS,
        "neighbours": settings.DNS_NEIGHBOURS,
        "domain-lists": settings.DNS_BLOCK_LISTS,
        "registration": bool(settings.RDAP_URL),
        "routes": bool(settings.RPKI_URL),
        "network-age": bool(settings.RPKI_URL),
        "complaints": bool(settings.POSTMASTER_TOOLS_KEY),
        "outbound": bool(settings.OUTBOUND_PROBES),
    }
    return {name: check for name, check in suite.OUTSIDE.items() if allowed[name]}


def findings(about: Subject, network: Network) -> Found:
    if not settings.PROBE_SERVICES:
        return []
    host = about.server.host
    return [
        *_remembered(f"probes:{host}", suite.SERVER_PROBES, about, network),
        *_remembered(f"probes:{host}:{about.name}", suite.DOMAIN_PROBES, about, network),
        *dns_letters.findings(about.name),
    ]


def with_served(about: Subject, network: Network | None) -> Subject:
    """With the keys that port 25 shows, for TLSA; without a network only what is remembered of them."""
    key = f"served:{about.server.host}"
    known = cache.get(key)
    if known is None and network is not None and settings.PROBE_SERVICES and network.validates():
        known = tlsa.served(about, Weary(network))
        cache.set(key, known, APART)
    return replace(about, server=replace(about.server, served=tuple(known or ())))


def _remembered(key: str, checks: dict[str, suite.Check], about: Subject, network: Network) -> Found:
    known = cache.get(key)
    if known is None:
        report = suite.run(about, Weary(network), checks=checks, patience=PATIENCE)
        known = [[check, dns_letters.stamped(finding)] for check, finding in report.findings]
        cache.set(key, known, APART)
    return [(check, Finding.from_json(data)) for check, data in known]
