"""Labels by the names people gave them."""

from dataclasses import replace

from webmail.http import MailRequest, preferences_of
from webmail.imap import errors
from webmail.services import labels
from webmail.services.messages import Order


def labelled(request: MailRequest, order: Order) -> Order:
    """The order with the keyword in place of the label's name; a new name gets one."""
    if order.word not in ("label", "unlabel"):
        return order
    keyword = labels.keyword_for(preferences_of(request), order.label)
    if not keyword:
        raise errors.Rejected("no such label", "CANNOT")
    return replace(order, label=keyword)
