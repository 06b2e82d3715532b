"""The certificates a server shows, judged as its clients do. Checks V6, V11, V12, T9 and C3."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from mailadmin.dns import mta_sts
from mailadmin.dns.finding import Finding, critical, fail, info, ok, unknown, warn
from mailadmin.dns.mx import exchanges
from mailadmin.dns.network import LookupFailed, Network, Unreachable
from mailadmin.dns.subject import Subject

from .certificate import Certificate, missing_names, read
from .places import addresses, own_name, places
from .sessions import BY_PORT, Service, Session, opened, trusting, unchecked

EXPIRED, SELF_SIGNED, MISMATCH = (10,), (18,), (62,)
SOON, LAST = 21, 3
MOST_HOSTS = 10


@dataclass(frozen=True, slots=True)
class Presented:
    """`trouble`: "", or what OpenSSL says: expired, self-signed, name, chain."""

    certificate: Certificate | None
    trouble: str = ""
    detail: str = ""


def present(net: Network, ip: str, service: Service, name: str, own: str) -> Presented:
    """Once as a client that checks, and when it refuses, once more to look at what was shown."""
    try:
        with opened(net, ip, service) as session:
            _shake(session, trusting(net), name, own)
            return Presented(_shown(session))
    except ssl.SSLCertVerificationError as error:
        kinds = {**dict.fromkeys(EXPIRED, "expired"), **dict.fromkeys(SELF_SIGNED, "self-signed")}
        trouble = (kinds | dict.fromkeys(MISMATCH, "name")).get(error.verify_code, "chain")
        detail = error.verify_message
    with opened(net, ip, service) as session:
        _shake(session, unchecked(), name, own)
        return Presented(_shown(session), trouble, detail)


def _shake(session: Session, context: ssl.SSLContext, name: str, own: str) -> None:
    if session.service.wrapped:
        session.talk.secure(context, name)
        return
    session.greet()
    session.capabilities(own)
    session.start_tls(context, name)


def _shown(session: Session) -> Certificate | None:
    connection = session.talk.socket
    der = connection.getpeercert(binary_form=True) if isinstance(connection, ssl.SSLSocket) else None
    return read(der) if der else None


def check_certificates(subject: Subject, net: Network) -> Iterator[Finding]:
    shown: dict[int, Presented] = {}
    for service, ip in places(subject, net):
        on = str(service.port)
        try:
            shown[service.port] = present(net, ip, service, subject.server.host, own_name(subject))
        except Unreachable as fault:
            yield unknown("certificate.unmeasured", on=on, port=on, reason=fault.reason)
            continue
        yield from _trust(subject, service, shown[service.port], net)
    found = {port: p.certificate for port, p in shown.items() if p.certificate is not None}
    if len(found) > 1:
        yield from _same(found)
    if found:
        yield _names(next(iter(found.values())), [subject.server.host])


def _trust(subject: Subject, service: Service, shown: Presented, net: Network) -> Iterator[Finding]:
    on, cert = str(service.port), shown.certificate
    facts = {"port": on, "host": subject.server.host, "detail": shown.detail}
    if shown.trouble == "self-signed" and service.public:
        yield info("certificate.self-signed", on=on, **facts)
    elif shown.trouble in ("self-signed", "chain", "name"):
        code = {"self-signed": "untrusted", "chain": "chain", "name": "name"}[shown.trouble]
        yield (warn if service.public else fail)(f"certificate.{code}", on=on, **facts)
    elif shown.trouble != "expired":
        yield ok("certificate.trusted", on=on, **facts)
    if cert is not None:
        yield from _dates(service, cert, cert.days(net.now()), shown.trouble == "expired")


def _dates(service: Service, cert: Certificate, days: int, expired: bool) -> Iterator[Finding]:
    on = str(service.port)
    facts = {"port": on, "days": max(days, 0), "date": cert.ends.date().isoformat()}
    if days <= LAST or expired:
        harm = warn if service.public else critical
        yield harm("certificate.ended" if days < 0 or expired else "certificate.ends", on=on, **facts)
    elif days <= SOON:
        yield warn("certificate.ends-soon", on=on, **facts)
    else:
        yield ok("certificate.dates", on=on, **facts)


def _same(found: dict[int, Certificate]) -> Iterator[Finding]:
    """V11: a daemon that was not restarted after a renewal still shows the old one. Of different kinds of
    key (RSA, ECDSA) each port may show another: only the same kind is compared."""
    groups: dict[str, dict[int, list[int]]] = {}
    for port, cert in found.items():
        groups.setdefault(cert.kind, {}).setdefault(cert.serial, []).append(port)
    torn = [serials for serials in groups.values() if len(serials) > 1]
    if torn:
        ports = [" ".join(map(str, ports)) for ports in torn[0].values()]
        yield warn("certificate.differs", ports=ports)
    else:
        yield ok("certificate.same", ports=[str(port) for port in found])


def check_names(subject: Subject, net: Network) -> Iterator[Finding]:
    """V12, C3: the domain's own names that lead to us, as a mail program meets them."""
    used = _used(subject, net)
    for ip in addresses(subject, net)[:1] if used else ():
        try:
            shown = present(net, ip, BY_PORT[993], subject.server.host, own_name(subject))
        except Unreachable as fault:
            yield unknown("certificate.unmeasured", on=subject.name, port="993", reason=fault.reason)
            continue
        if shown.certificate is not None:
            yield _names(shown.certificate, used, on=subject.name)


