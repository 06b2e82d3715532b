"""Opening the services of a mail server, up to the point where a client would sign in."""

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailadmin.dns.network import Network, Unreachable

from .dialogue import MOST_LINES, Dialogue, Reply, smtp_reply


@dataclass(frozen=True, slots=True)
class Service:
    """`wrapped`: TLS from the first byte; else it begins in the clear and STARTTLS follows."""

    port: int
    name: str
    protocol: str
    wrapped: bool = False
    public: bool = False  # for strangers' servers, not for clients


SERVICES = (
    Service(25, "SMTP", "smtp", public=True),
    Service(465, "SMTPS", "smtp", wrapped=True),
    Service(587, "Submission", "smtp"),
    Service(993, "IMAPS", "imap", wrapped=True),
    Service(143, "IMAP", "imap"),
    Service(995, "POP3S", "pop3", wrapped=True),
    Service(110, "POP3", "pop3"),
    Service(4190, "ManageSieve", "sieve"),
)
BY_PORT = {service.port: service for service in SERVICES}


@dataclass(slots=True)
class Session:
    """What a service said. `before` and `after` TLS: capabilities in upper case, SMTP without the name."""

    service: Service
    talk: Dialogue
    greeting: str = ""
    waited: float = 0.0
    hello: str = ""  # the name in its answer to EHLO
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)

    def smtp(self, text: str) -> Reply:
        self.talk.send(text)
        return self.reply()

    def reply(self) -> Reply:
        return smtp_reply(self.talk)

    def imap(self, text: str) -> list[str]:
        """The untagged lines and the tagged one last."""
        self.talk.send(f"a {text}")
        return self._until("a ")

    def _until(self, mark: str) -> list[str]:
        lines: list[str] = []
        while len(lines) < MOST_LINES:
            lines.append(self.talk.line())
            if lines[-1].startswith(mark):
                return lines
        raise Unreachable("garbled", "an answer without an end")

    def greet(self) -> None:
        started = time.monotonic()
        if self.service.protocol == "smtp":
            reply = smtp_reply(self.talk)
            if reply.code != 220:
                raise Unreachable("busy" if reply.later else "closed", reply.text)
            self.greeting = reply.lines[0]
        elif self.service.protocol == "sieve":
            self.before = [line.upper() for line in self._until("OK")]
            self.greeting = self.before[0]
        else:
            self.greeting = self.talk.line()
            if not self.greeting.startswith(("* OK", "* PREAUTH", "+OK")):
                raise Unreachable("garbled", self.greeting[:60])
        self.waited = time.monotonic() - started

    def capabilities(self, own_name: str) -> list[str]:
        if self.service.protocol == "smtp":
            reply = self.smtp(f"EHLO {own_name}")
            if not reply.good:
                raise Unreachable("busy" if reply.later else "closed", reply.text)
            self.hello = reply.lines[0].split(" ")[0].lower()
            return [line.upper() for line in reply.lines[1:]]
        if self.service.protocol == "imap":
            lines = self.imap("CAPABILITY")
            return [w for line in lines if line.startswith("* CAPABILITY") for w in line.upper().split()[2:]]
        if self.service.protocol == "pop3":
            self.talk.send("CAPA")
            return [line.upper() for line in self._until(".")][1:-1]
        return self.before

    def start_tls(self, context: ssl.SSLContext, name: str) -> None:
        """Asks for TLS in the protocol's own words, then shakes hands."""
        self.ask_for_tls()
        self.talk.secure(context, name)

    def ask_for_tls(self) -> None:
        words, good = {
            "smtp": ("STARTTLS", "220"),
            "imap": ("a STARTTLS", "a OK"),
            "pop3": ("STLS", "+OK"),
            "sieve": ("STARTTLS", "OK"),
        }[self.service.protocol]
        self.talk.send(words)
        answer = self.talk.line()
        if not answer.startswith(good):
            raise Unreachable("busy" if answer.startswith("4") else "closed", answer[:60])

    @property
    def offers_tls(self) -> bool:
        wanted = {"smtp": "STARTTLS", "imap": "STARTTLS", "pop3": "STLS", "sieve": '"STARTTLS"'}
        return wanted[self.service.protocol] in [word.strip() for word in self.before]

    @property
    def clear_sign_in(self) -> list[str]:
        """The ways to sign in that are offered before TLS: none is right (RFC 8314, 3.3)."""
        if self.service.protocol == "smtp":
            return [word for word in self.before if word.startswith(("AUTH ", "AUTH="))]
        if self.service.protocol == "imap":
            mechanisms = [word for word in self.before if word.startswith("AUTH=")]
            return mechanisms + ([] if "LOGINDISABLED" in self.before else ["LOGIN"])
        if self.service.protocol == "pop3":
            return [word for word in self.before if word.split(" ")[0] in ("USER", "SASL")]
        return [word for word in self.before if word.startswith('"SASL"') and word != '"SASL" ""']


@contextmanager
def opened(net: Network, ip: str, service: Service) -> Iterator[Session]:
    """A bare connection: nothing read yet."""
    with Dialogue(net.connect(ip, service.port)) as talk:
        yield Session(service, talk)


@contextmanager
def greeted(net: Network, ip: str, service: Service, own_name: str) -> Iterator[Session]:
    """Up to the capabilities in the clear (for a service that is not wrapped in TLS)."""
    with opened(net, ip, service) as session:
        session.greet()
        session.before = session.capabilities(own_name)
        yield session


@contextmanager
def secured(net: Network, ip: str, service: Service, name: str, own_name: str) -> Iterator[Session]:
    """As a client that checks the certificate for `name`; raises ssl.SSLCertVerificationError."""
    context = trusting(net)
    with opened(net, ip, service) as session:
        if service.wrapped:
            session.talk.secure(context, name)
            session.greet()
        else:
            session.greet()
            session.before = session.capabilities(own_name)
            session.start_tls(context, name)
            if service.protocol == "sieve":
                session.greet()  # RFC 5804, 2.2: the capabilities come again by themselves
        session.after = session.capabilities(own_name)
        yield session


def trusting(net: Network) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if net.authorities:
        context.load_verify_locations(net.authorities)
    return context


def unchecked() -> ssl.SSLContext:
    """To look at what is there, whoever it is: as senders without a policy do (RFC 7435)."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
