"""What was already said about a domain, so that it is said once."""

from django.db import models


class DnsAlert(models.Model):
    domain = models.CharField(max_length=253)
    key = models.CharField(max_length=300)
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "key"], name="dns_one_alert")]

    def __str__(self) -> str:
        return f"{self.domain} {self.key}"
