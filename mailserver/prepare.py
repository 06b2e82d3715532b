"""Directories, certificate, zone and maps of a server: everything its programs expect to find. Idempotent."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path

from mailserver import certificate, languages, zone
from mailserver.render import read_secrets, render
from mailserver.site import VMAIL, Site

SCHEMA = Path(__file__).resolve().parent / "api/schema.sql"
ROOT_KEY = Path("/usr/share/dns/root.key")
# Loopback and the private networks of containers: the key to every mailbox opens none from outside.
NEAR = "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16"
SIEVE_SCRIPTS = ("junk", "learn-spam", "learn-ham")


def prepare(site: Site) -> None:
    render(site)
    languages.write(site.root / "etc/rspamd/languages")
    _directories(site.root)
    _secrets(site.root)
    _jail(site)
    certificate.ensure(site.root / "tls", site.hostname)
    if site.closed:
        zone.write(site)
    if site.flavour == "demo":
        _name_servers(site.root)
    if not site.closed:
        _trust_anchor(site.root / "data/unbound/root.key")
    _database(site.root)
    _sieve(site.root)


def prepare_outside(site: Site) -> None:
    """Somebody else's mail server: only Redis and the supervisor are ours, and nobody has to be root."""
    for name in ("etc", "data/redis", "run", "log"):
        (site.root / name).mkdir(parents=True, exist_ok=True)
    render(site)
    if os.geteuid() == 0:
        _own(site.root / "data/redis", "redis", "redis", 0o750)


def _directories(root: Path) -> None:
    for path in (root, *(root / name for name in ("etc", "data", "run", "log"))):
        path.mkdir(exist_ok=True)
        path.chmod(0o755)
    _directory(root / "data/spool", "root", "root", 0o755)
    _directory(root / "data/spool/etc", "root", "root", 0o755)
    # Dovecot binds sockets in here before Postfix has made its queue.
    _directory(root / "data/spool/private", "postfix", "root", 0o700)
    _directory(root / "data/postfix", "postfix", "root", 0o755)
    _directory(root / "data/redis", "redis", "redis", 0o750)
    _directory(root / "data/unbound", "unbound", "unbound", 0o755)
    _directory(root / "data/rspamd", "_rspamd", "_rspamd", 0o750)
    _directory(root / "run/rspamd", "_rspamd", "_rspamd", 0o755)
    _directory(root / "data/dovecot", "dovecot", "dovecot", 0o755)
    _directory(root / "run/dovecot", "root", "root", 0o755)
    _directory(root / "data/mail", VMAIL, VMAIL, 0o700)
    # Readers of a WAL database must be able to make its -wal and -shm files, and Postfix drops all
    # supplementary groups: the shared group has to be Postfix' own.
    _directory(root / "data/db", VMAIL, "postfix", 0o2770)
    _directory(root / "data/dkim", VMAIL, "_rspamd", 0o2750)
    selectors = root / "data/dkim/selectors.map"
    if not selectors.exists():
        selectors.touch()
        _own(selectors, VMAIL, "_rspamd", 0o640)


def _secrets(root: Path) -> None:
    _own(root / "data/secrets.json", "root", VMAIL, 0o640)
    masters = root / "etc/dovecot/master-users"
    masters.touch(0o600)
    known = read_secrets(root)
    # `postie` is the API's, for filters; `restore` puts mail back where nobody knows the password.
    masters.write_text(
        f"postie:{{PLAIN}}{known['MASTER_PASSWORD']}::::::allow_nets=127.0.0.0/8\n"
        f"restore:{{PLAIN}}{known['RESTORE_PASSWORD']}::::::allow_nets={NEAR}\n"
    )
    _own(masters, "root", "dovecot", 0o640)
    _own(root / "etc/dovecot/dovecot.conf", "root", "dovecot", 0o640)
    _own(root / "etc/rspamd/local.d/worker-controller.inc", "root", "_rspamd", 0o640)
    _own(root / "etc/postsrsd/secret", "root", "root", 0o600)


def _jail(site: Site) -> None:
    """Postfix' chroot has a resolv.conf of its own: nobody else's /etc changes."""
    etc = site.root / "data/spool/etc"
    nameserver = f"nameserver {site.values()['RESOLVER']}\noptions edns0 trust-ad timeout:2 attempts:2\n"
    (etc / "resolv.conf").write_text(nameserver)
    (etc / "nsswitch.conf").write_text("hosts: files dns\n")
    (etc / "hosts").write_text("127.0.0.1 localhost\n")
    shutil.copyfile("/etc/services", etc / "services")


def _name_servers(root: Path) -> None:
    """The zones as they are on the first day; afterwards they are knot's, with what was written to them."""
    for name in ("data/knot", "run/knot"):
        _directory(root / name, "knot", "knot", 0o750)
    _own(root / "etc/knot/knot.conf", "root", "knot", 0o640)  # it holds the key
    for first in sorted((root / "etc/knot").glob("*.zone")):
        target = root / "data/knot" / first.name
        if not target.exists():
            shutil.copyfile(first, target)
            _own(target, "knot", "knot", 0o640)


def _trust_anchor(path: Path) -> None:
    """The root's DNSSEC key as Debian ships it; unbound keeps it up to date by itself (RFC 5011)."""
    if not ROOT_KEY.exists():
        raise SystemExit("The real flavour needs the DNS root's key: apt-get install dns-root-data")
    if not path.exists():
        shutil.copyfile(ROOT_KEY, path)
    _own(path, "unbound", "unbound", 0o644)


def _database(root: Path) -> None:
    """The tables must be there before the first lookup: one failure stops Postfix' proxymap for a minute."""
    path = root / "data/db/mail.sqlite3"
    fresh = not path.exists()
    if fresh and SCHEMA.exists():
        database = sqlite3.connect(path)
        database.execute("PRAGMA journal_mode=WAL")
        database.executescript(SCHEMA.read_text())
        database.close()
    for file in path.parent.glob("mail.sqlite3*"):
        _own(file, VMAIL, "postfix", 0o660)


def _sieve(root: Path) -> None:
    learn = root / "etc/sieve/learn"
    bin_directory = root / "etc/sieve/bin"
    bin_directory.mkdir(exist_ok=True)
    shutil.copyfile(learn, bin_directory / "learn")
    _own(bin_directory / "learn", "root", VMAIL, 0o750)
    _own(learn, "root", "root", 0o700)
    for name in SIEVE_SCRIPTS:
        script = root / f"etc/sieve/{name}.sieve"
        compiled = script.with_suffix(".svbin")
        if not compiled.exists() or compiled.stat().st_mtime < script.stat().st_mtime:
            command = ["sievec", "-c", str(root / "etc/dovecot/dovecot.conf"), str(script)]
            subprocess.run(command, check=True, timeout=30)


def _directory(path: Path, user: str | int, group: str | int, mode: int) -> None:
    path.mkdir(parents=True, exist_ok=True)
    _own(path, user, group, mode)


def _own(path: Path, user: str | int, group: str | int, mode: int) -> None:
    shutil.chown(path, user, group)
    path.chmod(mode)
