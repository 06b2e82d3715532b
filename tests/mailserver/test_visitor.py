"""Who is calling: through a real haproxy, and from the web, every program sees the visitor's address."""

import contextlib
import imaplib
import ipaddress
import re
import smtplib
import socket
import struct
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from typing import Any

import httpx
import pytest
from django.test import Client

from mailserver.api.brake import PER_ADDRESS_AND_ACCOUNT
from postie_web.lib.credentials import Credentials
from tests.mailserver.balancer import Balancer, balancer
from tests.mailserver.outside import Outside, letter
from tests.stack import Stack, eventually
from tests.webmail.views.test_compose import opened
from webmail import connections
from webmail.imap.errors import Unauthorized

ELSEWHERE = "127.0.77.5"  # loopback is a /8: another machine, for whoever looks at the address
VISITOR, VISITOR6 = "203.0.113.77", "2001:db8:77::5"


@pytest.fixture(scope="module")
def front(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balancer]:
    with balancer(stack, tmp_path_factory.mktemp("haproxy")) as found:
        yield found


def header(visitor: str) -> bytes:
    """PROXY protocol v2 of the balancer in front of ours."""
    source = ipaddress.ip_address(visitor)
    target = ipaddress.ip_address("192.0.2.1" if source.version == 4 else "2001:db8::1")
    body = source.packed + target.packed + struct.pack("!HH", 40000, 25)
    family = b"\x11" if source.version == 4 else b"\x21"
    return b"\r\n\r\n\x00\r\nQUIT\n\x21" + family + struct.pack("!H", len(body)) + body


class Sender(smtplib.SMTP):
    """SMTP through the balancer, behind another one that says `visitor`."""

    def __init__(self, port: int, visitor: str) -> None:
        self.visitor = visitor
        super().__init__("127.0.0.1", port, local_hostname="mx.six.test", timeout=60)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.create_connection((host, port), timeout)
        connection.sendall(header(self.visitor))
        return connection


def connected_from(stack: Stack, address: str) -> bool:
    return f"[{address}]" in stack.log("postfix")


@pytest.mark.parametrize(("where", "source"), [("127.0.0.1", ELSEWHERE), ("::1", "::1")])
def test_port_25_sees_who_connected_to_the_balancer(
    stack: Stack, front: Balancer, where: str, source: str
) -> None:
    before = stack.log("postfix").count(f"CONNECT from [{source}]")
    with smtplib.SMTP(where, front.direct["smtp"], source_address=(source, 0), timeout=60) as smtp:
        assert smtp.ehlo()[0] == 250
    eventually(lambda: stack.log("postfix").count(f"CONNECT from [{source}]") > before)


@pytest.mark.parametrize(("where", "source"), [("127.0.0.1", ELSEWHERE), ("::1", "::1")])
def test_submission_sees_who_connected_to_the_balancer(
    stack: Stack, front: Balancer, where: str, source: str
) -> None:
    ana, password = stack.create_mailbox()
    with smtplib.SMTP(where, front.direct["submission"], source_address=(source, 0), timeout=60) as smtp:
        smtp._host = "localhost"  # type: ignore[attr-defined]  # the name in the certificate
        smtp.starttls(context=stack.tls)
        smtp.login(ana, password)
        smtp.sendmail(ana, [ana], letter(ana, ana))
    pattern = re.compile(rf"client=\S*\[{re.escape(source)}\].*sasl_username={re.escape(ana)}")
    eventually(lambda: pattern.search(stack.log("postfix")))


@pytest.mark.parametrize(("where", "source"), [("127.0.0.1", ELSEWHERE), ("::1", "::1")])
def test_imap_sees_who_connected_to_the_balancer(
    stack: Stack, front: Balancer, where: str, source: str
) -> None:
    ana, password = stack.create_mailbox()
    with socket.create_connection((where, front.direct["imaps"]), 30, source_address=(source, 0)) as plain:
        log_in(stack, plain, ana, password)
    eventually(lambda: signed_in_from(stack, ana, source))


def log_in(stack: Stack, plain: socket.socket, address: str, password: str) -> str:
    with stack.tls.wrap_socket(plain, server_hostname="localhost") as tls, tls.makefile("rb") as answers:
        answers.readline()
        tls.sendall(f'a LOGIN "{address}" "{password}"\r\n'.encode())
        return str(answers.readline().split()[1].decode())


def signed_in_from(stack: Stack, address: str, source: str) -> bool:
    return bool(re.search(rf"Login: user=<{address}>.*rip={re.escape(source)},", stack.log("dovecot")))


@pytest.mark.parametrize("visitor", [VISITOR, VISITOR6])
def test_a_chain_of_balancers_keeps_the_visitor(stack: Stack, front: Balancer, visitor: str) -> None:
    ana, password = stack.create_mailbox()
    with socket.create_connection(("127.0.0.1", front.behind["imaps"]), 30) as plain:
        plain.sendall(header(visitor))
        log_in(stack, plain, ana, password)
    eventually(lambda: signed_in_from(stack, ana, visitor))


