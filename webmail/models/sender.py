"""What a person decided about a sender."""

from django.db import models


class SenderRule(models.Model):
    """`pattern` is an address, or "@domain" for all of it; lower case."""

    class View(models.TextChoices):
        UNSAID = ""
        PLAIN = "plain"
        DESIGNED = "designed"

    account = models.CharField(max_length=320)
    pattern = models.CharField(max_length=320)
    shows_images = models.BooleanField(default=False)
    view = models.CharField(max_length=8, choices=View.choices, blank=True, default=View.UNSAID)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "pattern"], name="one_rule_a_sender")]

    def __str__(self) -> str:
        return self.pattern
