"""What was seen in the DNS, and what an administrator accepts as it is."""

from django.db import models


class DnsReport(models.Model):
    """One run over one domain. Codes and facts, no sentences: those are looked up when it is shown."""

    domain = models.CharField(max_length=253)
    at = models.DateTimeField()
    status = models.CharField(max_length=10)
    score = models.PositiveSmallIntegerField(default=0)
    findings = models.JSONField(default=list)  # [[check, finding]]
    expected = models.JSONField(default=list)
    questions = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["domain", "-at"], name="dns_newest")]

    def __str__(self) -> str:
        return f"{self.domain} {self.at:%Y-%m-%d %H:%M} {self.status}"


class DnsMemory(models.Model):
    """What a check must know of earlier runs: an MTA-STS id and its policy, since when serials differ."""

    domain = models.CharField(max_length=253)
    key = models.CharField(max_length=300)
    value = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "key"], name="dns_one_memory")]

    def __str__(self) -> str:
        return f"{self.domain} {self.key}"


class DnsAcceptance(models.Model):
    """I know, and it is meant so: until it expires the finding does not count."""

    domain = models.CharField(max_length=253)
    key = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    until = models.DateField()
    by = models.CharField(max_length=254)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["domain", "key"], name="dns_one_acceptance")]

    def __str__(self) -> str:
        return f"{self.domain} {self.key}"


class ParkedDomain(models.Model):
    """A domain that carries no mail on purpose."""

    name = models.CharField(max_length=253, unique=True)

    def __str__(self) -> str:
        return self.name
