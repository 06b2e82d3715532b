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


class Heartbeat(models.Model):
    """When a task sent by beat last ran in a worker. One row."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.at:%Y-%m-%d %H:%M}"
