"""An act on so many messages that nobody waits for it: it goes on when the page is closed."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

STALE = timedelta(minutes=2)  # a worker that said nothing for so long is dead
LONGEST = timedelta(hours=12)  # then it is given up


class BulkJob(models.Model):
    """`uids` is an IMAP set, taken when the act was ordered: what comes later is not meant."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        CANCELLING = "cancelling"
        CANCELLED = "cancelled"
        DONE = "done"
        FAILED = "failed"

    account = models.CharField(max_length=320, db_index=True)
    address = models.CharField(max_length=320)
    word = models.CharField(max_length=20)  # as Action.word; also undo and expunge
    source = models.CharField(max_length=1000)
    target = models.CharField(max_length=1000, blank=True)
    label = models.CharField(max_length=100, blank=True)
    uids = models.TextField(blank=True)
    uidvalidity = models.BigIntegerField(default=0)
    undo_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE)
    total = models.IntegerField(default=0)
    position = models.IntegerField(default=0)  # how many of `uids` are done with
    changed = models.IntegerField(default=0)  # how many were really there
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=20, blank=True)  # away, key, gone, changed, refused, full
    sealed = models.TextField(blank=True)  # the password, while it is needed (services/bulk.py)
    not_before = models.DateTimeField(default=timezone.now)
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.word} {self.position} of {self.total} {self.state}"

    @property
    def is_over(self) -> bool:
        return self.state in (self.State.CANCELLED, self.State.DONE, self.State.FAILED)

    @property
    def can_be_undone(self) -> bool:
        return self.is_over and not self.undo_of_id and self.actions.filter(undone_at=None).exists()

    @classmethod
    def claim(cls, number: int) -> "BulkJob | None":
        """For the one worker that does it; None when it is over, not due, or another's."""
        now = timezone.now()
        free = models.Q(state=cls.State.WAITING, not_before__lte=now)
        dead = models.Q(state__in=(cls.State.RUNNING, cls.State.CANCELLING), changed_at__lt=now - STALE)
        won = cls.objects.filter(free | dead, pk=number).update(state=cls.State.RUNNING, changed_at=now)
        return cls.objects.get(pk=number) if won else None

    @classmethod
    def due(cls) -> list[int]:
        """Jobs nobody works on though somebody should."""
        now = timezone.now()
        free = models.Q(state=cls.State.WAITING, not_before__lte=now)
        dead = models.Q(state__in=(cls.State.RUNNING, cls.State.CANCELLING), changed_at__lt=now - STALE)
        return list(cls.objects.filter(free | dead).values_list("pk", flat=True)[:200])

    def become(self, state: str, reason: str = "") -> None:
        self.state, self.reason = state, reason
        if self.is_over:
            self.sealed = ""
        self.save()
