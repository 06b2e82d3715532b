"""What was brought back from a backup, and how far it got."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Restore(models.Model):
    """One wish to have something back. Going on with it is safe at any time: nothing is put back twice."""

    class Scope(models.TextChoices):
        EVERYTHING = "everything", _("Every mailbox")
        DOMAIN = "domain", _("One domain")
        MAILBOX = "mailbox", _("One mailbox")
        FOLDER = "folder", _("One folder")
        MESSAGES = "messages", _("Some messages")

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        FULL = "full", _("mailbox full")
        INTERRUPTED = "interrupted", _("interrupted")
        FAILED = "failed", _("failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=254)
    snapshot = models.CharField(max_length=64)
    moment = models.DateTimeField()
    scope = models.CharField(max_length=12, choices=Scope.choices)
    target = models.CharField(max_length=320, blank=True)  # an address, a domain, or nothing
    domain = models.CharField(max_length=253, blank=True)  # whose administrator may see it
    folder = models.TextField(blank=True)  # as the backup names it: "" is the inbox
    keys = models.JSONField(default=list)  # messages, as catalogue.Kept.key
    recreate = models.BooleanField(default=False)  # make mailboxes that are gone
    into_maildir = models.BooleanField(default=False)  # as files: no IMAP, no master user
    state = models.CharField(max_length=12, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=500, blank=True)
    wanted = models.PositiveIntegerField(default=0)
    restored = models.PositiveIntegerField(default=0)
    already = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    problems = models.JSONField(default=list)  # the first of them: {"what", "why"}
    current = models.CharField(max_length=320, blank=True)
    heartbeat = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    cancel = models.BooleanField(default=False)
    finished = models.DateTimeField(null=True)
    sealed_passwords = models.TextField(blank=True)  # made here, shown once, then forgotten

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["state", "heartbeat"], name="restore_state")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.scope} {self.target}"

    @property
    def is_going_on(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def can_go_on(self) -> bool:
        return self.state in (
            self.State.INTERRUPTED,
            self.State.FULL,
            self.State.CANCELLED,
            self.State.FAILED,
        )

    @property
    def handled(self) -> int:
        return self.restored + self.already + self.failed

    @property
    def percent(self) -> int:
        return min(100, 100 * self.handled // self.wanted) if self.wanted else 0
