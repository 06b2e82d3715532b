"""The activity log: who changed what, from what, to what."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """
    One change. Written before the mail server is asked (outcome `started`), finished after it answered:
    whatever dies in between, the log already says who tried what. Never holds a password.
    """

    class Outcome(models.TextChoices):
        STARTED = "started", _("not confirmed")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        UNKNOWN = "unknown", _("not confirmed: no answer")
        MISSED = "missed", _("did not happen")

    at = models.DateTimeField(auto_now_add=True)
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=40)  # "mailbox.create": resource.verb; words in services/audit.py
    target = models.CharField(max_length=320)
    domain = models.CharField(max_length=253, blank=True)  # whose administrator may read it
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)  # what was asked for; once done, what it became
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.STARTED)
    reason = models.CharField(max_length=500, blank=True)  # why it was refused, in the server's words
    request_id = models.CharField(max_length=64, blank=True)
    client_address = models.CharField(max_length=45, blank=True)
    form_token = models.CharField(max_length=36, blank=True)  # one per form shown: finds a double submit
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_newest"),
            models.Index(fields=["domain", "-at"], name="audit_domain"),
            models.Index(fields=["target", "-at"], name="audit_target"),
            models.Index(fields=["actor", "-at"], name="audit_actor"),
        ]
        verbose_name_plural = "audit entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor} {self.action} {self.target}"
