"""How a person likes a folder: as conversations, or as single messages."""

from django.db import connection, models

_REMEMBERED = "SELECT view FROM webmail_folderview WHERE address = %s AND folder = %s"


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
        with connection.cursor() as cursor:  # at every list: a sentence that need not be built anew
            cursor.execute(_REMEMBERED, [address.lower(), folder])
            row = cursor.fetchone()
        return str(row[0]) if row else ""

    @classmethod
    def remember(cls, address: str, folder: str, view: str) -> None:
        cls.objects.update_or_create(address=address.lower(), folder=folder, defaults={"view": view})
