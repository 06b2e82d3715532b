"""The life of a run: begun, watched, cancelled, ended; and what became of those whose worker died."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.utils import timezone

from mailadmin.backup.outcome import Outcome
from mailadmin.backup.results import Progress, ResticError
from mailadmin.backup.verdict import Stop, Verdict
from mailadmin.models import BackupRun, BackupStep, State
from mailadmin.services import backup_lock

logger = logging.getLogger(__name__)
BEAT_SECONDS = 2.0
LONGEST_WAIT = timedelta(minutes=30)  # for a worker to pick it up
PROGRESS_KEPT = 3600
KEPT_RUNS = 1000
stopping = threading.Event()  # this worker is asked to end


@dataclass
class Watch:
    """Asked all the time while something runs: renews the lock, and knows whether to stop."""

    run: BackupRun
    lock: backup_lock.Lock
    reason: str = ""
    step: str = ""
    _next: float = field(default=0.0)
    _said: float = field(default=0.0)

    def cancelled(self) -> bool:
        if self.reason or time.monotonic() < self._next:
            return bool(self.reason)
        self._next = time.monotonic() + BEAT_SECONDS
        if stopping.is_set():
            self.reason = "run.worker-stopped"
        elif not self.lock.renew():
            self.reason = "run.overtaken"
        elif BackupRun.objects.filter(pk=self.run.pk).exclude(cancel_by="").exists():
            self.reason = "run.cancelled"
        return bool(self.reason)

    def beat(self) -> None:
        """Raises Stop when it is over."""
        if self.cancelled():
            raise self.stop()

    def stop(self) -> Stop:
        self.run.refresh_from_db(fields=["cancel_by"])
        return Stop(Outcome.CANCELLED, self.reason or "run.cancelled", by=self.run.cancel_by)

    def tell(self, progress: Progress) -> None:
        """At most once a second, to the cache: the page looks there."""
        if time.monotonic() - self._said < 1:
            return
        self._said = time.monotonic()
        said = {"step": self.step, "fraction": progress.fraction}
        cache.set(_key(self.run), said | {"files": progress.files, "bytes": progress.bytes}, PROGRESS_KEPT)


def _key(run: BackupRun) -> str:
    return f"backup:{run.uuid}"


def progress(run: BackupRun) -> dict[str, Any]:
    """{step, fraction 0–1, files, bytes}, or nothing."""
    found: dict[str, Any] = cache.get(_key(run)) or {}
    return found


def wish(kind: BackupRun.Kind, by: str, **facts: Any) -> BackupRun:
    """A run that waits for a worker."""
    old = BackupRun.objects.filter(kind=kind).values_list("pk", flat=True)[KEPT_RUNS:]
    BackupRun.objects.filter(pk__in=list(old)).delete()
    return BackupRun.objects.create(kind=kind, by=by, facts=facts)


def cancel(run: BackupRun, by: str) -> None:
    """The worker sees it within two seconds; what still waits ends at once."""
    BackupRun.objects.filter(pk=run.pk).update(cancel_by=by)
    waiting = BackupRun.objects.filter(pk=run.pk, state=State.WAITING)
    waiting.update(state=State.CANCELLED, code="run.cancelled", facts={"by": by}, finished_at=timezone.now())


def settle() -> None:
    """Runs whose worker is gone, or that nobody picked up, get their verdict."""
    now = timezone.now()
    alive = backup_lock.holder()
    for run in BackupRun.objects.filter(state=State.RUNNING):
        # Between taking the lock and saying so there is a moment.
        settled = run.started_at is None or now - run.started_at > timedelta(seconds=10)
        if settled and str(run.uuid) != alive:
            finish(run, Verdict(outcome=Outcome.FAILED, code="run.worker-died"))
    late = BackupRun.objects.filter(state=State.WAITING, created_at__lt=now - LONGEST_WAIT)
    for run in late:
        finish(run, Verdict(outcome=Outcome.FAILED, code="run.nobody-came"))


def finish(run: BackupRun, verdict: Verdict) -> None:
    run.state, run.code = State(str(verdict.outcome)), verdict.code
    run.facts = {**run.facts, **verdict.facts}
    run.finished_at = timezone.now()
    run.save()
    open_steps = run.steps.filter(state__in=(State.WAITING, State.RUNNING))
    open_steps.filter(state=State.RUNNING).update(state=run.state, code=verdict.code, facts=verdict.facts)
    open_steps.filter(state=State.WAITING).update(state=State.SKIPPED)


Step = Callable[[Any], Verdict]


def go(run: BackupRun, steps: dict[str, Step], work: Any) -> Verdict:
    """Step after step, each with its row; the verdict of the whole is the worst one. `work.watch` watches."""
    rows = [
        BackupStep.objects.create(run=run, position=position, name=name)
        for position, name in enumerate(steps)
    ]
    worst = Verdict()
    for row, step in zip(rows, steps.values(), strict=True):
        verdict = _one(row, step, work)
        worst = max(worst, verdict, key=lambda v: GRAVITY.index(v.outcome))
        if verdict.outcome is Outcome.CANCELLED:
            work.repository.release()
        if verdict.outcome in FINAL:
            break
    return worst


# What ends a run where it stands; after the others the rest is still worth doing.
FINAL = tuple(o for o in Outcome if o not in (Outcome.OK, Outcome.OK_WITH_VANISHED, Outcome.SUSPICIOUS))
GRAVITY = [Outcome.OK, Outcome.OK_WITH_VANISHED, Outcome.SUSPICIOUS, *FINAL]


def _one(row: BackupStep, step: Step, work: Any) -> Verdict:
    row.state, row.started_at = State.RUNNING, timezone.now()
    row.save()
    work.watch.step = row.name
    started = time.monotonic()
    verdict = judged(step, work)
    row.seconds = time.monotonic() - started
    row.state = State.WARNING if verdict.warning else State(str(verdict.outcome))
    row.code, row.facts = verdict.code, verdict.facts
    row.files, row.bytes = verdict.files, verdict.bytes
    row.save()
    return verdict


def judged(step: Step, work: Any) -> Verdict:
    """Whatever happens becomes a verdict; what nobody foresaw is a failure with its name."""
    try:
        work.watch.beat()
        return step(work)
    except Stop as stop:
        return stop.verdict
    except ResticError as error:
        if error.outcome is Outcome.CANCELLED and work.watch.reason:
            verdict: Verdict = work.watch.stop().verdict
            return verdict
        return of_restic(error)
    except OSError as error:
        full = error.errno in (28, 122)  # ENOSPC, EDQUOT
        outcome = Outcome.NO_SPACE if full else Outcome.FAILED
        return Verdict(outcome=outcome, code="run.system", facts={"said": str(error)[:500]})


def of_restic(error: ResticError) -> Verdict:
    return Verdict(
        outcome=error.outcome, code=f"restic.{error.outcome}", facts={"said": error.last_words[:500]}
    )


def hold_and_run(run: BackupRun, inside: Callable[[BackupRun, backup_lock.Lock], Verdict]) -> BackupRun:
    """From the lock to the verdict; never raises for what can go wrong outside."""
    settle()
    try:
        with backup_lock.hold(str(run.uuid)) as lock:
            # Cancelled while it waited, or handed out twice by the queue: then nothing is done.
            waiting = BackupRun.objects.filter(pk=run.pk, state=State.WAITING)
            if waiting.update(state=State.RUNNING, started_at=timezone.now()):
                run.refresh_from_db()
                timed(run, lambda: inside(run, lock))
    except backup_lock.Held as held:
        finish(run, Verdict(outcome=Outcome.LOCKED, code="run.busy", facts={"holder": held.holder}))
    run.refresh_from_db()
    return run


def get_or_none(uuid: str) -> BackupRun | None:
    """Of whatever a tag says."""
    try:
        return get(UUID(uuid))
    except ValueError:
        return None


def get(uuid: str | UUID) -> BackupRun | None:
    return BackupRun.objects.filter(uuid=uuid).first()


def timed(run: BackupRun, work: Callable[[], Verdict]) -> None:
    """The verdict and its seconds are kept, also when something breaks that nobody foresaw."""
    started = time.monotonic()
    verdict = Verdict(outcome=Outcome.FAILED, code="run.unexpected")
    try:
        verdict = work()
    except Exception:
        logger.exception("%s %s broke", run.kind, run.uuid)
    finally:
        run.seconds = time.monotonic() - started
        finish(run, verdict)
