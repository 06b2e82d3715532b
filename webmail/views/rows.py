"""Rows of a list as HTML."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from functools import lru_cache
from html import escape

from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from postie_web.templatetags.design import short_time, size_in
from webmail.http import folder_path
from webmail.imap.cache import Bounded
from webmail.mime import quotes
from webmail.services.labels import NONE, Labels
from webmail.types import Address, Conversation, Folder, Message

from .drawing import filled

_TEMPLATE = "webmail/messages/_message_row.html"
_LABEL = '<span class="tag tag--{}" data-label="{}">{}</span>'
_CONVERSATION = "webmail/messages/_conversation_row.html"
_KNOWN: Bounded[SafeString] = Bounded(8000)  # about 2 KB each


@dataclass(frozen=True, slots=True)
class Style:
    """How this person's rows differ from others': names of labels, words that were searched for."""

    labels: Labels = NONE
    words: tuple[str, ...] = ()
    query: str = ""  # goes along to the letter, so that the words are marked there, too

    def marked(self, text: str) -> str:
        finder = quotes.finding(self.words) if self.words else None
        if finder is None:
            return text
        pieces, position = [], 0
        for found in finder.finditer(text):
            pieces.append(format_html("{}<mark>{}</mark>", text[position : found.start()], found[0]))
            position = found.end()
        return format_html("{}{}", mark_safe("".join(pieces)), text[position:])  # noqa: S308 - escaped pieces


@dataclass(frozen=True, slots=True)
class Now:
    """Whose clock and words the rows of one page are drawn with; asked for once, not for each row."""

    zone: tzinfo
    day: date
    language: str

    @classmethod
    def here(cls) -> "Now":
        zone = timezone.get_current_timezone()
        return cls(zone, datetime.now(zone).date(), get_language() or "")


def is_outgoing(folder: Folder) -> bool:
    """Do its rows say who a letter is for?"""
    return folder.role in ("sent", "drafts")


def today() -> date:
    return timezone.localdate()


def draw(
    messages: Iterable[Message],
    folder: str,
    key: tuple[object, ...],
    *,
    outgoing: bool,
    style: Style | None = None,
) -> list[SafeString]:
    """`key` is (account, folder, uidvalidity): with uid, flags, day and language it says all of a row.

    An empty key: hits of several folders, whose uids mean nothing by themselves. Those are not kept.
    """
    style, now = style or Style(), Now.here()
    setting = (now.day, now.language, style)
    rows = []
    for message in messages:
        whole = (*key, message.uid, message.flags, message.preview, *setting)
        html = _KNOWN.get(whole) if key else None
        if html is None:
            html = _draw(message, folder, outgoing, style, now)
            if key:
                _KNOWN.put(whole, html)
        rows.append(html)
    return rows


def draw_conversations(
    conversations: Iterable[Conversation],
    folder: str,
    key: tuple[object, ...],
    *,
    outgoing: bool,
    style: Style | None = None,
) -> list[SafeString]:
    """The same for conversations, which are known by their newest message, their number and their marks."""
    rows, style, now = [], style or Style(), Now.here()
    for one in conversations:
        marks = (one.count, one.unread, one.is_flagged, one.has_attachments, one.people)
        whole = (*key, "conversation", one.newest.uid, one.newest.flags, one.newest.preview, marks)
        whole = (*whole, now.day, now.language, style)
        html = _KNOWN.get(whole)
        if html is None:
            html = _draw_conversation(one, folder, outgoing, style, now)
            _KNOWN.put(whole, html)
        rows.append(html)
    return rows


def _draw_conversation(one: Conversation, folder: str, outgoing: bool, style: Style, now: Now) -> SafeString:
    newest = one.newest
    variant = {
        "is_read": not one.unread,
        "is_flagged": one.is_flagged,
        "is_answered": newest.is_answered,
        "is_forwarded": newest.is_forwarded,
        "has_attachments": one.has_attachments,
        "is_alone": one.count == 1,
    }
    shared = _values(newest, folder, outgoing, style, now)
    values = {
        **shared,
        "path": f"{shared['path'].partition('?')[0]}conversation/",
        "count": formats.number_format(one.count),
        "count_words": _count_words(one),
        "attachments": _("with attachments"),
    }
    if not outgoing:
        values["people"] = _several(one.people)
    return filled(_CONVERSATION, variant, values, now.language)


def _several(people: Sequence[Address]) -> str:
    names = [str(address) for address in people]
    if len(names) > 3:
        names = [names[0], "…", *names[-2:]]
    return ", ".join(names) or _("Nobody")


def _count_words(one: Conversation) -> str:
    words = ngettext("%(count)d message", "%(count)d messages", one.count) % {"count": one.count}
    if not one.unread:
        return words
    unread = _("%(count)d unread") % {"count": one.unread}
    return f"{words}, {unread}"


def _draw(message: Message, folder: str, outgoing: bool, style: Style, now: Now) -> SafeString:
    variant = {
        "is_read": message.is_read,
        "is_flagged": message.is_flagged,
        "is_answered": message.is_answered,
        "is_forwarded": message.is_forwarded,
        "has_attachments": message.has_attachments,
    }
    return filled(_TEMPLATE, variant, _values(message, folder, outgoing, style, now), now.language)


def _labels(message: Message, style: Style) -> SafeString:
    called = map(style.labels.called, message.labels)
    return format_html_join("", _LABEL, ((label.tone, label.keyword, label.name) for label in called))


def _values(message: Message, folder: str, outgoing: bool, style: Style, now: Now) -> dict[str, str]:
    uid, who = message.real_uid or message.uid, people(message, outgoing)
    subject, number = message.envelope.subject or _("(no subject)"), SafeString(uid)
    return {
        # In a list that spans folders a box says where its message is, too.
        "uid": f"{uid}@{message.folder}" if message.folder else SafeString(message.uid),
        "real_uid": number,
        "path": f"/folder/{folder_path(message.folder or folder)}/{uid}/{style.query}",
        "people": style.marked(who),
        "subject": style.marked(subject),
        "plain_people": who,
        "plain_subject": subject,
        "preview": style.marked(message.preview),
        "time": _time(message.arrived, now),
        "attachments": _attachments(message.attachments) if message.attachments else "",
        "size": size_in(message.size, now.language),
        "labels": _labels(message, style) if message.labels else "",
    }


def people(message: Message, outgoing: bool) -> str:
    """Who it is from; in Sent and Drafts, who it is for."""
    envelope = message.envelope
    who: Sequence[Address] = envelope.to or envelope.cc if outgoing else envelope.sender
    return ", ".join(str(address) for address in who[:3]) or (_("No recipient") if outgoing else _("Nobody"))


def _attachments(count: int) -> str:
    return ngettext("%(count)d attachment", "%(count)d attachments", count) % {"count": count}


def _time(moment: datetime, now: Now) -> SafeString:
    """As the filter mail_time, with the words of a day made once."""
    local = moment.astimezone(now.zone)
    clock, day = f"{local.hour:02}:{local.minute:02}", local.date()
    short = clock if day == now.day else _short_day(day, now.day, now.language)
    iso, title = local.isoformat(timespec="seconds"), _long_day(day, now.language)
    html = f'<time datetime="{iso}" title="{title}, {clock}">{short}</time>'
    return mark_safe(html)  # noqa: S308  numbers, and words that _short_day and _long_day escape


@lru_cache(maxsize=2048)
def _short_day(day: date, now: date, language: str) -> str:
    start = datetime.min.time()
    return escape(short_time(datetime.combine(day, start), datetime.combine(now, start)))


@lru_cache(maxsize=2048)
def _long_day(day: date, language: str) -> str:
    return escape(f"{formats.date_format(day, 'l')} {formats.date_format(day, 'DATE_FORMAT')}")
