"""Who looked into the past of a mailbox, and what was brought back."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Look(models.Model):
    """One look into a backup, or one restore from it. Written before anything is shown."""

    class Kind(models.TextChoices):
        FOLDER = "folder", _("Looked at a folder")
        GONE = "gone", _("Looked for what is gone")
        MESSAGE = "message", _("Read a message")
        RESTORE = "restore", _("Brought back")

    account = models.CharField(max_length=320)
    at = models.DateTimeField(auto_now_add=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    moment = models.DateTimeField()  # the backup's
    what = models.CharField(max_length=500, blank=True)  # a folder, a subject
    count = models.PositiveIntegerField(default=0)
    client_address = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["account", "-at"], name="look_newest")]

    def __str__(self) -> str:
        return f"{self.account} {self.kind} {self.what}"
