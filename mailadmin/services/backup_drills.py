"""Restore drills: what makes "restorable" true. The result is a certificate somebody else can check."""

import itertools
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from mailadmin import connections
from mailadmin.backup.results import ResticError, Snapshot
from mailadmin.backup.verdict import Verdict
from mailadmin.models import BackupRun, State
from mailadmin.models.backups import GOOD
from mailadmin.services import backup_lock, backup_retention, backup_runs, drill_steps
from mailadmin.services.backup_runs import Step, Watch
from mailadmin.services.drill_steps import Drill

PROOF_KEPT = timedelta(days=10)
SALT = "postie.backup.certificate"
LOOKED_BACK = timedelta(days=30)

STEPS: dict[str, Step] = {
    "choose": drill_steps.choose,
    "restore": drill_steps.restore,
    "databases": drill_steps.check_databases,
    "count": drill_steps.count,
    "open": drill_steps.open_messages,
    "integrity": drill_steps.read_repository,
    "sign-in": drill_steps.sign_in,
}


def wish(by: str, domain: str = "") -> BackupRun:
    """`domain`: its mailboxes, "*" all of them, empty three by chance."""
    return backup_runs.wish(BackupRun.Kind.DRILL, by, domain=domain)


def run(run: BackupRun) -> BackupRun:
    return backup_runs.hold_and_run(run, _inside)


def _inside(run: BackupRun, lock: backup_lock.Lock) -> Verdict:
    watch = Watch(run, lock)
    try:
        with connections.repository(watch.cancelled) as repository, scratch() as target:
            drill = Drill(run=run, watch=watch, repository=repository, target=target, backup=None)
            newest = [s for s in repository.snapshots() if s.is_complete]
            if newest:
                drill.backup = backup_runs.get_or_none(backup_retention.run_of(newest[-1]))
            verdict = backup_runs.go(run, STEPS, drill)
            if verdict.outcome.is_good:
                certify(run, newest)
            return verdict
    except ResticError as error:
        return backup_runs.of_restic(error)


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder every program of a mail server can enter; the mail in it stays private by its own modes."""
    path = Path(tempfile.mkdtemp(prefix="postie-drill-", dir=settings.BACKUP_SCRATCH)).resolve()
    path.chmod(0o755)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def certify(run: BackupRun, snapshots: list[Snapshot]) -> None:
    """Measured: how long until all is back (RTO), how much time of mail would be lost (RPO)."""
    now = timezone.now()
    rate = float(run.result["bytes_a_second"])
    server = float(run.result.get("server_seconds") or 0)
    run.result |= {
        "at": now.isoformat(timespec="seconds"),
        "rto_seconds": round(run.result["full_bytes"] / rate + server, 3),
        "rpo_seconds": round((now - snapshots[-1].time).total_seconds()),
        "longest_gap_seconds": longest_gap(snapshots, now),
    }
    run.result["signature"] = sign(run.result)


def longest_gap(snapshots: list[Snapshot], now: datetime) -> int:
    """Between two complete snapshots of the last month, or the newest and now."""
    moments = [s.time for s in snapshots if s.time > now - LOOKED_BACK] + [now]
    gaps = [(b - a).total_seconds() for a, b in itertools.pairwise(moments)]
    return round(max(gaps, default=0))


def sign(certificate: dict[str, Any]) -> str:
    """Over everything else in it, with this installation's key."""
    return signing.Signer(salt=SALT).signature(_canonical(certificate))


def is_genuine(certificate: dict[str, Any]) -> bool:
    kept = str(certificate.get("signature", ""))
    return constant_time_compare(kept, sign(certificate))


def _canonical(certificate: dict[str, Any]) -> str:
    return json.dumps({k: v for k, v in certificate.items() if k != "signature"}, sort_keys=True)


def last() -> BackupRun | None:
    """The newest drill that ended, whatever it found."""
    ended = BackupRun.objects.filter(kind=BackupRun.Kind.DRILL).exclude(
        state__in=(State.WAITING, State.RUNNING, State.CANCELLED, State.LOCKED)
    )
    return ended.first()


def last_proof() -> BackupRun | None:
    return BackupRun.objects.filter(kind=BackupRun.Kind.DRILL, state__in=GOOD).first()


def badge(now: datetime | None = None) -> str:
    """ "red": the last drill failed · "amber": no proof for 10 days · "green" · "none": never tried."""
    newest, proof = last(), last_proof()
    if newest is None:
        return "none"
    if not newest.is_good:
        return "red"
    since = proof.finished_at if proof else None
    too_old = since is None or (now or timezone.now()) - since > PROOF_KEPT
    return "amber" if too_old else "green"
