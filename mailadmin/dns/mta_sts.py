"""MTA-STS: senders must use TLS with a good certificate. RFC 8461; checks T1 to T8, T10 and T11."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from . import tags
from .finding import Finding, critical, fail, info, ok, unknown, warn
from .mta_sts_words import WORDS as WORDS
from .mx import exchanges
from .network import Network, Page
from .service.certificate import read
from .subject import Subject

MOST_AGE = 31_557_600
PATIENCE = timedelta(days=30)
SOON = 14  # days
_ID = re.compile(r"[A-Za-z0-9]{1,32}\Z")
_HEAD = re.compile(r"v[ \t]*=[ \t]*STSv1[ \t]*;")
_HOST = re.compile(r"(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]+\Z")


class PolicyFault(ValueError):
    def __init__(self, line: str) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Policy:
    mode: str
    max_age: int
    hosts: tuple[str, ...]
    unknown: tuple[str, ...] = ()

    def covers(self, host: str) -> bool:
        """4.1: a wildcard stands for exactly one left-most label."""
        return any(_fits(pattern, host) for pattern in self.hosts)


def _fits(pattern: str, host: str) -> bool:
    return pattern == host or (pattern.startswith("*.") and pattern[2:] == host.partition(".")[2])


def parse_policy(body: bytes) -> Policy:
    """3.2: lines of "key: value", CRLF or LF. Missing keys are faults: nothing is filled in."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise PolicyFault("UTF-8") from None
    found: dict[str, str] = {}
    hosts: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        if not line.strip():
            continue
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon or (key in found and key != "mx"):
            raise PolicyFault(line[:80])
        if key == "mx":
            hosts.append(value.lower().rstrip("."))
        else:
            found[key] = value
    return _policy(found, hosts)


def _policy(found: dict[str, str], hosts: list[str]) -> Policy:
    good = {
        "version": found.get("version") == "STSv1",
        "mode": found.get("mode") in ("enforce", "testing", "none"),
        "max_age": bool(re.fullmatch(r"[0-9]{1,10}", found.get("max_age", ""))),
    }
    for key, is_good in good.items():
        if not is_good:
            raise PolicyFault(f"{key}: {found.get(key, '—')}")
    bad = [host for host in hosts if not _HOST.match(host)]
    if bad or (not hosts and found["mode"] != "none"):
        raise PolicyFault(f"mx: {bad[0] if bad else '—'}")
    age = int(found["max_age"])
    if age > MOST_AGE:
        raise PolicyFault(f"max_age: {age}")
    unknown_keys = tuple(key for key in found if key not in good)
    return Policy(found["mode"], age, tuple(hosts), unknown_keys)


def policy_text(hosts: list[str], mode: str = "testing", max_age: int = 1_209_600) -> str:
    lines = ["version: STSv1", f"mode: {mode}", *(f"mx: {host}" for host in hosts), f"max_age: {max_age}"]
    return "\r\n".join(lines) + "\r\n"


def policy_id(text: str) -> str:
    """By content: a changed policy cannot keep its id (T10)."""
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def policy_url(name: str) -> str:
    return f"https://mta-sts.{name}/.well-known/mta-sts.txt"


def check_mta_sts(subject: Subject, net: Network) -> Iterator[Finding]:
    if subject.parked:
        return
    name = f"_mta-sts.{subject.name}"
    records = [text for text in net.texts(name) if _HEAD.match(text)]
    if not records:
        hosts = [mx.host for mx in exchanges(subject.name, net)[0] if mx.host]
        identity = policy_id(policy_text(hosts))
        yield info("sts.none", record=f'{name}. IN TXT "v=STSv1; id={identity};"')
        yield from _first_step(subject, net)
        return
    if len(records) > 1:
        yield fail("sts.several", name=name)  # 3.1: as if there were none
        return
    try:
        identity = tags.parse(records[0]).get("id", "")
    except tags.TagFault as fault:
        identity = fault.part
    if not _ID.match(identity):
        yield fail("sts.bad-id", id=identity, name=name)
        return
    yield ok("sts.present", id=identity)
    yield from _fetched(subject, identity, net)


