"""Do mail programs find the right settings by themselves? Checks C4 to C6."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

from .client_words import WORDS as WORDS
from .finding import Finding, fail, info, ok, unknown
from .network import Network, Page
from .subject import Subject

WANTED = {"imap": {993: "SSL", 143: "STARTTLS"}, "smtp": {465: "SSL", 587: "STARTTLS"}}
TENANTS = (".outlook.com", ".office365.com", ".outlook.cn")
ASK = (
    '<?xml version="1.0" encoding="utf-8"?><Autodiscover xmlns="http://schemas.microsoft.com/exchange/'
    'autodiscover/outlook/requestschema/2006"><Request><EMailAddress>{address}</EMailAddress>'
    "<AcceptableResponseSchema>http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a"
    "</AcceptableResponseSchema></Request></Autodiscover>"
)


def check_clients(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked:
        return
    yield from _autoconfig(subject, net)
    yield from _autodiscover(subject, net)
    if net.ask(f"ua-auto-config.{subject.name}", "A").rdatas:
        yield info("clients.ua-auto-config", name=f"ua-auto-config.{subject.name}")


def _autoconfig(subject: Subject, net: Network) -> Iterator[Finding]:
    name = f"autoconfig.{subject.name}"
    path = f"/mail/config-v1.1.xml?emailaddress=postmaster%40{subject.name}"
    if not any(net.lookup(name, kind).rdatas for kind in ("A", "AAAA")):
        yield info("autoconfig.none", record=f"{name}. IN CNAME {subject.server.host}.")
        return
    page = net.fetch(f"https://{name}{path}")
    if page.status != 200:
        second = net.fetch(f"https://{subject.name}/.well-known/autoconfig/mail/config-v1.1.xml")
        page = second if second.status == 200 else page
    if page.status != 200 and (clear := net.fetch(f"http://{name}{path}")).status == 200:
        page = clear
        yield info("autoconfig.http", name=name)
    if page.status == 200:
        yield from _settings(subject, page)
    elif page.error in ("timeout", "unmeasured"):
        yield unknown("autoconfig.unmeasured", name=name, reason=page.error)
    else:
        yield fail("autoconfig.broken", name=name, reason=page.detail or page.error or str(page.status))


def parse(body: bytes) -> ElementTree.Element | None:
    """None for what is no XML. A document type is refused: nothing in it may expand."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        return None
    try:
        return ElementTree.fromstring(body)  # noqa: S314  no document type, at most 64 KiB
    except (ElementTree.ParseError, ValueError, LookupError):
        return None


def _settings(subject: Subject, page: Page) -> Iterator[Finding]:
    root = parse(page.body)
    if root is None:
        yield fail("autoconfig.invalid", url=page.url)
        return
    wrong = []
    for tag, kind in (("incomingServer", "imap"), ("outgoingServer", "smtp")):
        servers = [s for s in root.iter(tag) if s.get("type", "").lower() == kind]
        if not servers:
            wrong.append(kind)
        wrong += [fault for server in servers if (fault := _fault(subject, kind, server))]
    yield (
        fail("autoconfig.wrong", faults=wrong, wanted=subject.server.host)
        if wrong
        else ok("autoconfig.good", host=subject.server.host)
    )


def _fault(subject: Subject, kind: str, server: ElementTree.Element) -> str:
    said = {
        tag: (server.findtext(tag) or "").strip() for tag in ("hostname", "port", "socketType", "username")
    }
    port = int(said["port"]) if said["port"].isdigit() and len(said["port"]) < 6 else 0
    right = (
        said["hostname"].lower() == subject.server.host
        and WANTED[kind].get(port) == said["socketType"]
        and said["username"] == "%EMAILADDRESS%"
    )
    return (
        "" if right else f"{kind} {said['hostname']}:{said['port']} {said['socketType']} {said['username']}"
    )


def _autodiscover(subject: Subject, net: Network) -> Iterator[Finding]:
    name = f"autodiscover.{subject.name}"
    answer = net.lookup(name, "A")
    service = net.lookup(f"_autodiscover._tcp.{subject.name}", "SRV").records
    targets = [*answer.chain, *(record.split()[-1].rstrip(".").lower() for record in service)]
    if any(target.endswith(TENANTS) for target in targets):
        yield fail("autodiscover.elsewhere", name=name, target=targets[-1], wanted=subject.server.host)
        return
    if not answer.rdatas and not targets:
        yield info("autodiscover.none", record=f"{name}. IN CNAME {subject.server.host}.")
        return
    host = name if answer.rdatas else targets[-1]
    url = f"https://{host}/autodiscover/autodiscover.xml"
    page = net.fetch(url, post=ASK.format(address=f"postmaster@{subject.name}").encode())
    hops = 0
    while 300 <= page.status < 400 and page.headers.get("location", "").startswith("https://") and hops < 3:
        hops += 1
        page = net.fetch(
            page.headers["location"], post=ASK.format(address=f"postmaster@{subject.name}").encode()
        )
    yield from _answered(subject, page, name, hops)


def _answered(subject: Subject, page: Page, name: str, hops: int) -> Iterator[Finding]:
    root = parse(page.body) if page.status == 200 else None
    if page.error in ("timeout", "unmeasured"):
        yield unknown("autodiscover.unmeasured", name=name, reason=page.error)
    elif root is None:
        reason = page.detail or page.error or str(page.status)
        yield fail("autodiscover.broken", name=name, reason=reason)
    else:
        blocks = [e for e in root.iter() if e.tag.rpartition("}")[2] == "Protocol"]
        told = {_child(block, "Type"): _child(block, "Server").lower() for block in blocks}
        good = told.get("IMAP") == told.get("SMTP") == subject.server.host
        if hops > 1:
            yield info("autodiscover.redirects", name=name, count=hops)
        if good:
            yield ok("autodiscover.good", host=subject.server.host)
        else:
            yield fail("autodiscover.wrong", name=name, wanted=subject.server.host)


def _child(block: ElementTree.Element, tag: str) -> str:
    return next((e.text or "" for e in block if e.tag.rpartition("}")[2] == tag), "").strip()
