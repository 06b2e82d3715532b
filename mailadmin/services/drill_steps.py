"""The steps of a restore drill, in the order of backup_drills.STEPS."""

import imaplib
import random
import shutil
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import httpx
from django.conf import settings
from django.utils import timezone

from mailadmin.backup import databases, layout, rehearsal
from mailadmin.backup.manifest import Manifest, NotAManifest
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.restic import Repository
from mailadmin.backup.restored import MOST_NAMED, Restored, opens
from mailadmin.backup.results import Snapshot
from mailadmin.backup.retention import newest_complete
from mailadmin.backup.verdict import Stop, Verdict
from mailadmin.models import BackupRun
from mailadmin.services.backup_runs import Watch

MAILBOXES = 3  # of a weekly drill
OPENED = 200  # messages that are read and parsed
ROOM = 1.2
SHARES = 28  # of the data, one each night of the month
SMALL = 200 * 1024 * 1024  # bytes; below this the whole repository is read every time


@dataclass
class Drill:
    run: BackupRun
    watch: Watch
    repository: Repository
    target: Path
    backup: BackupRun | None  # what we know of the run that made the snapshot
    snapshot: Snapshot | None = None
    manifest: Manifest | None = None
    addresses: list[str] = field(default_factory=list)
    restored: Restored | None = None

    @property
    def there(self) -> Restored:
        if self.restored is None:
            raise Stop(Outcome.FAILED, "drill.nothing-restored")
        return self.restored

    @property
    def promised(self) -> Manifest:
        if self.manifest is None:
            raise Stop(Outcome.FAILED, "run.no-manifest")
        return self.manifest


def choose(drill: Drill) -> Verdict:
    """The newest complete snapshot; a domain, everything, or some mailboxes by chance."""
    drill.snapshot = snapshot = newest_complete(drill.repository.snapshots())
    if snapshot is None:
        raise Stop(Outcome.FAILED, "drill.no-snapshot")
    staging = layout.staging_of(snapshot.paths)
    try:
        text = b"".join(drill.repository.dump(snapshot.id, f"{staging}/{layout.MANIFEST}")).decode()
        drill.manifest = Manifest.read(text)
    except (NotAManifest, UnicodeDecodeError) as error:
        raise Stop(Outcome.DAMAGED, "drill.bad-manifest", said=str(error)[:300]) from error
    drill.addresses = _chosen(drill.manifest, drill.run.facts.get("domain", ""), drill.run.uuid.hex)
    needed = ROOM * sum(drill.manifest.counts(address)[1] for address in drill.addresses)
    free = shutil.disk_usage(drill.target).free
    if free < needed:
        raise Stop(Outcome.NO_SPACE, "room.little", path=str(drill.target), free=free, needed=int(needed))
    drill.run.snapshot_id = snapshot.id
    drill.run.result = {
        "snapshot": snapshot.id,
        "snapshot_at": snapshot.time.isoformat(timespec="seconds"),
        "mailboxes": len(drill.addresses),
        "of_mailboxes": len(drill.manifest.mailboxes),
        "full_bytes": drill.manifest.bytes,
    }
    facts = {"snapshot": snapshot.short_id, "mailboxes": len(drill.addresses)}
    return Verdict(code="drill.chosen", facts=facts)


def _chosen(manifest: Manifest, domain: str, seed: str) -> list[str]:
    every = sorted(manifest.mailboxes)
    if domain == "*":
        return every
    if domain:
        mine = [address for address in every if layout.domain_of(address) == domain]
        if not mine:
            raise Stop(Outcome.FAILED, "drill.no-domain", domain=domain)
        return mine
    return sorted(random.Random(seed).sample(every, min(MAILBOXES, len(every))))  # noqa: S311 a sample


def restore(drill: Drill) -> Verdict:
    """Everything of the data directory but the mail of others; time and octets make the estimate."""
    promised = drill.promised
    mail = f"{promised.data}/{layout.mail_root_of(promised.mailboxes)}"
    snapshot = drill.run.snapshot_id
    beside = [
        node.path
        for node in drill.repository.ls(snapshot, promised.data)
        if node.path not in (promised.data, mail) and not promised.data.startswith(f"{node.path}/")
    ]
    homes = [f"{promised.data}/{promised.mailboxes[address]['path']}" for address in drill.addresses]
    started = time.monotonic()
    drill.repository.restore(snapshot, drill.target, [*beside, *homes, promised.staging])
    seconds = max(time.monotonic() - started, 0.01)
    drill.restored = Restored.unpack(drill.target, promised.staging)
    drill.restored.open_ways(drill.addresses)
    size = sum(f.stat().st_size for f in drill.target.rglob("*") if f.is_file() and not f.is_symlink())
    drill.run.result |= {"restored_bytes": size, "restore_seconds": seconds, "bytes_a_second": size / seconds}
    return Verdict(code="drill.restored", bytes=size, facts={"bytes_a_second": size / seconds})


