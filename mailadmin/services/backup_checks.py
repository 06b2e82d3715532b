"""The steps after the snapshot: is it all there, is it the same, can it be read, what may go?"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from mailadmin.backup import acceptance, layout, manifest
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.results import COMPLETE
from mailadmin.backup.verdict import Verdict
from mailadmin.models import BackupRun
from mailadmin.services import backup_retention
from mailadmin.services.backup_runs import GRAVITY
from mailadmin.services.backup_steps import Work
from mailadmin.services.drill_steps import share_today

MOST_LEFT = 5000


def accept(work: Work) -> Verdict:
    """Every message of the manifest is in the snapshot, or its owner moved it away meanwhile."""
    wanted = work.written
    with (work.staging / layout.MESSAGES).open(encoding="utf-8") as lines:
        keys = manifest.read_messages(lines)
    snapshot, root = work.passes[-1].snapshot_id, str(work.data / layout.mail_root(work.data))
    nodes = work.repository.ls(snapshot, root, recursive=True)
    found = acceptance.compare(keys, nodes, work.data, work.watch.beat)
    work.run.result |= {
        "messages": found.messages,
        "mailboxes": len(wanted.mailboxes),
        "left": found.left[:MOST_LEFT],
    }
    facts: dict[str, Any] = {"messages": found.messages, "left": len(found.left), "lost": len(found.lost)}
    if found.lost or found.maildirs < len(wanted.mailboxes):
        work.repository.untag(snapshot, COMPLETE)
        facts |= {"named": found.lost[: acceptance.MOST_NAMED], "maildirs": found.maildirs}
        return Verdict(outcome=Outcome.INCOMPLETE, code="accept.lost", facts=facts)
    work.found = found.paths
    size = {"files": work.passes[-1].files, "bytes": work.passes[-1].bytes}
    if (what := acceptance.shrunk(size, work.last)) and not work.last.get("may_shrink"):
        facts |= {"now": size[what], "before": work.last[what], "what": what}
        return Verdict(outcome=Outcome.SUSPICIOUS, code="accept.shrunk", facts=facts)
    return Verdict(code="accept.ok", facts=facts, files=found.messages, bytes=size["bytes"])


def spot_check(work: Work) -> Verdict:
    """Some messages are read back from the repository and compared with the living ones, octet by octet."""
    snapshot = work.passes[-1].snapshot_id
    chosen = acceptance.spots(work.found, str(work.run.uuid))
    aside = work.staging / "read-back"
    if chosen:
        work.repository.fetch(snapshot, aside, [work.found[key] for key in chosen])
    same = gone = 0
    for key in chosen:
        work.watch.beat()
        verdict = acceptance.same_as_live(work.data, key, aside / work.found[key].lstrip("/"))
        if verdict is False:
            return Verdict(outcome=Outcome.DAMAGED, code="spot.differs", facts={"key": key})
        same, gone = same + bool(verdict), gone + (verdict is None)
    return Verdict(code="spot.ok", facts={"same": same, "gone": gone}, files=same)


def integrity(work: Work) -> Verdict:
    """Structure, and today's share of the data: the whole repository is read once a month."""
    size = work.repository.size()
    work.run.result["repository_bytes"] = size
    share = share_today(size)
    work.repository.check(share)
    return Verdict(code="integrity.ok", facts={"share": share or "0"}, bytes=size)


def retention(work: Work) -> Verdict:
    """Weekly, and only after everything before was good."""
    last = BackupRun.objects.filter(steps__name="retention", steps__code="retention.done").first()
    recently = timezone.now() - timedelta(days=7)
    if work.run.steps.exclude(code="").filter(code__startswith="clock.").exists():
        return Verdict(warning=True, code="retention.clock")
    if worst_so_far(work.run) not in (Outcome.OK, Outcome.OK_WITH_VANISHED):
        return Verdict(warning=True, code="retention.not-after-this")
    if last and last.finished_at and last.finished_at > recently:
        return Verdict(code="retention.not-yet")
    return backup_retention.apply(work.repository, work.run, _proven(), False)


def worst_so_far(run: BackupRun) -> Outcome:
    states = run.steps.values_list("state", flat=True)
    known = [Outcome(state) for state in states if state in Outcome._value2member_map_]
    return max(known, key=GRAVITY.index, default=Outcome.OK)


def _proven() -> datetime:
    # Acceptance and the spot check of this very run have just passed.
    return timezone.now()


def report(work: Work) -> Verdict:
    """What the next run compares itself with."""
    found = work.written
    work.run.result |= {
        "files": work.run.files,
        "bytes": work.run.bytes,
        "bytes_added": work.run.bytes_added,
        "databases": [copy["source"] for copy in found.databases if copy["source"].startswith(found.data)],
        "at": found.at,
    }
    work.run.save()
    facts: dict[str, Any] = {"snapshot": work.run.snapshot_id[:8]}
    return Verdict(code="report.ok", facts=facts, files=work.run.files, bytes=work.run.bytes)
