"""A small internet on loopback: a signed root, zones served by two real knots, a real unbound, a liar.

Addresses 127.0.<base/1000>.60 to .66, port 53: name servers cannot be named with a port in the DNS.
"""

import base64
import errno
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec

BASE = int(os.environ.get("POSTIE_TEST_PORT_BASE", "13000")) // 1000
PARENT, FIRST, SECOND, RESOLVER, LIAR, NOBODY = (f"127.0.{BASE}.{n}" for n in (60, 61, 62, 63, 64, 65))
PROGRAMS = ("knotd", "unbound", "setpriv")
SOA = "ns1.zoo.test. hostmaster.zoo.test. 1 3600 600 1209600 300"
HEAD = f"$TTL 300\n@ SOA {SOA}\n"
KNOT = """
server:
    rundir: "{root}"
    pidfile: "{root}/knot.pid"
    listen: [ {listen} ]
database:
    storage: "{root}"
control:
    listen: "{root}/c"
template:
  - id: default
    storage: "{root}"
    zonefile-sync: -1
    journal-content: changes
key:
  - id: postie
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: update
    key: postie
    action: update
zone:
{zones}
"""
SECRET = base64.b64encode(b"a secret of thirty-two bytes 123").decode()
UNBOUND = """
server:
    interface: {address}@53
    access-control: 127.0.0.0/8 allow
    do-not-query-localhost: no
    outgoing-interface: 127.0.0.1
    do-ip6: no
    username: ""
    chroot: ""
    directory: "{root}"
    pidfile: "{root}/unbound.pid"
    root-hints: "{root}/hints"
    trust-anchor: "{anchor}"
    qname-minimisation: no
    # A server that was slow under load is asked again at once: by default it would be "down" for 15 minutes.
    infra-host-ttl: 5
    infra-keep-probing: yes
    infra-cache-max-rtt: 1000
    # A second one on this address must fail, not take half of the questions.
    so-reuseport: no
    use-syslog: no
    logfile: "{root}/log"
    num-threads: 1
    local-zone: "test." nodefault
    module-config: "validator iterator"
remote-control:
    control-enable: no
"""


class Key:
    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.record = dns.dnssec.make_dnskey(self.private.public_key(), "ECDSAP256SHA256", flags=257)

    def ds(self, name: str) -> str:
        return dns.dnssec.make_ds(dns.name.from_text(name), self.record, "SHA256").to_text()


