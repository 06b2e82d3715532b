"""How the server was, run by run, and what was already said about it."""

from django.db import models


class HealthRun(models.Model):
    """One look at everything. Codes and facts, no sentences: those are looked up when it is shown."""

    at = models.DateTimeField(unique=True)
    status = models.CharField(max_length=10)
    seconds = models.FloatField(default=0)
    readings = models.JSONField(default=list)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.status}"


class HealthAlert(models.Model):
    """A part that is known to be unwell: told once, and once more when it is well again or worse."""

    part = models.CharField(max_length=300, unique=True)
    status = models.CharField(max_length=10)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.part} {self.status}"


class CanaryTrip(models.Model):
    """One letter to ourselves. `milliseconds`: until IMAP showed it; empty while it is missing."""

    token = models.CharField(max_length=32, unique=True)
    at = models.DateTimeField(db_index=True)
    status = models.CharField(max_length=10)
    code = models.CharField(max_length=40)
    milliseconds = models.PositiveIntegerField(null=True)
    facts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.code}"


class CanaryAccount(models.Model):
    """The canary's mailbox; its password is sealed and known to nobody."""

    address = models.CharField(max_length=254, unique=True)
    sealed_password = models.TextField()

    def __str__(self) -> str:
        return self.address


class Heartbeat(models.Model):
    """When a task sent by beat last ran in a worker. One row."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"


class CertificateInstall(models.Model):
    """What an hourly look at Traefik's certificate found; a new row when it changed."""

    at = models.DateTimeField()
    seen_at = models.DateTimeField()
    reading = models.JSONField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.reading.get('code')}"
