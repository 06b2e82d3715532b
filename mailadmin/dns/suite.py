"""One run over one domain: all checks beside each other, bounded in time. Rules E1, E9, E10."""

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

from . import (
    answers,
    bimi,
    bulk,
    caa,
    client_checks,
    dane,
    dnsbl,
    dnssec,
    letter,
    mta_sts,
    mx,
    outside,
    profile,
    ptr,
    srv,
    tls_rpt,
    zone,
)
from .dkim import check as dkim
from .dmarc import check as dmarc
from .finding import ORDER, Finding, Status, Words, _, unknown
from .network import Answer, LookupFailed, Network, Server, Wrapped
from .service import clock, login, outbound, ports, presented, relay, tls, tlsa, website
from .service.tls_words import WORDS as TLS_WORDS
from .service.words import WORDS as SERVICE_WORDS
from .spf import check as spf
from .subject import Subject
from .witness import check as witness

Check = Callable[[Subject, Network], Iterator[Finding]]
PATIENCE = 20.0  # seconds for a domain
WORKERS = 8
CHECKS: dict[str, Check] = {
    "zone": zone.check_zone,
    "wildcards": zone.check_wildcards,
    "mx": mx.check_mx,
    "host": mx.check_host,
    "reverse": ptr.check_reverse,
    "spf": spf.check_spf,
    "dkim": dkim.check_dkim,
    "dmarc": dmarc.check_dmarc,
    "mta-sts": mta_sts.check_mta_sts,
    "tls-rpt": tls_rpt.check_tls_rpt,
    "dnssec": dnssec.check_dnssec,
    "dane": dane.check_dane,
    "caa": caa.check_caa,
    "services": srv.check_services,
    "clients": client_checks.check_clients,
    "profile": profile.check_profile,
    "bimi": bimi.check_bimi,
}
# Connections to the services. Of the server: the same for all its domains, asked once in 15 minutes (E11).
SERVER_PROBES: dict[str, Check] = {
    "smtp": ports.check_smtp,
    "ports": ports.check_services,
    "tls": tls.check_tls,
    "certificates": presented.check_certificates,
    "relay": relay.check_relay,
    "login": login.check_login,
    "anonymous": login.check_anonymous,
    "clock": clock.check_clock,
    "witness": witness.check_witness,
}
DOMAIN_PROBES: dict[str, Check] = {
    "recipients": relay.check_recipients,
    "spoof": relay.check_spoof,
    "mx-certificates": presented.check_mx_certificates,
    "certificate-names": presented.check_names,
    "tlsa": tlsa.check_tlsa,
}
# What asks somebody outside; each behind a setting of its own.
OUTSIDE: dict[str, Check] = {
    "block-lists": dnsbl.check_block_lists,
    "neighbours": dnsbl.check_neighbours,
    "domain-lists": dnsbl.check_domains,
    "outbound": outbound.check_outbound,
    "registration": outside.check_registration,
    "routes": outside.check_routes,
    "network-age": outside.check_age,
    "complaints": outside.check_complaints,
}
WEBSITE: dict[str, Check] = {"website": website.check_website}  # for the troubleshooter
EVERY: dict[str, Check] = CHECKS | SERVER_PROBES | DOMAIN_PROBES | OUTSIDE | WEBSITE

WORDS: dict[str, Words] = {
    "unanswered": Words(
        "E1",
        _("This could not be measured: %(question)s was not answered (%(reason)s)."),
        _("It says nothing about the domain; the next run tries again."),
    ),
    "too-slow": Words("E10", _("This could not be measured in time.")),
}
WORDS |= SERVICE_WORDS | TLS_WORDS | witness.WORDS
for _module in (
    bimi,
    bulk,
    profile,
    client_checks,
    letter,
    outside,
    zone,
    mx,
    ptr,
    spf,
    dkim,
    dmarc,
    mta_sts,
    tls_rpt,
    dnssec,
    dane,
    caa,
    dnsbl,
    srv,
):
    WORDS |= _module.WORDS


