"""After a mark: only the rows that changed, and the counts. The list around them stays as it is."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from webmail.forms.messages import ListState
from webmail.http import MailRequest, preferences_of
from webmail.imap import flags, folders
from webmail.imap.connection import Connection
from webmail.services import messages
from webmail.services.messages import Done, Order
from webmail.types import Folder, Message

from . import rows, tree, words

_LOSING = ("unread", "flagged")  # filters that a mark may take a row out of
_SWAP = '<li hx-swap-oob="outerHTML:.message-row[data-uid=&quot;{}&quot;]" '


def stays(imap: Connection, request: MailRequest, order: Order, state: ListState) -> bool:
    """Would the list be the same but for these rows? Asked before the act.

    The page says which MODSEQ it shows. When the folder has another one, somebody else changed it, and the
    whole list tells of that, too.
    """
    shown, data = request.POST.get("modseq", ""), request.POST
    if not (request.htmx and order.word in messages.MARKS and shown.isascii() and shown.isdigit()):
        return False
    if data.get("all") or state.conversations or state.show in _LOSING or imap.is_virtual:
        return False
    if len(order.uids) > preferences_of(request).page_size:
        return False
    view = imap.select(order.folder)
    imap.is_fresh = True  # for the act that follows at once
    return bool(view.modseq) and view.modseq == int(shown[:20])


def answer(imap: Connection, order: Order, done: Done, state: ListState) -> HttpResponse | None:
    """The rows as they are now, to be put where they stand; None when one has gone or is not read yet."""
    found, modseq = flags.marked(imap, order.folder, order.uids)
    if len(found) != len(set(order.uids)) or not all(message.is_previewed for message in found):
        return None
    listed = folders.tree(imap, synced=True)
    folder = next((one for one in listed if one.name == order.folder), Folder(name=order.folder))
    pieces = [*_drawn(imap, folder, found, state), tree.draw(listed, order.folder, swap=True)]
    response = HttpResponse("\n".join(pieces))
    response.headers["HX-Reswap"] = "none"
    response.headers["HX-Trigger"] = words.toast(words.done(done), done.undo)
    response.headers["HX-Trigger-After-Swap"] = words.event(
        "rows-marked", modseq=max(modseq, imap.view.modseq if imap.view else 0)
    )
    return response


def _drawn(imap: Connection, folder: Folder, found: Sequence[Message], state: ListState) -> list[SafeString]:
    key = (imap.account, folder.name, imap.view.uidvalidity if imap.view else 0)
    style = rows.Style(labels=state.labels)
    drawn = rows.draw(found, folder.name, key, outgoing=rows.is_outgoing(folder), style=style)
    return [_swapping(row, message.uid) for row, message in zip(drawn, found, strict=True)]


def _swapping(row: SafeString, uid: int) -> SafeString:
    """The row of the list, told to take the place of the one of its uid."""
    return mark_safe(format_html(_SWAP, uid) + row.removeprefix("<li "))  # noqa: S308 - both are HTML