def check_databases(drill: Drill) -> Verdict:
    try:
        found = drill.there.put_databases_back()
    except databases.DatabaseError as error:
        raise Stop(Outcome.DAMAGED, "drill.database", said=str(error)[:500]) from error
    drill.run.result["databases"] = found
    return Verdict(code="drill.databases", files=len(found), facts={"rows": sum(d["rows"] for d in found)})


def count(drill: Drill) -> Verdict:
    excused = set((drill.backup.result if drill.backup else {}).get("left", []))
    found = drill.there.compare(drill.addresses, excused, drill.watch.beat)
    wrong = drill.there.owners(drill.addresses)
    drill.run.result |= {"messages": found.messages, "message_bytes": found.bytes, "excused": found.excused}
    facts = {k: v[:MOST_NAMED] if isinstance(v, list) else v for k, v in asdict(found).items()}
    if found.missing:
        raise Stop(Outcome.DAMAGED, "drill.missing", **facts, number=len(found.missing))
    if found.short:
        raise Stop(Outcome.DAMAGED, "drill.short", **facts, number=len(found.short))
    if wrong:
        raise Stop(Outcome.DAMAGED, "drill.owner", address=wrong[0], number=len(wrong))
    return Verdict(code="drill.counted", files=found.messages, bytes=found.bytes, facts=facts)


def open_messages(drill: Drill) -> Verdict:
    compared, differing = drill.there.hashes()
    if differing:
        raise Stop(Outcome.DAMAGED, "drill.hash", key=differing[0], number=len(differing))
    every = [message for address in drill.addresses for message in drill.there.found(address)]
    chosen = random.Random(drill.run.uuid.hex).sample(every, min(OPENED, len(every)))  # noqa: S311 a sample
    closed = [message.key for message in chosen if not opens(message.path)]
    if closed:
        raise Stop(Outcome.DAMAGED, "drill.unreadable", key=closed[0], number=len(closed))
    drill.run.result |= {"opened": len(chosen), "hashed": compared}
    return Verdict(code="drill.opened", files=len(chosen), facts={"hashed": compared})


def read_repository(drill: Drill) -> Verdict:
    """What was restored is not all there is: the other snapshots must be sound, too."""
    share = share_today(drill.repository.size())
    drill.repository.check(share)
    return Verdict(code="integrity.ok", facts={"share": share or "0"})


def share_today(size: int) -> str:
    """A small repository is read whole; of a large one a part each day, all of it in a month."""
    day = timezone.localdate().day
    return "100%" if size < SMALL else f"{day}/{SHARES}" if day <= SHARES else ""


def sign_in(drill: Drill) -> Verdict:
    """A server of its own over what came back: does it start, do people get in, is their mail there?"""
    if drill.promised.layout != "bundled":
        drill.run.result["signed_in"] = None
        return Verdict(warning=True, code="drill.no-server")
    command = [sys.executable, "-m", "mailserver", "rehearse", "--root", str(drill.target)]
    try:
        with rehearsal.running(command, settings.BASE_DIR) as server:
            inboxes = {address: _inbox(drill, server, address) for address in drill.addresses}
            domains = _operator(server)
    except (rehearsal.NotStarted, OSError, imaplib.IMAP4.error, httpx.HTTPError) as error:
        raise Stop(Outcome.DAMAGED, "drill.no-sign-in", said=str(error)[:300]) from error
    drill.run.result |= {"signed_in": len(inboxes), "server_seconds": server.seconds, "domains": domains}
    facts = {"mailboxes": len(inboxes), "domains": domains, "seconds": server.seconds}
    return Verdict(code="drill.signed-in", files=sum(inboxes.values()), facts=facts)


def _inbox(drill: Drill, server: rehearsal.Server, address: str) -> int:
    """As this person, by the restored server's master key: nobody's password is known to us."""
    drill.watch.beat()
    found = rehearsal.sign_in(server, f"{address}*{server.master}", server.password)
    folder = layout.Home(address=address, path=drill.promised.mailboxes[address]["path"]).maildir
    here = sum(1 for m in drill.there.found(address) if m.key.rpartition("/")[0] == folder)
    if found != here:
        raise imaplib.IMAP4.error(f"{address} sees {found} messages of {here}")
    return found


def _operator(server: rehearsal.Server) -> int:
    """With the real password of the operator, against the restored database: domains the API lists."""
    answer = httpx.get(
        f"http://127.0.0.1:{server.api}/admin/api/v1/domains",
        params={"paging": 1},
        auth=(settings.POSTEIO_API_USER, settings.POSTEIO_API_PASSWORD),
        timeout=20,
    )
    answer.raise_for_status()
    return int(answer.json().get("results_count") or 0)