@dataclass(frozen=True, slots=True)
class Report:
    domain: str
    at: datetime
    findings: tuple[tuple[str, Finding], ...]  # (check, finding)
    questions: dict[str, list[dict[str, object]]] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        return max((f.status for _, f in self.findings), key=lambda s: ORDER[s], default=Status.UNKNOWN)

    def count(self, status: Status) -> int:
        return sum(f.status is status for _, f in self.findings)

    @property
    def score(self) -> int:
        """0 to 100: a failure weighs ten passes, a warning three; what is unknown weighs nothing."""
        weights = {Status.PASS: (1, 1), Status.INFO: (1, 1), Status.WARN: (0, 3), Status.FAIL: (0, 10)}
        pairs = [weights[f.status] for _, f in self.findings if f.status in weights]
        whole = sum(weight for _, weight in pairs)
        return round(100 * sum(good for good, _ in pairs) / whole) if whole else 0


class Recorder(Wrapped):
    """Writes down what one check asked, for the history (rule E9)."""

    def __init__(self, network: Network) -> None:
        super().__init__(network)
        self.seen: dict[tuple[str, str], Answer] = {}
        self.seen_at: dict[tuple[Server, str, str], Answer] = {}

    @property
    def every(self) -> list[Answer]:
        return [*self.seen.copy().values(), *self.seen_at.copy().values()]

    def ask_at(self, server: Server, name: str, kind: str) -> Answer:
        answer = self.seen_at[server, name, kind] = self.network.ask_at(server, name, kind)
        return answer

    def ask(self, name: str, kind: str) -> Answer:
        answer = self.seen[name, kind] = self.network.ask(name, kind)
        return answer


@dataclass(frozen=True, slots=True)
class _Way:
    executor: Executor
    progress: Callable[[int, int], None] | None
    patience: float


def run(
    subject: Subject,
    network: Network,
    *,
    checks: dict[str, Check] | None = None,
    executor: Executor | None = None,
    progress: Callable[[int, int], None] | None = None,
    patience: float = PATIENCE,
) -> Report:
    """`progress` is told (done, all) after each check."""
    own = None if executor else ThreadPoolExecutor(WORKERS, thread_name_prefix="dns")
    try:
        with network.watching(subject.name):
            run_by = executor or own
            assert run_by is not None  # noqa: S101
            return _gather(
                subject, network, CHECKS if checks is None else checks, _Way(run_by, progress, patience)
            )
    finally:
        if own:
            own.shutdown(wait=False, cancel_futures=True)


def _gather(
    subject: Subject,
    network: Network,
    checks: dict[str, Check],
    way: _Way,
) -> Report:
    recorders = {name: Recorder(network) for name in checks}
    counted, lock = [0], Lock()

    def tell(_future: Future[list[Finding]]) -> None:
        with lock:
            counted[0] += 1
            if way.progress:
                way.progress(counted[0], len(checks))

    futures = {}
    for name, check in checks.items():
        futures[name] = way.executor.submit(judge, check, subject, recorders[name])
        futures[name].add_done_callback(tell)
    wait(futures.values(), way.patience)
    findings = [
        (name, finding)
        for name, future in futures.items()
        for finding in (future.result() if future.done() else [unknown("too-slow", on=name)])
    ]
    seen = {key: answer for recorder in recorders.values() for key, answer in recorder.seen.copy().items()}
    torn = [answer for _, answer in sorted(seen.items()) if answers.disagree(answer)]
    findings += [("zone", finding) for finding in zone.check_agreement(torn)]
    questions = {
        name: [answer.to_json() for answer in recorder.every] for name, recorder in recorders.items()
    }
    return Report(subject.name, network.now(), tuple(findings), questions)


def judge(check: Check, subject: Subject, network: Network) -> list[Finding]:
    """What could not be measured is unknown, never a failure; what was found before it stays."""
    findings: list[Finding] = []
    try:
        for finding in check(subject, network):
            findings.append(finding)  # noqa: PERF402  what was found before a failing lookup is kept
    except LookupFailed as failed:
        answer = failed.answer
        question = f"{answer.name} {answer.kind}"
        findings.append(unknown("unanswered", on=question, question=question, reason=answer.reason))
    return findings
