"""The brake as a thief meets it: through Dovecot's PROXY door, with an address of the thief's own."""

import socket
from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.mailserver.outside import proxy_header
from tests.stack import PASSWORD, Stack, eventually

THIEF, OWNER = "198.51.100.66", "203.0.113.5"


def signs_in(stack: Stack, address: str, password: str, remote: str) -> bool:
    """LOGIN over TLS behind a balancer that says where the person really is."""
    with socket.create_connection(("127.0.0.1", stack.ports["imaps_proxy"]), 30) as plain:
        plain.sendall(proxy_header(remote))
        with (
            stack.tls.wrap_socket(plain, server_hostname="localhost") as secure,
            secure.makefile("rb") as answers,
        ):
            answers.readline()
            secure.sendall(f'a LOGIN "{address}" "{password}"\r\n'.encode())
            return answers.readline().startswith(b"a OK")


def is_shut(stack: Stack, address: str) -> bool:
    """What Dovecot would be told; asking changes nothing."""
    question = {"remote": THIEF, "login": address}
    return bool(httpx.post(f"{stack.api_url}/authpolicy?command=allow", json=question).json()["status"])


def test_a_thief_is_shut_out_and_the_owner_and_the_webmail_are_not(stack: Stack) -> None:
    ann, _ = stack.create_mailbox()
    assert signs_in(stack, ann, PASSWORD, THIEF)
    with ThreadPoolExecutor(10) as guesses:
        assert not any(guesses.map(lambda n: signs_in(stack, ann, f"guess-{n}", THIEF), range(10)))
    # Dovecot may report a failure a moment after it answered.
    eventually(lambda: is_shut(stack, ann))
    assert not signs_in(stack, ann, PASSWORD, THIEF), "even with the right one"
    assert signs_in(stack, ann, PASSWORD, OWNER)
    with stack.imap(ann) as webmail:
        assert webmail.noop()[0] == "OK"
