"""How we may write to a zone, and what we wrote."""

from django.db import models


class DnsWriter(models.Model):
    """A way to write to a domain's zone; secrets are sealed.

    Without `provider`: a server that takes dynamic updates (RFC 2136), and `sealed_secret` is the TSIG key.
    With it: dns-lexicon's name of the provider, and `sealed_secret` its options as JSON.
    """

    domain = models.CharField(max_length=253, unique=True)
    provider = models.CharField(max_length=40, blank=True)
    server = models.GenericIPAddressField(null=True)
    port = models.PositiveIntegerField(default=53)
    key_name = models.CharField(max_length=253, blank=True)
    algorithm = models.CharField(max_length=20, default="hmac-sha256")
    sealed_secret = models.TextField()

    def __str__(self) -> str:
        return f"{self.domain} at {self.provider or self.server}"


class DnsChange(models.Model):
    """One plan that was applied; its inverse takes it back.

    `due` is when the next stage comes: after LOWERED the change itself, after WRITTEN the long TTL again.
    `seen` says of each authoritative server whether it already gives the new answer.
    """

    class Stage(models.TextChoices):
        LOWERED = "lowered"
        WRITTEN = "written"
        SETTLED = "settled"

    domain = models.CharField(max_length=253)
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=254)
    changes = models.JSONField(default=list)
    stage = models.CharField(max_length=10, choices=Stage, default=Stage.SETTLED)
    due = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=20, blank=True)
    seen = models.JSONField(default=dict)
    seen_at = models.DateTimeField(null=True)
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.domain} {self.at:%Y-%m-%d %H:%M}"
