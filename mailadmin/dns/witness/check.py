"""Our ports as another machine sees them. Checks V1, V11, V15 and rule E8, from outside."""

import secrets
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mailadmin.dns.finding import Finding, Status, critical, fail, not_applicable, ok, unknown, warn
from mailadmin.dns.names import address
from mailadmin.dns.network import LookupFailed, Network, Unreachable
from mailadmin.dns.service.certificate import read
from mailadmin.dns.service.places import places
from mailadmin.dns.service.sessions import BY_PORT, opened, unchecked
from mailadmin.dns.subject import Subject

from .protocol import Question, Seen, Testimony, WitnessFault, testimony
from .words import WORDS as WORDS

PATIENCE = 45.0  # the witness looks for up to 18 s, and tries relaying after that
LATE = 10.0  # seconds until a greeting
ALWAYS = (25, 465, 993)
RELAY = ("smtp.no-relay", "smtp.open-relay", "smtp.relay-later", "smtp.relay-unmeasured")


def check_witness(subject: Subject, net: Network) -> Iterator[Finding]:
    if not subject.server.witness or not subject.server.witness_secret:
        yield not_applicable("witness.not-asked")
        return
    here = {service.port for service, _ip in places(subject, net)}
    for family, ip in _witnesses(subject, net):
        try:
            heard = ask(subject, net, ip, sorted({*ALWAYS, *here, *((443,) if subject.server.panel else ())}))
        except WitnessFault as fault:
            yield unknown("witness.silent", on=family, family=family, reason=str(fault))
            continue
        yield from _judge(subject, heard, here, net)


def _witnesses(subject: Subject, net: Network) -> list[tuple[str, str]]:
    """(family, address of the witness): over which way we ask decides which address of ours it looks at."""
    host = urlsplit(subject.server.witness).hostname or ""
    literal = address(host)
    try:
        found = [literal] if literal else net.addresses(host)
    except LookupFailed:
        found = []
    ours = {ip.version for ip in subject.server.addresses} or {4}
    first = {ip.version: str(ip) for ip in reversed(found) if ip.version in ours}
    return [(f"IPv{version}", ip) for version, ip in sorted(first.items())] or [("IPv4", "")]


def ask(subject: Subject, net: Network, ip: str, ports: list[int]) -> Testimony:
    """Raises WitnessFault."""
    server = subject.server
    nonce = secrets.token_hex(16)
    asked = Question(
        int(net.now().timestamp()), nonce, server.host, tuple(ports[:9]), server.panel, subject.name
    )
    data = asked.sealed(server.witness_secret)
    headers = {"Content-Type": "application/json"}
    page = net.fetch(server.witness, post=data, host_address=ip, headers=headers, patience=PATIENCE)
    if page.error:
        raise WitnessFault(page.error)
    if page.status != 200:
        raise WitnessFault(str(page.status))
    return testimony(page.body, server.witness_secret, nonce)


def _judge(subject: Subject, heard: Testimony, here: set[int], net: Network) -> Iterator[Finding]:
    seen_from, ours = address(heard.address), subject.server.addresses
    if seen_from is None or seen_from not in ours:
        # What it looked at is not the mail server: its ports say nothing.
        yield unknown(
            "witness.other-address",
            on=heard.address,
            address=heard.address,
            ours=sorted(map(str, ours)) or "—",
        )
        return
    ip = str(seen_from)
    yield ok("witness.address", on=ip, address=ip)
    for seen in heard.seen:
        yield from _port(seen, ip, here)
    yield from _same_machine(subject, heard, ip, net)
    yield from _relay(heard, ip)


def _port(seen: Seen, ip: str, here: set[int]) -> Iterator[Finding]:
    on = f"{ip} {seen.port}"
    facts: dict[str, Any] = {"address": ip, "port": seen.port, "reason": seen.state, "seconds": seen.seconds}
    if seen.state in ("unreachable", "unmeasured", "busy"):
        yield unknown("witness.unmeasured", on=on, **facts)
    elif seen.state == "open" and seen.port == 25 and seen.seconds > LATE:
        yield warn("witness.slow", on=on, **facts)
    elif seen.state == "open":
        yield ok("witness.open", on=on, **facts)
    elif seen.port == 25:
        yield critical("witness.smtp-closed", on=on, **facts)
    elif seen.port == 443:
        yield fail("witness.web-closed", on=on, **facts)
    elif seen.port in here or seen.port in ALWAYS:
        yield fail("witness.closed", on=on, **facts)


def _same_machine(subject: Subject, heard: Testimony, ip: str, net: Network) -> Iterator[Finding]:
    """Is it us who answer outside? Some providers put a filter of their own before port 25."""
    seen = next((one for one in heard.seen if one.port == 25 and one.state == "open"), None)
    if seen is None:
        return
    mine = _certificate(subject, ip, net)
    if not mine or (seen.certificate and read(seen.certificate) is None):
        return
    if not seen.certificate:
        yield fail("witness.stripped", on=ip, address=ip)
    elif seen.certificate != mine:
        yield warn("witness.other-server", on=ip, address=ip, greeting=seen.greeting or "—")
    else:
        yield ok("witness.same-server", on=ip, address=ip, tls=seen.tls)


def _certificate(subject: Subject, ip: str, net: Network) -> bytes:
    """As port 25 shows it to us; empty when it cannot be seen."""
    try:
        with opened(net, ip, BY_PORT[25]) as session:
            session.greet()
            session.before = session.capabilities(subject.server.panel or subject.server.host)
            if session.offers_tls:
                session.start_tls(unchecked(), subject.server.host)
            shown = getattr(session.talk.socket, "getpeercert", None)
            return shown(binary_form=True) or b"" if shown else b""
    except Unreachable:
        return b""


def _relay(heard: Testimony, ip: str) -> Iterator[Finding]:
    """The witness judged by our own rule; only its verdicts, and only as text, are taken over."""
    for told in heard.relay:
        code, facts = str(told.get("code")), told.get("facts")
        if code not in RELAY or not isinstance(facts, dict):
            continue
        ways = facts.get("ways")
        plain = {
            "address": ip,
            "count": str(facts.get("count", ""))[:10],
            "reply": str(facts.get("reply", ""))[:200],
            "reason": str(facts.get("reason", ""))[:100],
            "ways": [str(way)[:100] for way in ways[:6]] if isinstance(ways, list) else [],
        }
        on = f"outside {ip}"
        status = {"smtp.no-relay": Status.PASS, "smtp.open-relay": Status.FAIL}.get(code, Status.UNKNOWN)
        yield Finding(status, code, plain, on, critical=status is Status.FAIL)