@pytest.mark.parametrize(
    ("visitor", "verdict"), [("2001:db8:6::25", "pass"), ("2001:db8:666::25", "softfail")]
)
def test_spf_judges_the_visitor_also_of_ipv6(
    stack: Stack, outside: Outside, front: Balancer, visitor: str, verdict: str
) -> None:
    outside.add('six.test. 60 IN TXT "v=spf1 ip6:2001:db8:6::/48 ~all"', "six.test. 60 IN MX 10 mx.six.test.")
    outside.add("mx.six.test. 60 IN AAAA 2001:db8:6::25")
    ana, _ = stack.create_mailbox()
    raw = letter("eva@six.test", ana, f"Six {uuid.uuid4().hex}")

    def accepted() -> bool:
        try:
            with Sender(front.behind["smtp"], visitor) as smtp:
                smtp.sendmail("eva@six.test", [ana], raw)
        except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused, smtplib.SMTPServerDisconnected):
            return False
        return True

    eventually(accepted, 40)
    arrived = eventually(lambda: stack.messages(ana) + stack.messages(ana, "Junk"))[0]
    checked = str(message_from_bytes(arrived)["Authentication-Results"])
    assert f"spf={verdict}" in checked
    assert f"[IPv6:{visitor}]" in str(message_from_bytes(arrived).get_all("Received"))


def test_guesses_from_one_ipv6_network_shut_only_that_network_out(stack: Stack, front: Balancer) -> None:
    ana, password = stack.create_mailbox()

    def answer(visitor: str, word: str) -> str:
        with socket.create_connection(("127.0.0.1", front.behind["imaps"]), 60) as plain:
            plain.sendall(header(visitor))
            return log_in(stack, plain, ana, word)

    # Dovecot answers each wrong guess later than the one before; all at once they wait together.
    with ThreadPoolExecutor(PER_ADDRESS_AND_ACCOUNT) as guesses:
        tried = guesses.map(
            lambda n: answer(f"2001:db8:bad:1::{n + 1}", f"guess-{n}"), range(PER_ADDRESS_AND_ACCOUNT)
        )
        assert set(tried) == {"NO"}

    def is_shut(remote: str) -> bool:
        """What Dovecot would be told; asking changes nothing, a right password forgets the wrong ones."""
        question = {"remote": remote, "login": ana}
        return bool(httpx.post(f"{stack.api_url}/authpolicy?command=allow", json=question).json()["status"])

    eventually(lambda: is_shut("2001:db8:bad:1::ffff"))
    assert answer("2001:db8:bad:1::ffff", password) == "NO"
    assert answer("2001:db8:bad:2::1", password) == "OK"


# From the web


@pytest.fixture
def telling(stack: Stack, postie_settings: Any) -> Iterator[Any]:
    """The web passes its visitor on, and stands behind one proxy itself."""
    settings = postie_settings
    settings.IMAP_PORT, settings.IMAP_PROXY_PROTOCOL = stack.ports["imap_proxy"], True
    settings.SMTP_PORT, settings.SMTP_PROXY_PROTOCOL = stack.ports["submission_proxy"], True
    settings.IMAP_SERVER_NAME = settings.SMTP_SERVER_NAME = "localhost"
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    connections.pool.cache_clear()
    yield settings
    connections.pool().close()
    connections.pool.cache_clear()


def browser(visitor: str) -> Client:
    """Its proxy wrote down who came; what the visitor claims stands further left and is not believed."""
    return Client(headers={"X-Forwarded-For": f"192.0.2.99, {visitor}"})


@pytest.mark.django_db
@pytest.mark.usefixtures("telling")
@pytest.mark.parametrize("visitor", [VISITOR, VISITOR6])
def test_the_webs_visitor_stands_in_the_logs_of_imap_and_smtp(stack: Stack, visitor: str) -> None:
    ana, password = stack.create_mailbox()
    client = browser(visitor)
    assert client.post("/login", {"address": ana, "password": password}).status_code == 302
    eventually(lambda: signed_in_from(stack, ana, visitor))
    letter_form = opened(client) | {"to": ana, "subject": "Hola", "text": "Hola", "action": "send"}
    assert client.post("/compose/", letter_form).status_code == 302
    eventually(lambda: stack.messages(ana))
    pattern = re.compile(rf"client=\S*\[{re.escape(visitor)}\].*sasl_username={re.escape(ana)}")
    eventually(lambda: pattern.search(stack.log("postfix")))
    assert visitor not in stack.messages(ana)[0].decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("telling")
def test_a_guesser_on_the_web_is_shut_out_of_imap_and_others_are_not(stack: Stack) -> None:
    """Our own throttle stops a browser first; so the guesses go where the web would send them."""
    ana, password = stack.create_mailbox()

    def guess(number: int) -> None:
        with pytest.raises(Unauthorized):
            connections.verify(Credentials(address=ana, password=f"guess-{number}", client_address=VISITOR))

    with ThreadPoolExecutor(PER_ADDRESS_AND_ACCOUNT) as guesses:
        list(guesses.map(guess, range(PER_ADDRESS_AND_ACCOUNT)))

    question = {"remote": VISITOR, "login": ana}
    eventually(
        lambda: httpx.post(f"{stack.api_url}/authpolicy?command=allow", json=question).json()["status"]
    )
    answer = browser(VISITOR).post("/login", {"address": ana, "password": password})
    assert answer.status_code == 422
    answer = browser("203.0.113.78").post("/login", {"address": ana, "password": password})
    assert answer.status_code == 302


def test_a_balancer_is_believed_only_from_inside(stack: Stack) -> None:
    """Without a header the PROXY port gives nothing: nobody becomes a visitor by leaving it out."""
    with socket.create_connection(("127.0.0.1", stack.ports["imap_proxy"]), 20) as plain:
        plain.sendall(b"a LOGIN x y\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert b"OK" not in plain.recv(200)
    with pytest.raises((imaplib.IMAP4.error, OSError)):
        imaplib.IMAP4("127.0.0.1", stack.ports["imap_proxy"], timeout=10)
