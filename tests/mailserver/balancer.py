"""A real haproxy in front of the PROXY twins, as Traefik would be."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.stack import Stack

NAMES = ("smtp", "submission", "submissions", "imap", "imaps", "sieve")
HEAD = """\
global
  maxconn 200
defaults
  mode tcp
  timeout connect 5s
  timeout client 60s
  timeout server 60s
"""


class Balancer:
    """`direct`: haproxy tells who connected. `behind`: it passes on what another one in front of it says."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.direct = {name: _free_port() for name in NAMES}
        self.behind = {name: _free_port() for name in NAMES}

    def configuration(self) -> str:
        parts = [HEAD]
        for name in NAMES:
            target = f"  server postie 127.0.0.1:{self.stack.ports[f'{name}_proxy']} send-proxy-v2\n"
            binds = f"  bind 127.0.0.1:{self.direct[name]}\n  bind [::1]:{self.direct[name]}\n"
            parts.append(f"listen {name}\n{binds}{target}")
            parts.append(f"listen {name}-behind\n  bind 127.0.0.1:{self.behind[name]} accept-proxy\n{target}")
        return "".join(parts)


@contextlib.contextmanager
def balancer(stack: Stack, directory: Path) -> Iterator[Balancer]:
    found = Balancer(stack)
    file = directory / "haproxy.cfg"
    file.write_text(found.configuration())
    process = subprocess.Popen(["haproxy", "-db", "-f", str(file)], stderr=subprocess.DEVNULL)
    try:
        _wait(found.direct["imap"])
        yield found
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait(port: int) -> None:
    deadline = time.monotonic() + 15
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
