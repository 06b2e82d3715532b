"""How we may write to a zone, and what we wrote."""

from django.db import models


class DnsWriter(models.Model):
    """A server that takes dynamic updates (RFC 2136). The TSIG secret is sealed."""

    domain = models.CharField(max_length=253, unique=True)
    server = models.GenericIPAddressField()
    port = models.PositiveIntegerField(default=53)
    key_name = models.CharField(max_length=253)
    algorithm = models.CharField(max_length=20, default="hmac-sha256")
    sealed_secret = models.TextField()

    def __str__(self) -> str:
        return f"{self.domain} at {self.server}"


class DnsChange(models.Model):
    """One plan that was applied; its inverse takes it back."""

    domain = models.CharField(max_length=253)
    at = models.DateTimeField(auto_now_add=True)
    by = models.CharField(max_length=254)
    changes = models.JSONField(default=list)
    undone = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.domain} {self.at:%Y-%m-%d %H:%M}"