class Zoo:
    def __init__(self, root: Path, zones: Mapping[str, str], liars: Mapping[str, str]) -> None:
        """`zones`: name → records; `liars`: zone → behaviour of its second name server."""
        self.root, self.zones, self.liars = root, zones, liars
        self.processes: list[subprocess.Popen[bytes]] = []
        self.stopping = threading.Event()
        self.liar: socket.socket | None = None

    def start(self) -> None:
        """Raises RuntimeError, with a sentence, when somebody has an address or a program ends at once."""
        if taken := _taken():
            raise RuntimeError(f"The zoo needs {', '.join(taken)}: another one still runs there.")
        self.keys = {name: Key() for name in (".", "test.", "zoo.test.", *self._signed())}
        self._write_children()
        self._write_parents()
        self._knot("parent", [PARENT], [".", "test.", "zoo.test."])
        self._knot("child", [FIRST, SECOND], [f"{name}.zoo.test." for name in self.zones])
        self._unbound()
        self.liar = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.liar.bind((LIAR, 53))
        threading.Thread(target=self._lie, args=(self.liar,), daemon=True).start()
        for address in (PARENT, FIRST, RESOLVER):
            self._wait_for(address)

    def stop(self) -> None:
        self.stopping.set()
        if self.liar:
            self.liar.close()
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(10)

    def _signed(self) -> list[str]:
        return [f"{name}.zoo.test." for name in self.zones if name.startswith("signed-")]

    def _write_children(self) -> None:
        for name, records in self.zones.items():
            origin = f"{name}.zoo.test."
            second = {"": "ns2", "nobody": "nobody"}.get(self.liars.get(name, ""), "liar")
            servers = "" if " NS " in records else f"@ NS ns1.zoo.test.\n@ NS {second}.zoo.test.\n"
            text = HEAD + servers + records + "\n"
            if origin in self.keys:
                text = self._sign(text, origin, name)
            self._path(origin).write_text(text)

    def _write_parents(self) -> None:
        lines = [
            "@ NS ns0.zoo.test.",
            f"ns0 A {PARENT}",
            f"ns1 A {FIRST}",
            f"ns2 A {SECOND}",
            f"liar A {LIAR}",
            f"nobody A {NOBODY}",
            "mail A 203.0.113.10",
            'mail TXT "v=spf1 a -all"',
            "other A 203.0.113.99",
            "second A 203.0.113.10",
            "private A 10.1.2.3",
            "alias CNAME mail",
            "void TXT nothing",
            "@ MX 10 mail",
            '_dmarc TXT "v=DMARC1; p=none; psd=y"',
            "friend MX 10 mail",
            'victim._report._dmarc.friend TXT "v=DMARC1"',
            'open TXT "v=spf1 +all"',
            'broken TXT "v=spf1 foo:bar -all"',
            'twice TXT "v=spf1 -all"',
            'twice TXT "v=spf1 ~all"',
            'good TXT "v=spf1 ip4:203.0.113.10 -all"',
            'loop1 TXT "v=spf1 include:loop2.zoo.test -all"',
            'loop2 TXT "v=spf1 include:loop1.zoo.test -all"',
            'deep TXT "v=spf1 a:mail.zoo.test a:other.zoo.test a:second.zoo.test mx -all"',
        ]
        for name in self.zones:
            second = {"": "ns2", "nobody": "nobody"}.get(self.liars.get(name, ""), "liar")
            names = (
                ["ns1"]
                if name in ("one-server", "written", "story", "cloudns", "drifting")
                else ["ns1", second]
            )
            names = ["nobody"] if name == "all-dead" else names
            lines += [f"{name} NS {server}" for server in names]
            if f"{name}.zoo.test." in self.keys:
                key = Key() if name == "signed-orphans" else self.keys[f"{name}.zoo.test."]
                lines.append(f"{name} DS {key.ds(f'{name}.zoo.test.')}")
                if name == "signed-orphan":
                    lines.append(f"{name} DS {Key().ds(f'{name}.zoo.test.')}")
        self._parent("zoo.test.", lines)
        zoo = f"zoo DS {self.keys['zoo.test.'].ds('zoo.test.')}"
        self._parent("test.", ["@ NS ns0.zoo.test.", "zoo NS ns0.zoo.test.", f"ns0.zoo A {PARENT}", zoo])
        test = f"test DS {self.keys['test.'].ds('test.')}"
        self._parent(".", ["@ NS ns0.zoo.test.", "test NS ns0.zoo.test.", f"ns0.zoo.test A {PARENT}", test])

    def _parent(self, origin: str, lines: list[str]) -> None:
        self._path(origin).write_text(self._sign(HEAD + "\n".join(lines) + "\n", origin, ""))

    def _sign(self, text: str, origin: str, name: str) -> str:
        zone = dns.zone.from_text(text, origin, relativize=False, check_origin=False)
        key = self.keys[origin]
        hours = {"signed-short": 48, "signed-ending": 12, "signed-expired": -72}.get(name, 30 * 24)
        now = int(time.time())
        with zone.writer() as txn:
            dns.dnssec.sign_zone(
                zone,
                txn,
                keys=[(key.private, key.record)],
                inception=now - 86400 * 40,
                expiration=now + hours * 3600,
                dnskey_ttl=300,
                add_dnskey=True,
            )
        signed = zone.to_text(relativize=False)
        if name == "signed-bogus":
            signed = signed.replace("203.0.113.10", "203.0.113.66").replace(" 1 3600 600", " 2 3600 600")
        return signed

    def _path(self, origin: str) -> Path:
        return self.root / f"{origin.rstrip('.') or 'root'}.zone"

    def _knot(self, name: str, addresses: list[str], origins: list[str]) -> None:
        folder = self.root / name
        folder.mkdir()
        zones = "\n".join(f'  - domain: "{o}"\n    file: "{self._path(o)}"\n    acl: update' for o in origins)
        listen = ", ".join(f"{address}@53" for address in addresses)
        (folder / "knot.conf").write_text(KNOT.format(root=folder, listen=listen, zones=zones, secret=SECRET))
        self._run(["knotd", "-c", str(folder / "knot.conf")], folder / "log")

    def _unbound(self) -> None:
        (self.root / "hints").write_text(f". 300 NS ns0.zoo.test.\nns0.zoo.test. 300 A {PARENT}\n")
        anchor = f". DS {self.keys['.'].ds('.')}"
        (self.root / "unbound.conf").write_text(
            UNBOUND.format(root=self.root, address=RESOLVER, anchor=anchor)
        )
        self._run(["unbound", "-d", "-c", str(self.root / "unbound.conf")], self.root / "unbound.out")

    def _run(self, command: list[str], log: Path) -> None:
        """The kernel ends it with us, however we end (PR_SET_PDEATHSIG): none is left on its address."""
        with log.open("wb") as out:
            whole = ["setpriv", "--pdeathsig", "KILL", "--", *command]
            self.processes.append(subprocess.Popen(whole, stdout=out, stderr=out))

    def _wait_for(self, address: str) -> None:
        question = dns.message.make_query(".", "SOA").to_wire()
        for _ in range(600):
            for process in self.processes:
                if process.poll() is not None:
                    raise RuntimeError(f"A program of the zoo ended: {process.args!r}, see {self.root}")
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
                asking.settimeout(0.2)
                with suppress(OSError):
                    asking.connect((address, 53))
                    asking.send(question)
                    if asking.recv(4096):
                        return
            time.sleep(0.05)
        raise RuntimeError(f"{address} does not answer")

    def _lie(self, liar: socket.socket) -> None:
        while not self.stopping.is_set():
            with suppress(OSError):
                data, client = liar.recvfrom(4096)
                for reply in self._lies(data):
                    liar.sendto(reply, client)

    def _lies(self, data: bytes) -> list[bytes]:
        query = dns.message.from_wire(data)
        name = query.question[0].name.to_text().lower()
        zone = next(
            (z for z in self.liars if name == f"{z}.zoo.test." or name.endswith(f".{z}.zoo.test.")), ""
        )
        kind = self.liars.get(zone, "")
        response = dns.message.make_response(query)
        if kind in ("", "silent"):
            return []
        if kind == "garbage":
            return [data[:2] + b"\xff" * 20]
        if kind == "truncating":
            response.flags |= dns.flags.TC  # and nobody listens on TCP
        elif kind in ("SERVFAIL", "REFUSED"):
            response.set_rcode(dns.rcode.from_text(kind))
        elif kind == "other":
            response.flags |= dns.flags.AA | dns.flags.AD
            wanted = query.question[0].rdtype
            if wanted == dns.rdatatype.SOA:
                response.answer.append(dns.rrset.from_text(name, 300, "IN", "SOA", SOA))
            elif wanted == dns.rdatatype.TXT:
                response.answer.append(dns.rrset.from_text(name, 300, "IN", "TXT", '"v=spf1 +all"'))
        return [response.to_wire()]


def _taken() -> list[str]:
    """Addresses whose port 53 somebody has. Bound without SO_REUSEPORT: one that shares is found, too."""
    found = []
    for address in (PARENT, FIRST, SECOND, RESOLVER, LIAR, NOBODY):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((address, 53))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                found.append(address)
    return found


def missing() -> str:
    """Why the zoo cannot be opened here, or ""."""
    absent = [program for program in PROGRAMS if not shutil.which(program)]
    if absent:
        return f"needs {', '.join(absent)}"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((NOBODY, 53))
        except OSError as error:
            return f"needs port 53 on loopback: {error}"
    return ""
