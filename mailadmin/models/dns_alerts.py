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


class DnsSilence(models.Model):
    """No alarms about a domain until then: planned work."""

    domain = models.CharField(max_length=253, unique=True)
    until = models.DateTimeField()
    by = models.CharField(max_length=254)

    def __str__(self) -> str:
        return f"{self.domain} until {self.until:%Y-%m-%d %H:%M}"
