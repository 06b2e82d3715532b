"""How a person wants to read: chosen on the settings page, the same in every browser."""

import json

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Preferences(models.Model):
    """One row per mailbox that ever chose something; without a row the defaults hold."""

    class Density(models.TextChoices):
        COMFORTABLE = "comfortable", _("Comfortable: two lines")
        DENSE = "dense", _("Dense: one line")

    class Pane(models.TextChoices):
        RIGHT = "right", _("Beside the list")
        BELOW = "below", _("Below the list")
        NONE = "none", _("Instead of the list")

    class AfterMove(models.TextChoices):
        LIST = "list", _("Back to the list")
        NEXT = "next", _("Open the next message")

    class Images(models.TextChoices):
        ASK = "ask", _("Ask each time")
        CONTACTS = "contacts", _("Show those of my contacts")

    class Receipts(models.TextChoices):
        ASK = "ask", _("Ask me")
        NEVER = "never", pgettext_lazy("receipt", "Never send one")

    class ReadAfter(models.IntegerChoices):
        NEVER = -1, pgettext_lazy("mark as read", "Only when I say so")
        AT_ONCE = 0, _("At once")
        TWO = 2, _("After 2 seconds")
        FIVE = 5, _("After 5 seconds")
        TEN = 10, _("After 10 seconds")

    class PageSize(models.IntegerChoices):
        SMALL = 25, "25"
        USUAL = 50, "50"
        LARGE = 100, "100"
        LARGEST = 200, "200"

    account = models.CharField(max_length=320, unique=True)
    density = models.CharField(
        _("Rows of the list"), max_length=12, choices=Density.choices, default=Density.COMFORTABLE
    )
    page_size = models.PositiveSmallIntegerField(
        _("Messages on a page"), choices=PageSize.choices, default=PageSize.USUAL
    )
    shows_preview = models.BooleanField(_("Show the first words of each message"), default=True)
    scrolls = models.BooleanField(_("Load more while scrolling"), default=False)
    pane = models.CharField(_("Open messages"), max_length=6, choices=Pane.choices, default=Pane.RIGHT)
    after_move = models.CharField(
        _("After archiving or deleting"), max_length=4, choices=AfterMove.choices, default=AfterMove.LIST
    )
    read_after = models.SmallIntegerField(
        _("Mark an open message as read"), choices=ReadAfter.choices, default=ReadAfter.AT_ONCE
    )
    reads_plain = models.BooleanField(_("Show messages as plain text"), default=False)
    images = models.CharField(_("Remote images"), max_length=8, choices=Images.choices, default=Images.ASK)
    receipts = models.CharField(
        _("When a sender asks for a read receipt"),
        max_length=5,
        choices=Receipts.choices,
        default=Receipts.ASK,
    )
    keys = models.JSONField(default=dict)  # key as delivered → key as this person wants it
    labels = models.JSONField(default=dict)  # keyword → {"name": …, "tone": …}
    roles = models.JSONField(default=dict)  # role → folder's name, where the server is mistaken
    changed_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.account

    @property
    def own_keys(self) -> str:
        """As JSON for the page; empty when all are as delivered."""
        return json.dumps(self.keys) if isinstance(self.keys, dict) and self.keys else ""

    @property
    def stamp(self) -> str:
        """Another one after every change."""
        return self.changed_at.isoformat() if self.changed_at else ""
