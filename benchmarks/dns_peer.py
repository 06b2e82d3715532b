"""checkdmarc on the same zones, run by its own Python: benchmarks/dns_peers.py starts it.

usage: PYTHON benchmarks/dns_peer.py ADDRESS PORT AT_ONCE COUNT   prints seconds and how many it judged sound.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import checkdmarc  # type: ignore[import-not-found]
from dns.nameserver import Do53Nameserver


def main(address: str, port: int, at_once: int, count: int) -> None:
    servers = [Do53Nameserver(address, port)]

    def check(names: list[str]) -> int:
        found = checkdmarc.check_domains(names, nameservers=servers, timeout=5.0)
        many = found if isinstance(found, list) else [found]
        return sum(bool(one["spf"].get("valid") and one["dmarc"].get("valid")) for one in many)

    names = [f"b{number}.zoo.test" for number in range(count)]
    check(names[:1])  # its lists are read once, not timed
    started = time.monotonic()
    if at_once == 1:
        sound = check(names)
    else:
        with ThreadPoolExecutor(at_once) as pool:
            sound = sum(pool.map(check, [[name] for name in names]))
    print(json.dumps({"seconds": time.monotonic() - started, "sound": sound}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))
