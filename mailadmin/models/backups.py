"""What was backed up, tried and proven."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class BackupRepository(models.Model):
    """The one repository a person chose. Its id is compared at every run: a wrong bucket is noticed."""

    repository_id = models.CharField(max_length=64)
    location = models.CharField(max_length=500)  # without any password in it
    since = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=254)
    kit_confirmed_at = models.DateTimeField(null=True, blank=True)
    kit_confirmed_by = models.CharField(max_length=254, blank=True)
    kit_fingerprint = models.CharField(
        max_length=64, blank=True
    )  # of what was confirmed: a new key asks again

    class Meta:
        verbose_name_plural = "backup repositories"

    def __str__(self) -> str:
        return f"{self.repository_id[:8]} {self.location}"


class State(models.TextChoices):
    """waiting → running → one of the others, which are mailadmin.backup.outcome.Outcome."""

    WAITING = "waiting", _("waiting")
    RUNNING = "running", _("running")
    SKIPPED = "skipped", _("not done")  # of a step, after another one ended the run
    WARNING = "warning", _("look at it")  # of a step that went on
    OK = "ok", _("done")
    OK_WITH_VANISHED = "ok-with-vanished", _("done; mail moved meanwhile")
    SUSPICIOUS = "suspicious", _("suspicious")
    INCOMPLETE = "incomplete", _("incomplete")
    LOCKED = "locked", _("locked")
    AUTH = "auth", _("password refused")
    NO_REPOSITORY = "no-repository", _("no repository")
    UNREACHABLE = "unreachable", _("unreachable")
    NO_SPACE = "no-space", _("disk full")
    DAMAGED = "damaged", _("damaged")
    CANCELLED = "cancelled", _("cancelled")
    FAILED = "failed", _("failed")


GOOD = (State.OK, State.OK_WITH_VANISHED)
OPEN = (State.WAITING, State.RUNNING)


class BackupRun(models.Model):
    """A backup, a drill or a retention, from the wish to the verdict. Progress lies in the cache."""

    class Kind(models.TextChoices):
        BACKUP = "backup", _("Backup")
        DRILL = "drill", _("Restore drill")
        RETENTION = "retention", _("Retention")

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.BACKUP)
    by = models.CharField(max_length=254)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0)  # by a clock that never jumps
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    code = models.CharField(max_length=60, blank=True)  # of mailadmin.backup.words
    facts = models.JSONField(default=dict, blank=True)
    cancel_by = models.CharField(max_length=254, blank=True)  # who wants it to stop
    snapshot_id = models.CharField(max_length=64, blank=True)
    files = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    bytes_added = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict, blank=True)  # of a backup: counts; of a drill: the certificate

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["kind", "-created_at"], name="backup_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M} {self.state}"

    @property
    def is_good(self) -> bool:
        return self.state in GOOD

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


class BackupStep(models.Model):
    run = models.ForeignKey(BackupRun, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    started_at = models.DateTimeField(null=True, blank=True)
    seconds = models.FloatField(default=0)
    files = models.BigIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    code = models.CharField(max_length=60, blank=True)
    facts = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="backup_one_step")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.name} {self.state}"


class BackupLock(models.Model):
    """
    Who may write to the repository. `fence` grows with every owner: one who slept too long sees that
    somebody else came, and stops.
    """

    name = models.CharField(max_length=40, unique=True)
    fence = models.BigIntegerField(default=0)
    holder = models.CharField(max_length=64, blank=True)  # uuid of the run; empty: free
    host = models.CharField(max_length=255, blank=True)
    pid = models.IntegerField(default=0)
    process_started = models.BigIntegerField(
        default=0
    )  # jiffies since boot: a pid comes again, this does not
    until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} {self.fence} {self.holder or 'free'}"
