"""Postie beside checkdmarc: the same zones, one after the other, three rounds, medians and their ratio.

    python3 -m venv /var/tmp/checkdmarc && /var/tmp/checkdmarc/bin/pip install checkdmarc==6.0.4
    python -m benchmarks.dns_peers /var/tmp/checkdmarc/bin/python [DOMAINS]

Every answer comes 20 ms late: for checkdmarc a relay before the resolver holds it back, for Postie, which
also asks each authoritative server, every exchange is. checkdmarc is measured as it is (a list, one
after the other) and with twelve threads put around it; Postie works on twelve domains at once, with its whole
suite and with the checks both have: SPF, DMARC, MX, NS and SOA, DNSSEC, MTA-STS, TLS-RPT.
"""

import asyncio
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from benchmarks.dns import AT_ONCE, DELAY, far
from mailadmin.dns import suite
from mailadmin.dns.finding import Status
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.dns.subject import Key, Subject
from tests.mailadmin.dns import cases, zoo

ROUNDS = 3
MOST_SECONDS = 900


class Relay(asyncio.DatagramProtocol):
    """A resolver that is 20 ms away."""

    transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        asyncio.get_running_loop().create_task(self._pass_on(data, address))

    async def _pass_on(self, data: bytes, address: tuple[str, int]) -> None:
        loop, answer = asyncio.get_running_loop(), asyncio.get_running_loop().create_future()

        class Asking(asyncio.DatagramProtocol):
            def datagram_received(self, reply: bytes, _address: object) -> None:
                if not answer.done():
                    answer.set_result(reply)

        asking, _ = await loop.create_datagram_endpoint(Asking, remote_addr=(zoo.RESOLVER, 53))
        try:
            asking.sendto(data)
            reply = await asyncio.wait_for(answer, 5)
            await asyncio.sleep(DELAY)
            self.transport.sendto(reply, address)
        except TimeoutError:
            return
        finally:
            asking.close()


async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The same over TCP, for answers that do not fit."""
    there, thither = await asyncio.open_connection(zoo.RESOLVER, 53)
    try:
        while True:
            for source, target in ((reader, thither), (there, writer)):
                length = await source.readexactly(2)
                message = await source.readexactly(int.from_bytes(length, "big"))
                target.write(length + message)
                await asyncio.sleep(DELAY / 2)
    except (asyncio.IncompleteReadError, OSError):
        return
    finally:
        writer.close()
        thither.close()


@contextmanager
def relay() -> Iterator[int]:
    """Its port on 127.0.0.1."""
    loop = asyncio.new_event_loop()
    opening = loop.create_datagram_endpoint(Relay, local_addr=("127.0.0.1", 0))
    transport, _ = loop.run_until_complete(opening)
    port = transport.get_extra_info("sockname")[1]
    loop.run_until_complete(asyncio.start_server(pass_on, "127.0.0.1", port))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield port
    loop.call_soon_threadsafe(loop.stop)
    thread.join(5)


COMMON = ("zone", "mx", "host", "spf", "dmarc", "dnssec", "mta-sts", "tls-rpt")


def ours(settings: Settings, count: int, checks: dict[str, suite.Check]) -> tuple[float, int]:
    key = Key("s", cases.GOOD_KEY)
    subjects = [Subject(name=f"b{n}.zoo.test", server=cases.SERVER, keys=(key,)) for n in range(count)]
    network = Resolver(settings, transport=far)
    started = time.monotonic()
    with ThreadPoolExecutor(AT_ONCE * 4) as workers, ThreadPoolExecutor(AT_ONCE) as domains:
        reports = list(
            domains.map(lambda about: suite.run(about, network, checks=checks, executor=workers), subjects)
        )
    sound = sum(report.count(Status.UNKNOWN) < len(report.findings) for report in reports)
    return time.monotonic() - started, sound


def theirs(python: str, port: int, count: int, at_once: int) -> tuple[float, int]:
    script = Path(__file__).with_name("dns_peer.py")
    command = [python, "-P", str(script), "127.0.0.1", str(port), str(at_once), str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=MOST_SECONDS)
    found = json.loads(done.stdout)
    return found["seconds"], found["sound"]


def main(python: str, count: int) -> None:
    zone = (
        '@ MX 10 mail.zoo.test.\n@ TXT "v=spf1 a:mail.zoo.test include:good.zoo.test -all"\n'
        '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@zoo.test"\n' + cases.key_text(cases.RSA)
    )
    root = Path(tempfile.mkdtemp(prefix="postie-dns-"))
    root.chmod(0o755)
    world = zoo.Zoo(root, {f"b{n}": zone for n in range(count)} | {"signed-bogus": "@ A 203.0.113.10"}, {})
    world.start()
    settings = Settings(zoo.RESOLVER, 53, secure_name="test", bogus_name="signed-bogus.zoo.test")
    common = {name: check for name, check in suite.CHECKS.items() if name in COMMON}
    try:
        with relay() as port:
            runs: dict[str, Callable[[], tuple[float, int]]] = {
                "Postie, checks in common": lambda: ours(settings, count, common),
                "checkdmarc": lambda: theirs(python, port, count, 1),
                "Postie, whole suite": lambda: ours(settings, count, suite.CHECKS),
                "checkdmarc, twelve threads around it": lambda: theirs(python, port, count, AT_ONCE),
            }
            speeds: dict[str, list[float]] = {name: [] for name in runs}
            for _ in range(ROUNDS):
                for name, run in runs.items():
                    seconds, sound = run()
                    speeds[name].append(count / seconds)
                    if sound < count:
                        print(f"{name}: only {sound} of {count} were judged")
    finally:
        world.stop()
    first = speeds["Postie, checks in common"]
    print("| | domains a second (median) | Postie's checks in common against it, by round |\n|---|---|---|")
    for name, found in speeds.items():
        ratios = " · ".join(f"{a / b:.1f}" for a, b in zip(first, found, strict=True))
        print(f"| {name} | {statistics.median(found):.1f} | {ratios} |")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 60)