def _names(cert: Certificate, wanted: list[str], on: str = "") -> Finding:
    """The web's names may have a certificate of their own."""
    missing = missing_names(cert, wanted)
    if missing:
        return warn("certificate.names", on=on, names=missing)
    return ok("certificate.covers", on=on, names=wanted)


def _used(subject: Subject, net: Network) -> list[str]:
    used = []
    for label in ("_imaps._tcp", "_submissions._tcp"):
        for record in net.ask(f"{label}.{subject.name}", "SRV").records:
            target = record.split()[3].rstrip(".").lower()
            if target and target not in used and target != subject.server.host:
                used.append(target)
    mail = f"mail.{subject.name}"
    if mail != subject.server.host and mail not in used:
        ours = subject.server.addresses
        ips = {record for kind in ("A", "AAAA") for record in net.ask(mail, kind).records}
        if ips & {str(ip) for ip in ours}:
            used.append(mail)
    return used


def check_mx_certificates(subject: Subject, net: Network) -> Iterator[Finding]:
    """T9: what a policy in force asks of every MX (RFC 8461, 4.2)."""
    mode = _mode(subject, net)
    if mode is None:
        yield unknown("sts.mx-unmeasured", on=subject.name, host=subject.name, reason="mta-sts.txt")
    if not mode:
        return
    for host in sorted({mx.host for mx in exchanges(subject.name, net)[0] if mx.host})[:MOST_HOSTS]:
        try:
            ips = net.addresses(host)
            shown = present(net, str(ips[0]), BY_PORT[25], host, own_name(subject)) if ips else None
        except (Unreachable, LookupFailed) as fault:
            yield unknown("sts.mx-unmeasured", on=host, host=host, reason=str(fault))
            continue
        if shown is None:
            continue
        if not shown.trouble:
            yield ok("sts.mx-certificate", on=host, host=host)
        else:
            harm = critical if mode == "enforce" else warn
            yield harm("sts.mx-untrusted", on=host, host=host, reason=shown.detail)


def _mode(subject: Subject, net: Network) -> str | None:
    """None: not measured."""
    if not any(text.startswith("v=STSv1") for text in net.texts(f"_mta-sts.{subject.name}")):
        return ""
    page = net.fetch(mta_sts.policy_url(subject.name))
    if page.error in ("timeout", "unmeasured"):
        return None
    if page.status != 200:
        return ""
    try:
        mode = mta_sts.parse_policy(page.body).mode
    except mta_sts.PolicyFault:
        return ""
    return mode if mode != "none" else ""
