"""Letters on their way: so that a letter is sent once, whatever is pressed twice or breaks in between."""

from datetime import timedelta

from django.db import IntegrityError, models, transaction
from django.utils import timezone

STALE = timedelta(minutes=15)


class OutgoingMessage(models.Model):
    """`message_id` is made with the form: two times the same form are one letter."""

    class State(models.TextChoices):
        WAITING = "waiting"  # in Drafts; not with the server
        SENDING = "sending"
        UNCERTAIN = "uncertain"  # handed over, but the answer was lost
        SENT = "sent"  # accepted; the copy is still in Drafts
        FILED = "filed"  # accepted, and the copy lies in Sent

    account = models.CharField(max_length=320)
    message_id = models.CharField(max_length=260)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    draft = models.BigIntegerField(default=0)  # uid of the copy in Drafts
    changed_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "message_id"], name="a_letter_goes_once")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"

    @classmethod
    def claim(cls, account: str, message_id: str) -> tuple["OutgoingMessage", bool]:
        """The row, and whether the caller (and nobody else) is to send it now."""
        try:
            with transaction.atomic():
                return cls.objects.create(
                    account=account, message_id=message_id, state=cls.State.SENDING
                ), True
        except IntegrityError:
            pass
        free = models.Q(state=cls.State.WAITING)
        row = cls.objects.filter(account=account, message_id=message_id)
        won = row.filter(free).update(state=cls.State.SENDING, changed_at=timezone.now())
        return row.get(), bool(won)

    def become(self, state: str) -> None:
        self.state = state
        self.save(update_fields=["state", "draft", "changed_at"])

    @classmethod
    def unfiled(cls, account: str) -> list["OutgoingMessage"]:
        """Sent, but its copy still waits to be put into Sent."""
        return list(cls.objects.filter(account=account, state=cls.State.SENT)[:20])

    @classmethod
    def stuck(cls, account: str) -> list["OutgoingMessage"]:
        """Somebody pulled the plug while it was handed over."""
        late = timezone.now() - STALE
        return list(cls.objects.filter(account=account, state=cls.State.SENDING, changed_at__lt=late)[:20])
