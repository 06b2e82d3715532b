"""A run of whatever kind, and what has to be told about it afterwards."""

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext

from mailadmin.backup.words import WORDS, fill
from mailadmin.models import BackupRun, State
from mailadmin.posteio.client import Client
from mailadmin.services import alerts, backup_drills, backup_retention, backups

LOCKED_BEFORE_ALERT = 3


def run(run: BackupRun, poste: Client) -> BackupRun:
    match run.kind:
        case BackupRun.Kind.DRILL:
            done = backup_drills.run(run)
        case BackupRun.Kind.RETENTION:
            done = backup_retention.run(run)
        case _:
            done = backups.run(run, poste)
    if alarms(done):
        alerts.send(*message(done))
    return done


def alarms(run: BackupRun) -> bool:
    """A good run is quiet, a cancelled one is no news; a lock is news when it is the third in a row."""
    if run.is_good or run.is_open or run.state == State.CANCELLED:
        return False
    if run.state == State.LOCKED:
        last = BackupRun.objects.filter(kind=run.kind).values_list("state", flat=True)[:LOCKED_BEFORE_ALERT]
        return list(last) == [State.LOCKED] * LOCKED_BEFORE_ALERT
    return True


def message(run: BackupRun) -> tuple[str, str]:
    """(title, text): the reason, and what to do."""
    with translation.override(settings.LANGUAGE_CODE):
        step = run.steps.exclude(state__in=(State.OK, State.SKIPPED, State.WARNING)).last()
        code, facts = (step.code, step.facts) if step else (run.code, run.facts)
        title = gettext("%(kind)s: %(state)s") % {
            "kind": run.get_kind_display(),
            "state": run.get_state_display(),
        }
        words = WORDS.get(code)
        if words is None:
            return title, code
        return title, "\n".join(fill(gettext(text), facts) for text in (words.says, words.fix) if text)
