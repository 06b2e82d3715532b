"""One mail server: where it lives, what it is called, how it behaves. Everything else is derived."""

import hashlib
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mailserver.ports import name_servers, ports, resolver_address

Flavour = Literal["test", "demo", "real", "outside"]
VMAIL = 12500  # uid and gid that own all mail; a number, no entry in /etc/passwd is needed
LONGEST_SOCKET = 100  # sun_path holds 108 bytes
DEEPEST_SOCKET = "run/dovecot/auth-token-secret.dat.tmp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """`test` and `demo` are closed: names come from a local root zone, mail that leaves goes to the sink."""

    root: Path
    base: int
    hostname: str = "mail.kronos.test"
    flavour: Flavour = "demo"
    listen: str = "127.0.0.1"
    dnsbl: str = ""

    @property
    def closed(self) -> bool:
        return self.flavour in ("test", "demo")

    def values(self) -> dict[str, str]:
        """What templates may name, as @NAME@."""
        listeners = {f"PORT_{name.upper()}": str(port) for name, port in ports(self.base).items()}
        return {
            **listeners,
            "ROOT": str(self.root),
            "BASE": str(self.base),
            "HOSTNAME": self.hostname,
            "LISTEN": self.listen,
            "RESOLVER": resolver_address(self.base),
            "NAMES_FIRST": name_servers(self.base)[0],
            "NAMES_SECOND": name_servers(self.base)[1],
            "VMAIL": str(VMAIL),
            "CODE": str(Path(__file__).resolve().parent.parent),
            "PYTHON": sys.executable,
            **self._programs(),
            **self._behaviour(),
        }

    def _programs(self) -> dict[str, str]:
        """What the supervisor runs; `outside` means somebody else's mail server, so only Redis is ours."""
        names = {
            "outside": ["redis"],
            "real": ["redis", "mail"],
            "test": ["redis", "mail", "sink"],
            "demo": ["redis", "mail", "sink", "knot"],
        }[self.flavour]
        mail = ["redis", "unbound", "api", "rspamd", "postsrsd", "dovecot", "postfix", "watch"]
        if self.flavour == "demo":
            mail.append("knot")
        return {
            "PROGRAM_FILES": " ".join(f"{self.root}/etc/supervisor/programs/{name}.conf" for name in names),
            "MAIL_PROGRAMS": ",".join(mail + (["sink"] if self.closed else [])),
            "SUPERVISOR_USER": "user=root" if os.geteuid() == 0 else "",
        }

    def _behaviour(self) -> dict[str, str]:
        test = self.flavour == "test"
        return {
            "GREYLIST_SECONDS": "2" if test else "60",
            "VACATION_PERIOD": "1s" if test else "1d",
            "GREET_WAIT": "1s" if test else "2s",
            "CONNECTIONS_PER_MINUTE": "3000" if test else "60",
            "LOGINS_PER_MINUTE": "3000" if test else "60",
            "DNSBL_SITES": self.dnsbl or ("dnsbl.test*3, dnswl.test*-4" if self.closed else ""),
            # Not one letter of a closed server goes further than this machine, bounces included.
            "RELAYHOST": f"[127.0.0.1]:{ports(self.base)['sink']}" if self.closed else "",
            "SMTP_BIND": "127.0.0.1" if self.closed else "",
            "ROOT_ANSWERS": "no" if self.flavour == "demo" else "yes",
            "UNBOUND_FLAVOUR": "closed" if self.closed else "open",
        }


def place(wanted: Path) -> Path:
    """A directory every mail program can reach, with room for socket paths; `wanted` leads there.

    A checkout below /root or a mktemp directory (mode 0700) cannot be entered by Postfix and its friends.
    """
    wanted = Path(os.path.abspath(wanted))
    if wanted.is_symlink():
        real = wanted.resolve()
        real.mkdir(parents=True, exist_ok=True)
        return real
    short = len(str(wanted / DEEPEST_SOCKET)) <= LONGEST_SOCKET
    if short and all(_is_open(parent) for parent in wanted.parents if parent.exists()):
        wanted.mkdir(parents=True, exist_ok=True)
        return wanted
    elsewhere = Path("/var/lib") / f"postie-{hashlib.sha256(str(wanted).encode()).hexdigest()[:8]}"
    elsewhere.mkdir(mode=0o755, exist_ok=True)
    wanted.parent.mkdir(parents=True, exist_ok=True)
    wanted.symlink_to(elsewhere)
    return elsewhere


def _is_open(directory: Path) -> bool:
    return bool(directory.stat().st_mode & stat.S_IXOTH)
