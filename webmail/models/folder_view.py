"""How a person likes a folder: as conversations, or as single messages."""

from django.db import models


class FolderView(models.Model):
    class View(models.TextChoices):
        CONVERSATIONS = "conversations"
        MESSAGES = "messages"

    address = models.CharField(max_length=320)
    folder = models.CharField(max_length=1000)
    view = models.CharField(max_length=20, choices=View.choices)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["address", "folder"], name="one_view_of_a_folder")]

    def __str__(self) -> str:
        return f"{self.folder} {self.view}"

    @classmethod
    def remembered(cls, address: str, folder: str) -> str:
        """conversations, messages, or empty when nothing was chosen."""
        found = cls.objects.filter(address=address.lower(), folder=folder).values_list("view", flat=True)
        return next(iter(found), "")

    @classmethod
    def remember(cls, address: str, folder: str, view: str) -> None:
        cls.objects.update_or_create(address=address.lower(), folder=folder, defaults={"view": view})
