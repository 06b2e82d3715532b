"""A throw-away server over restored data: it proves that people can sign in to what a backup brought back.

    python -m mailserver rehearse --root ROOT      (ROOT/data is there; everything else is made)

It is closed (no letter leaves), listens on free ports of loopback, says one line of JSON when it is ready,

    {"imaps": 3993, "api": 3380, "certificate": "ROOT/tls/mail.crt", "master": "postie", "password": "…",
     "seconds": 9.3}

and ends with its standard input: whoever started it can die in any way and nothing is left running.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from mailserver import leftovers
from mailserver.ports import ports, resolver_address
from mailserver.prepare import prepare
from mailserver.render import read_secrets
from mailserver.site import Site
from mailserver.wait import SERVER, until_ready

# Below the ports the kernel gives to clients, away from where servers are usually put.
BASES = range(3000, 12000, 1000)
SECONDS = 120
NEEDED = ("redis", "imap", "api")
CODE = Path(__file__).resolve().parent.parent


def rehearse(root: Path, hostname: str) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    started = time.monotonic()
    base = free_base()
    site = Site(root=root, base=base, hostname=hostname, flavour="demo")
    try:
        prepare(site)
        supervisor = _start(site)
        silent = until_ready(base, SECONDS, {name: SERVER[name] for name in NEEDED})
        if silent or supervisor.poll() is not None:
            print(
                json.dumps({"error": f"no answer from {', '.join(silent) or 'the supervisor'}"}), flush=True
            )
            return 1
        print(json.dumps(_introduction(site) | {"seconds": time.monotonic() - started}), flush=True)
        sys.stdin.read()
        return 0
    finally:
        leftovers.stop(root)


def free_base() -> int:
    """Chosen by chance: two rehearsals at once should not race for the same."""
    candidates = list(BASES)
    random.shuffle(candidates)
    for base in candidates:
        if all(_free("127.0.0.1", port) for port in ports(base).values()) and _free(
            resolver_address(base), 53
        ):
            return base
    raise SystemExit("no thousand of free ports on this machine")


def _free(address: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def _start(site: Site) -> "subprocess.Popen[bytes]":
    configuration = site.root / "etc/supervisor/supervisord.conf"
    command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(configuration)]
    with (site.root / "log/start.log").open("ab") as log:
        return subprocess.Popen(
            command, cwd=CODE, env=dict(os.environ), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip


def _introduction(site: Site) -> dict[str, object]:
    listeners = ports(site.base)
    return {
        "imaps": listeners["imaps"],
        "api": listeners["api"],
        "certificate": str(site.root / "tls/mail.crt"),
        "master": "postie",
        "password": read_secrets(site.root)["MASTER_PASSWORD"],
    }


def _leave(number: int, frame: object) -> None:
    raise SystemExit(130)
