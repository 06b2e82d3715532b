"""The action journal: what was done to which messages, and how it is taken back."""

from django.db import models


class Action(models.Model):
    """One act. `messages`: a list of [uid before, uid after or 0 when not known, flags before, guid]."""

    class Kind(models.TextChoices):
        MOVE = "move"
        FLAG = "flag"

    account = models.CharField(max_length=320, db_index=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    word = models.CharField(max_length=20)  # archive, trash, junk, read …: what the person chose
    source = models.CharField(max_length=1000)
    target = models.CharField(max_length=1000, blank=True)
    uidvalidity = models.BigIntegerField(default=0)  # of the folder they are in afterwards
    messages = models.JSONField(default=list)
    added = models.JSONField(default=list)
    removed = models.JSONField(default=list)
    # A part of something larger, which is shown and taken back as one.
    job = models.ForeignKey(
        "BulkJob", null=True, blank=True, on_delete=models.CASCADE, related_name="actions"
    )
    done_at = models.DateTimeField(auto_now_add=True, db_index=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-done_at"]

    def __str__(self) -> str:
        return f"{self.word} {len(self.messages)} of {self.source}"