def _first_step(subject: Subject, net: Network) -> Iterator[Finding]:
    """T11: the file is served before the id is published (RFC 8461, 8.3)."""
    url = policy_url(subject.name)
    page = net.fetch(url)
    if page.error in ("unmeasured", "timeout"):
        yield unknown("sts.order-unmeasured", url=url)
    elif page.status == 200:
        yield info("sts.order-id", url=url)
    else:
        yield info("sts.order-file", url=url)


def _moving(subject: Subject, policy: Policy) -> Iterator[Finding]:
    """T11: before the MX moves to a new host, the policy names it for one max_age."""
    host = subject.server.host
    if policy.mode == "enforce" and host and not policy.covers(host):
        yield warn("sts.order-move", host=host, days=max(policy.max_age // 86400, 1))
    else:
        yield ok("sts.order")


def _fetched(subject: Subject, identity: str, net: Network) -> Iterator[Finding]:
    url = policy_url(subject.name)
    page = net.fetch(url)
    if page.error in ("unmeasured", "timeout"):
        yield unknown("sts.unmeasured", url=url, reason=page.detail or page.error)
    elif page.error == "certificate":
        # When the last policy we saw was only a trial, senders keep none that is in force.
        harm = fail if "sts-testing" in subject.memory else critical
        yield harm("sts.certificate", url=url, reason=page.detail)
    elif page.error == "size":
        yield fail("sts.too-big", url=url)
    elif page.error:
        yield fail("sts.unreachable", url=url, reason=page.detail or page.error)
    elif 300 <= page.status < 400:
        yield fail("sts.redirect", url=url, status=page.status)  # 3.3: must not be followed
    elif page.status != 200:
        yield fail("sts.status", url=url, status=page.status)
    else:
        yield ok("sts.fetched", url=url)
        cert = read(page.certificate) if page.certificate else None
        if cert is not None and (days := cert.days(net.now())) < SOON:
            yield warn("sts.certificate-ends", url=url, days=days)
        yield from _body(subject, identity, page, net)


def _body(subject: Subject, identity: str, page: Page, net: Network) -> Iterator[Finding]:
    kind = page.headers.get("content-type", "").partition(";")[0].strip().lower()
    yield ok("sts.type") if kind == "text/plain" else warn("sts.wrong-type", type=kind or "—")
    try:
        policy = parse_policy(page.body)
    except PolicyFault as fault:
        yield fail("sts.invalid", line=fault.line)
        return
    yield info("sts.unknown-keys", keys=list(policy.unknown)) if policy.unknown else ok("sts.valid")
    yield from _judge(subject, policy, net)
    yield from _moving(subject, policy)
    hosts = [mx.host for mx in exchanges(subject.name, net)[0] if mx.host]
    missing = [host for host in hosts if not policy.covers(host)]
    if missing and policy.mode == "enforce":
        yield critical("sts.mx-refused", hosts=missing)
    elif missing and policy.mode == "testing":
        yield warn("sts.mx-missing", hosts=missing)
    else:
        yield ok("sts.mx")
    unused = [pattern for pattern in policy.hosts if not any(_fits(pattern, host) for host in hosts)]
    if unused and hosts:
        yield info("sts.mx-unused", patterns=unused)
    memory, digest = f"sts:{identity}", hashlib.sha256(page.body).hexdigest()
    remembered = subject.memory.get(memory, digest)
    if remembered != digest:
        yield fail("sts.same-id", id=identity)
    else:
        yield ok("sts.id-fresh", remember={memory: digest})


def _judge(subject: Subject, policy: Policy, net: Network) -> Iterator[Finding]:
    facts: dict[str, Any] = {"seconds": policy.max_age}
    if policy.max_age <= 86400 and policy.mode != "none":
        yield warn("sts.age-short", **facts)
    elif policy.max_age < 604800:
        yield info("sts.age-low", **facts)
    else:
        yield ok("sts.age", **facts)
    if policy.mode == "testing":
        begun = datetime.fromisoformat(subject.memory.get("sts-testing") or net.now().isoformat())
        remember = {"sts-testing": begun.isoformat()}
        late = net.now() - begun > PATIENCE
        yield (warn if late else info)("sts.testing" if late else "sts.trying", remember=remember)
    elif policy.mode == "none":
        yield info("sts.off")
    else:
        yield ok("sts.enforce")
