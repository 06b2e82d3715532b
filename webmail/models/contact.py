"""People one writes with."""

from django.db import models


class Contact(models.Model):
    account = models.CharField(max_length=320)
    address = models.CharField(max_length=320)  # lower case
    name = models.CharField(max_length=200, blank=True)
    organization = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=100, blank=True)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "address"], name="one_contact_an_address")]
        ordering = ["name", "address"]

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address
