"""The steps of a backup, in the order of `STEPS`; each takes the Work and returns its verdict."""

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from mailadmin.backup import databases, layout, manifest, sources
from mailadmin.backup.manifest import Manifest
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.restic import VERSION_NEEDED, Repository
from mailadmin.backup.results import COMPLETE, Pass, ResticError
from mailadmin.backup.verdict import Stop, Verdict
from mailadmin.models import BackupRepository, BackupRun
from mailadmin.posteio.client import Client
from mailadmin.services import backup_export, own_database
from mailadmin.services.backup_runs import Watch


@dataclass
class Work:
    run: BackupRun
    watch: Watch
    repository: Repository
    poste: Client
    data: Path
    staging: Path
    last: dict[str, Any]  # result of the last complete run
    manifest: Manifest | None = None
    databases: list[Path] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    version: str = ""
    found: dict[str, str] = field(default_factory=dict)  # message key → path in the snapshot

    @property
    def written(self) -> Manifest:
        if self.manifest is None:
            raise Stop(Outcome.FAILED, "run.no-manifest")
        return self.manifest


def preflight(work: Work) -> Verdict:
    version = work.repository.version()
    if version < VERSION_NEEDED:
        raise Stop(Outcome.FAILED, "restic.old", version=_dotted(version), needed=_dotted(VERSION_NEEDED))
    work.version = _dotted(version)
    sources.check_data(work.data, settings.RESTIC_REPOSITORY, work.last)
    known = BackupRepository.objects.first()
    if known is None:
        raise Stop(Outcome.NO_REPOSITORY, "repository.not-chosen")
    found = work.repository.id()
    if found != known.repository_id:
        raise Stop(Outcome.FAILED, "repository.other", found=found[:8], known=known.repository_id[:8])
    work.repository.unlock()
    work.databases = databases.find_sqlite(work.data)
    prepare(work.staging)
    sources.check_room(
        work.staging, work.databases, settings.RESTIC_REPOSITORY, int(work.last.get("bytes_added", 0))
    )
    return _clocks(work) or Verdict(code="preflight.ok", facts={"version": _dotted(version)})


def _clocks(work: Work) -> Verdict | None:
    """A clock that is wrong makes the wrong snapshots old: nothing is forgotten after this."""
    now = timezone.now()
    snapshots = work.repository.snapshots()
    ahead = snapshots[-1].time - now if snapshots else -sources.CLOCK_MAY_DIFFER
    if ahead > sources.CLOCK_MAY_DIFFER:
        return Verdict(warning=True, code="clock.behind", facts={"minutes": ahead.seconds // 60})
    theirs = sources.clock_of(settings.RESTIC_REPOSITORY)
    if theirs and abs(theirs - timezone.now()) > sources.CLOCK_MAY_DIFFER:
        minutes = round(abs(theirs - timezone.now()).total_seconds() / 60)
        return Verdict(warning=True, code="clock.differs", facts={"minutes": minutes})
    return None


def prepare(staging: Path) -> None:
    """Empty, and nobody else's business."""
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(mode=0o700, parents=True)


def copy_databases(work: Work) -> Verdict:
    copies: list[dict[str, Any]] = []
    try:
        for source in work.databases:
            copy = databases.copy_sqlite(source, layout.copy_of(work.staging, work.data, source))
            copies.append(copy.as_json() | _owner(source))
            work.watch.beat()
        ours = own_database.save(work.staging / layout.DATABASES)
    except databases.DatabaseError as error:
        raise Stop(Outcome.FAILED, "database.torn", said=str(error)[:500]) from error
    work.manifest = Manifest(
        run=str(work.run.uuid),
        at=timezone.now().isoformat(timespec="seconds"),
        host=settings.POSTEIO_HOSTNAME,
        restic=work.version,
        layout=layout.kind(work.data),
        data=str(work.data),
        staging=str(work.staging),
        databases=[*copies, ours.as_json()],
    )
    size = sum(int(copy["bytes"]) for copy in copies) + ours.bytes
    return Verdict(code="databases.ok", files=len(copies) + 1, bytes=size)


def _owner(path: Path) -> dict[str, int]:
    facts = path.stat()
    return {"uid": facts.st_uid, "gid": facts.st_gid, "mode": facts.st_mode & 0o7777}


def write_manifest(work: Work) -> Verdict:
    found = work.written
    manifest.count_mail(found, work.watch.beat)
    found.export = backup_export.everything(work.poste, work.watch.beat)
    path = work.staging / layout.MANIFEST
    found.write(path)
    facts = {"mailboxes": len(found.mailboxes), "messages": found.messages}
    if found.export["problems"]:
        said = found.export["problems"][0]
        return Verdict(warning=True, code="manifest.no-export", facts=facts | {"said": said})
    by_api = sum(not box["redirect_only"] for box in found.export["mailboxes"])
    if by_api != len(found.mailboxes):
        # A mailbox nobody has written to yet has no directory; many of them are worth a look.
        return Verdict(
            warning=by_api < len(found.mailboxes), code="manifest.differs",
            facts=facts | {"api": by_api}, files=found.messages, bytes=found.bytes,
        )  # fmt: skip
    return Verdict(code="manifest.ok", facts=facts, files=found.messages, bytes=found.bytes)


def first_pass(work: Work) -> Verdict:
    return _pass(work, [])


def second_pass(work: Work) -> Verdict:
    return _pass(work, [COMPLETE])


def _pass(work: Work, tags: list[str]) -> Verdict:
    done = work.repository.backup(
        [work.data, work.staging],
        [layout.TAG, layout.run_tag(str(work.run.uuid)), *tags],
        layout.excludes(work.data, work.databases),
        work.watch.tell,
    )
    if done.outcome is Outcome.CANCELLED and work.watch.reason:
        raise work.watch.stop()
    if not done.snapshot_id:
        outcome = Outcome.FAILED if done.outcome.is_good else done.outcome
        raise ResticError(outcome, done.errors)
    work.passes.append(done)
    work.run.bytes_added += done.bytes_added
    if tags:
        work.run.snapshot_id, work.run.files, work.run.bytes = done.snapshot_id, done.files, done.bytes
    work.run.save()
    facts: dict[str, Any] = {"added": done.bytes_added, "vanished": done.vanished}
    code = "pass.ok"
    if not done.outcome.is_good:
        code, facts = "pass.incomplete", facts | {"said": (done.errors or [""])[0][:500]}
        if tags:
            work.repository.untag(done.snapshot_id, COMPLETE)
    return Verdict(outcome=done.outcome, code=code, facts=facts, files=done.files, bytes=done.bytes)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def wipe(staging: Path) -> None:
    """Copies of databases hold password hashes: they do not stay."""
    for entry in os.scandir(staging) if staging.exists() else ():
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            Path(entry.path).unlink(missing_ok=True)
