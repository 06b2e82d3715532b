"""How fast domains are verified. usage: python -m benchmarks.dns [DOMAINS]

Serves the zones from a real knot through a real unbound on loopback (tests/mailadmin/dns/zoo.py); every
exchange is held back 20 ms, as if the servers were that far away. Prints the figures of docs/benchmarks.md.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mailadmin.dns import suite, wire
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.dns.subject import Key, Subject
from tests.mailadmin.dns import cases, zoo

DELAY = 0.020
AT_ONCE = 12


def far(questions: Sequence[wire.Question]) -> list[wire.Reply]:
    time.sleep(DELAY)
    return wire.exchange(questions)


def main(count: int) -> None:
    key = Key("s", cases.GOOD_KEY)
    good = (
        '@ MX 10 mail.zoo.test.\n@ TXT "v=spf1 a:mail.zoo.test include:good.zoo.test -all"\n'
        '_dmarc TXT "v=DMARC1; p=reject; rua=mailto:d@zoo.test"\n' + cases.key_text(cases.RSA)
    )
    root = Path(tempfile.mkdtemp(prefix="postie-dns-"))
    root.chmod(0o755)
    zones = {f"b{number}": good for number in range(count)} | {"signed-bogus": "@ A 203.0.113.10"}
    world = zoo.Zoo(root, zones, {})
    world.start()
    settings = Settings(zoo.RESOLVER, 53, secure_name="test", bogus_name="signed-bogus.zoo.test")
    subjects = [Subject(name=f"b{n}.zoo.test", server=cases.SERVER, keys=(key,)) for n in range(count)]
    try:
        started = time.monotonic()
        report = suite.run(subjects[0], Resolver(settings, transport=far))
        print(f"one domain: {time.monotonic() - started:.2f} s, {len(report.findings)} findings")
        network = Resolver(settings, transport=far)
        workers = ThreadPoolExecutor(AT_ONCE * 4)
        started = time.monotonic()
        with ThreadPoolExecutor(AT_ONCE) as domains:
            found = list(
                domains.map(lambda about: suite.run(about, network, executor=workers).status, subjects)
            )
        seconds = time.monotonic() - started
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{len(found)} domains: {seconds:.1f} s, {len(found) / seconds:.1f} per second, {memory:.0f} MiB"
        )
        workers.shutdown()
    finally:
        world.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
