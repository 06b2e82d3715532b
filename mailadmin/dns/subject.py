"""What we know before we ask: the domain and the server it should use."""

from dataclasses import dataclass, field
from datetime import datetime

from .names import Address


@dataclass(frozen=True, slots=True)
class Key:
    """A DKIM key of the mail server: the public half, as SubjectPublicKeyInfo (RFC 5280, 4.1)."""

    selector: str
    public: bytes
    created: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seen:
    """From DMARC reports of the last 30 days: what one source sent in the domain's name."""

    source: str
    letters: int
    aligned: int  # of them, those that pass SPF or DKIM aligned
    own: bool = False  # a source of ours
    strict: int = 0  # of the aligned, those that are so with strict alignment, too


@dataclass(frozen=True, slots=True)
class Selector:
    """A selector that signed for the domain in a report. `own`: the letter came from an address of ours."""

    name: str
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What the DMARC reports of the last 60 days show of who sends and signs.

    `since`: when the first of them begins. `passing`: (source, end of the last report with it) of those that
    passed SPF aligned, the most letters first. `whole`: none were left out.
    """

    since: datetime
    passing: tuple[tuple[str, datetime], ...] = ()
    whole: bool = True
    selectors: tuple[Selector, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """`addresses` is "ours" of rule E8: the public set, never a container's address."""

    host: str
    addresses: frozenset[Address] = frozenset()
    sending: frozenset[Address] = frozenset()  # when it sends from other addresses than it receives on
    ehlo: str = ""
    authority: str = "letsencrypt.org"  # the CA that issues our certificates, as CAA writes it
    account: str = ""  # accounturi, RFC 8657
    validation: str = "http-01"
    backups: frozenset[str] = frozenset()  # declared backup MX hosts
    filters: frozenset[str] = frozenset()  # declared outside filters that receive for us
    offered: frozenset[str] = frozenset({"imaps", "submissions", "submission", "imap"})
    sts_mode: str = "testing"
    reports: str = ""  # where DMARC and TLS reports should go
    panel: str = ""  # the name we say in EHLO when we probe (rule E11)
    canary: str = ""  # a mailbox of ours for sign-in probes and test mail
    canary_password: str = field(default="", repr=False)
    smart_host: bool = False  # mail leaves through somebody else
    outbound: tuple[str, ...] = ()  # large servers whose port 25 is tried
    web: str = ""  # where the server's clock is read (HTTP Date); the mail host when empty
    rdap: str = ""  # who is asked about registrations and routes; nobody when empty
    rpki: str = ""
    complaints: str = ""  # Gmail's Postmaster Tools; nobody when there is no key
    complaints_key: str = field(default="", repr=False)  # JSON: client_id, client_secret, refresh_token
    profile: str = ""  # address of the profile for Apple devices, with %s for the domain
    witness: str = ""  # who looks at our ports from outside; nobody when empty
    witness_secret: str = field(default="", repr=False)
    next_key: bytes = b""  # SubjectPublicKeyInfo of the certificate that comes next
    served: tuple[bytes, ...] = ()  # the same of the certificates that port 25 shows now

    @property
    def name(self) -> str:
        return self.ehlo or self.host

    @property
    def senders(self) -> list[Address]:
        return sorted(self.sending or self.addresses, key=lambda ip: (ip.version, int(ip)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    name: str
    server: MailServer
    parked: bool = False  # carries no mail on purpose
    signs: bool = True
    keys: tuple[Key, ...] = ()
    retired: frozenset[str] = frozenset()  # selectors taken back on purpose
    addresses: frozenset[str] = frozenset()  # our own mailboxes named in records
    since: dict[str, datetime] = field(default_factory=dict)  # code → first seen, for "after 30 days"
    memory: dict[str, str] = field(default_factory=dict)  # remembered between runs, e.g. MTA-STS id → hash
    moving: bool = False
    catch_all: bool = False  # takes mail for every local part, on purpose
    seen: tuple[Seen, ...] | None = None  # None: no reports are read
    reported: Reported | None = None  # None: there are no reports
    other_keys: dict[str, str] = field(default_factory=dict)  # fingerprint → other domain with that key
