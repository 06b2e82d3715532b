"""A story in plain words: English here, Spanish in locale/health. %(name)s are facts."""

from .event import Event


def _(text: str) -> str:
    """Marks a sentence for scripts/messages.py. It is translated when it is shown."""
    return text


KINDS = {
    "accepted.user_tls": _("accepted from %(user)s, signed in, encrypted (%(tls)s)"),
    "accepted.user": _("accepted from %(user)s, signed in"),
    "accepted.tls": _("accepted from %(host)s (%(ip)s), encrypted (%(tls)s)"),
    "accepted": _("accepted from %(host)s (%(ip)s)"),
    "filtered.signed": _("spam score %(score)s of %(limit)s (%(action)s), signed for its domain"),
    "filtered": _("spam score %(score)s of %(limit)s (%(action)s)"),
    "delivered.folder": _("delivered to %(folder)s of %(recipient)s"),
    "delivered.alias_folder": _("delivered to %(folder)s of %(recipient)s, for %(asked)s"),
    "delivered.alias": _("delivered to %(recipient)s, for %(asked)s"),
    "delivered": _("delivered to %(recipient)s"),
    "stored": _("stored in %(folder)s of %(recipient)s"),
    "sent": _("handed on to %(relay)s for %(recipient)s: %(said)s"),
    "sent.domain": _("handed on to %(relay)s for %(domain)s: %(said)s"),
    "deferred": _("not delivered to %(recipient)s yet; it is tried again: %(said)s"),
    "bounced": _("could not be delivered to %(recipient)s: %(said)s"),
    "undeliverable": _("cannot be delivered to %(recipient)s: %(said)s"),
    "expired": _("was tried for too long and given up"),
    "notified": _("the sender was told"),
    "refused": _("refused: %(said)s"),
    "put_off": _("put off for now: %(said)s"),
    "held": _("held back: %(said)s"),
    "discarded": _("thrown away by a rule: %(said)s"),
    "forwarded": _("a rule of %(recipient)s: %(said)s"),
    "answered": _("%(recipient)s answered by itself: %(said)s"),
    "dropped": _("thrown away by a rule of %(recipient)s"),
    "returned": _("returned by a rule of %(recipient)s"),
    "not_stored": _("could not be stored for %(recipient)s: %(said)s"),
    "noted": _("the mailbox of %(recipient)s: %(said)s"),
}
STATES = {
    "delivered": _("delivered"),
    "sent": _("handed on"),
    "deferred": _("waits"),
    "bounced": _("came back"),
    "refused": _("refused"),
    "put_off": _("put off"),
    "discarded": _("thrown away"),
    "under_way": _("under way"),
}


def kind(event: Event) -> str:
    """The key of the sentence that says the most with the facts that are there."""
    has = {name for name, value in event.facts.items() if value}
    for name, needs in (
        ("accepted.user_tls", {"user", "tls"}),
        ("accepted.user", {"user"}),
        ("accepted.tls", {"tls"}),
        ("filtered.signed", {"signed"}),
        ("delivered.alias_folder", {"asked", "folder"}),
        ("delivered.folder", {"folder"}),
        ("delivered.alias", {"asked"}),
    ):
        if name.partition(".")[0] == event.kind and needs <= has:
            return name
    return "sent.domain" if event.kind == "sent" and "recipient" not in has else event.kind
