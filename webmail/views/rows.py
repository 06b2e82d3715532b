"""Rows of a list as HTML. A row that was drawn once is not drawn again: all it shows is in its key."""

from collections.abc import Iterable, Sequence
from datetime import date

from django.template.loader import get_template
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from postie_web.templatetags.design import mail_time
from webmail.http import folder_path
from webmail.imap.cache import Bounded
from webmail.types import Address, Message

_DRAWN: Bounded[SafeString] = Bounded(8000)  # about 2 KB each


class Row:
    """A message as a list shows it."""

    def __init__(self, message: Message, folder: str, *, outgoing: bool) -> None:
        self.message = message
        self.folder = message.folder or folder
        self.uid = message.real_uid or message.uid
        self.outgoing = outgoing

    @cached_property
    def people(self) -> str:
        """Who it is from; in Sent and Drafts, who it is for."""
        envelope = self.message.envelope
        who: Sequence[Address] = envelope.to or envelope.cc if self.outgoing else envelope.sender
        return ", ".join(str(address) for address in who[:3]) or (
            _("No recipient") if self.outgoing else _("Nobody")
        )

    @cached_property
    def subject(self) -> str:
        return self.message.envelope.subject or _("(no subject)")

    @cached_property
    def path(self) -> str:
        return f"/folder/{folder_path(self.folder)}/{self.uid}/"

    @cached_property
    def time(self) -> SafeString | str:
        return mail_time(self.message.arrived)

    @cached_property
    def attachments(self) -> str:
        count = self.message.attachments
        return ngettext("%(count)d attachment", "%(count)d attachments", count) % {"count": count}


def today() -> date:
    return timezone.localdate()


def draw(
    messages: Iterable[Message], folder: str, key: tuple[object, ...], *, outgoing: bool
) -> list[SafeString]:
    """`key` is (account, folder, uidvalidity): with uid, flags, day and language it says all of a row."""
    day = today()
    language = get_language()
    template = None
    drawn = []
    for message in messages:
        whole = (*key, message.uid, message.flags, message.preview, day, language)
        html = _DRAWN.get(whole)
        if html is None:
            template = template or get_template("webmail/messages/_message_row.html")
            row = Row(message, folder, outgoing=outgoing)
            html = mark_safe(template.render({"row": row, "message": message, "select": _("Select")}))  # noqa: S308 - a template's output
            _DRAWN.put(whole, html)
        drawn.append(html)
    return drawn
