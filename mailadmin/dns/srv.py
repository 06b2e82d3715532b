"""Where mail programs find the server. RFC 6186, 8314; checks C1 to C3."""

from collections.abc import Iterator

from .finding import Finding, Words, _, fail, info, ok, warn
from .network import Network
from .subject import Subject

PORTS = {
    "_submissions._tcp": 465,
    "_imaps._tcp": 993,
    "_submission._tcp": 587,
    "_imap._tcp": 143,
    "_pop3s._tcp": 995,
    "_pop3._tcp": 110,
    "_sieve._tcp": 4190,
}
WANTED = ("_submissions._tcp", "_imaps._tcp")
CLEAR = ("_imap._tcp", "_pop3._tcp")


def check_services(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked:
        return
    for service, port in PORTS.items():
        name = f"{service}.{subject.name}"
        answer = net.lookup(name, "SRV")
        if not answer.rdatas:
            if service in WANTED:
                record = f"{name}. IN SRV 0 1 {port} {subject.server.host}."
                yield info("srv.none", on=service, name=name, record=record)
            continue
        for rdata in answer.rdatas[:5]:
            yield from _one(subject, service, rdata, net)


def _one(subject: Subject, service: str, rdata: object, net: Network) -> Iterator[Finding]:
    host = rdata.target.to_text(omit_final_dot=True).lower().strip(".")  # type: ignore[attr-defined]
    port, wanted = int(rdata.port), PORTS[service]  # type: ignore[attr-defined]
    facts = {"name": f"{service}.{subject.name}", "host": host or ".", "port": port}
    offered = service.removeprefix("_").removesuffix("._tcp") in subject.server.offered
    if not host:
        yield fail("srv.denied", on=service, **facts) if offered else ok("srv.off", on=service, **facts)
        return
    if service in CLEAR:
        yield warn("srv.clear", on=service, **facts)
    answer = net.lookup(host, "A")
    if answer.chain:
        yield fail("srv.alias", on=service, **facts)
    elif not answer.rdatas and not net.lookup(host, "AAAA").rdatas:
        yield fail("srv.no-address", on=service, **facts)
    elif port != wanted or not _ours(subject, host, net):
        yield fail("srv.elsewhere", on=service, wanted=f"{subject.server.host}:{wanted}", **facts)
    else:
        yield ok("srv.good", on=service, **facts)


def _ours(subject: Subject, host: str, net: Network) -> bool:
    ours = subject.server.addresses
    return host == subject.server.host or bool(ours and set(net.addresses(host)) <= ours)


_SETUP = _("Mail programs that set themselves up connect to the wrong place.")
WORDS = {
    "srv.none": Words(
        "C1",
        _("There is no record %(name)s."),
        _("Mail programs cannot set themselves up with it."),
        _("Publish this record."),
        "RFC 8314, 5.1",
    ),
    "srv.good": Words("C1", _("%(name)s leads to %(host)s:%(port)s."), rfc="RFC 6186"),
    "srv.elsewhere": Words(
        "C1", _("%(name)s leads to %(host)s:%(port)s."), _SETUP, _("Point it to %(wanted)s."), "RFC 6186"
    ),
    "srv.off": Words("C2", _("%(name)s says that this service is not offered."), rfc="RFC 6186, 3.4"),
    "srv.denied": Words(
        "C2",
        _("%(name)s says that this service is not offered, but it is."),
        _SETUP,
        _("Remove the record or name the server in it."),
        "RFC 6186, 3.4",
    ),
    "srv.clear": Words(
        "C2",
        _("%(name)s offers a service without encryption from the start."),
        "",
        _("Replace it by one with “0 0 0 .” as its value."),
        "RFC 8314, 4.1",
    ),
    "srv.alias": Words(
        "C3",
        _("%(host)s in %(name)s is an alias (CNAME), which SRV forbids."),
        _SETUP,
        _("Name the real host."),
        "RFC 2782",
    ),
    "srv.no-address": Words(
        "C3", _("%(host)s in %(name)s has no address."), _SETUP, _("Correct the name."), "RFC 2782"
    ),
}
