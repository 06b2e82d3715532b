"""V10 after the handshake: renegotiation and early data, against openssl's own server and a sound one."""

import contextlib
import re
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from mailadmin.dns import suite
from mailadmin.dns.finding import Finding
from mailadmin.dns.service import hello
from mailadmin.dns.service.sessions import BY_PORT
from mailadmin.dns.service.survey import Asker, Survey
from mailadmin.dns.service.tls import _faults
from tests.mailadmin.dns.servers import HOST, OURS, Authority, Loopback, Smtp, serve
from tests.mailadmin.dns.test_service_tls import ABOUT
from tests.mailadmin.dns.words import filled


@contextlib.contextmanager
def s_server(authority: Authority, *options: str) -> Iterator[int]:
    """openssl s_server with these options; gives its port."""
    program = shutil.which("openssl")
    assert program, "openssl is not installed (scripts/install.sh)"
    before = set(authority.folder.glob("*.pem"))
    authority.context()
    (pem,) = (path for path in authority.folder.glob("*.pem") if path not in before)
    command = [program, "s_server", "-accept", "127.0.0.1:0", "-cert", str(pem), "-key", str(pem), *options]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout
        found = next(m for line in process.stdout if (m := re.match(r"ACCEPT .*:(\d+)", line)))
        yield int(found[1])
    finally:
        process.kill()
        process.communicate(timeout=10)


def after(port: int, version: int, *, wrapped: bool = True) -> list[Finding]:
    service = BY_PORT[465 if wrapped else 25]
    net = Loopback(ports={service.port: port})
    seen = Survey(versions=[version])
    Asker(net, OURS, service, HOST, "panel.test").after(version, seen)
    found = list(_faults(seen, [], str(service.port)))
    filled(found)
    return found


@pytest.mark.parametrize(
    ("options", "version", "expected"),
    [
        (("-tls1_2", "-client_renegotiation"), hello.TLS12, ["tls.renegotiation-client"]),
        (("-tls1_2",), hello.TLS12, []),
        (("-tls1_2", "-no_renegotiation"), hello.TLS12, []),
        (("-tls1_3", "-early_data"), hello.TLS13, ["tls.early-data"]),
        (("-tls1_3",), hello.TLS13, []),
        (("-tls1_2",), hello.TLS13, []),  # it hangs up: it allows nothing
    ],
)
def test_what_is_allowed_after_the_handshake(
    options: tuple[str, ...], version: int, expected: list[str]
) -> None:
    with s_server(Authority(), *options) as port:
        found = after(port, version)
    assert [f.code for f in found] == expected
    assert {str(f.status) for f in found} <= {"warn"}


@pytest.mark.parametrize("version", [hello.TLS12, hello.TLS13])
def test_a_sound_server_with_starttls(version: int) -> None:
    smtp = Smtp(context=Authority().context()[0])
    with serve(smtp) as port:
        assert after(port, version, wrapped=False) == []
    assert {line.split(" ")[0] for line in smtp.heard} <= {"EHLO", "STARTTLS"}


def test_the_whole_check_says_so() -> None:
    with s_server(Authority(), "-client_renegotiation", "-early_data") as port:
        net = Loopback(ports={465: port})
        found = suite.judge(suite.EVERY["tls"], ABOUT, net)
    filled(found)
    assert {"tls.renegotiation-client", "tls.early-data"} <= {f.code for f in found}
