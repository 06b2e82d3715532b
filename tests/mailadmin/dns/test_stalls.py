"""Servers that stop for a while are asked again as soon as they go on; a second zoo does not start."""

import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rcode
import pytest

from tests.mailadmin.dns import cases, zoo
from tests.stack import Stack, eventually

GOOD = [name for name in cases.ZONES if name not in cases.LIARS and not name.startswith(("signed-", "all-"))]
STALL = 4.0  # seconds: enough for unbound to call a server "down"


def rcode(name: str, seconds: float) -> str:
    question = dns.message.make_query(name, "SOA")
    try:
        return dns.rcode.to_text(dns.query.udp(question, zoo.RESOLVER, timeout=seconds).rcode())
    except dns.exception.Timeout:
        return "timeout"


def test_the_resolver_asks_again_when_stalled_servers_go_on(
    zoo_world: zoo.Zoo,
) -> None:
    """With unbound's own settings the servers stay "down" for minutes: everything is unknown until then."""
    servers = zoo_world.processes[:2]
    for server in servers:
        server.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(16) as asking:
            until, count = time.monotonic() + STALL, 0
            while time.monotonic() < until:
                count += 1
                names = [f"stalled{count}-{n}.{GOOD[n]}.zoo.test" for n in range(16)]
                stalled = list(asking.map(lambda name: rcode(name, 0.5), names))
    finally:
        for server in servers:
            server.send_signal(signal.SIGCONT)
    assert set(stalled) <= {"timeout", "SERVFAIL"}
    left = set(GOOD[:16])

    def all_answer() -> bool:
        for name in sorted(left):
            if rcode(f"after-{time.monotonic_ns()}.{name}.zoo.test", 1.0) in ("NOERROR", "NXDOMAIN"):
                left.discard(name)
        return not left

    assert eventually(all_answer, 30), left


def test_the_mail_servers_resolver_has_the_same_care(stack: Stack) -> None:
    control = ["unbound-control", "-c", str(stack.root / "etc/unbound/unbound.conf"), "get_option"]

    def option(name: str) -> str:
        told = subprocess.run([*control, name], check=True, capture_output=True, timeout=10, text=True)
        return told.stdout.strip()

    assert int(option("infra-host-ttl")) <= 30
    assert option("infra-keep-probing") == "yes"
    assert option("so-reuseport") == "no"


def test_a_second_zoo_says_that_one_runs(zoo_world: zoo.Zoo, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=f"{zoo.PARENT}, .*{zoo.RESOLVER}.* still runs there"):
        zoo.Zoo(tmp_path, {}, {}).start()


def test_its_programs_end_with_whoever_started_them(tmp_path: Path) -> None:
    """SIGKILL: nobody can clean up, the kernel does."""
    code = (
        "import pathlib, sys, time\n"
        "from tests.mailadmin.dns import zoo\n"
        "world = zoo.Zoo(pathlib.Path(sys.argv[1]), {}, {})\n"
        "world._run(['sleep', '600'], world.root / 'log')\n"
        "print(world.processes[0].pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = Path(f"/proc/{int(parent.stdout.readline())}")
    assert eventually(lambda: "sleep" in (child / "comm").read_text())
    parent.kill()
    parent.wait(10)
    parent.stdout.close()
    assert eventually(lambda: not child.exists() or "(zombie)" in (child / "status").read_text())
