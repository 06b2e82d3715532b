"""Searches worth keeping, and the last ones."""

from django.db import models


class SavedSearch(models.Model):
    """With a `name`: kept until deleted. Without: one of the last few."""

    account = models.CharField(max_length=320)
    query = models.CharField(max_length=500)
    name = models.CharField(max_length=100, blank=True)
    used_at = models.DateTimeField(auto_now=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "query"], name="one_row_a_search")]
        ordering = ["-used_at"]

    def __str__(self) -> str:
        return self.name or self.query
