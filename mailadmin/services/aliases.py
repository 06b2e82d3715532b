"""What can be done to an alias. For poste.io it is a mailbox that only redirects."""

from django.utils.translation import gettext as _

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.posteio.resources import Mailbox, MailboxChange, NewMailbox
from mailadmin.services import audit, routing, snapshots
from mailadmin.services.audit import Actor
from mailadmin.services.errors import Refused


def create(poste: Client, actor: Actor, address: str, targets: list[str]) -> Mailbox:
    check_targets(poste, address, targets)
    with audit.change(actor, "alias.create", address, after={"redirect_to": targets}) as change:
        alias = poste.mailboxes.create(NewMailbox(address=address, redirect_to=tuple(targets)))
        change.became(snapshots.of_alias(alias))
    return alias


def update(poste: Client, actor: Actor, address: str, targets: list[str], seen: str = "") -> Mailbox:
    now = poste.mailboxes.get(address)
    before = snapshots.of_alias(now)
    if targets == list(now.redirect_to):
        return now
    snapshots.same_as_seen(before, seen)
    check_targets(poste, address, targets)
    with audit.change(
        actor, "alias.update", address, before=before, after=before | {"redirect_to": targets}
    ) as change:
        poste.mailboxes.update(address, MailboxChange(redirect_to=tuple(targets)))
        found = poste.mailboxes.get(address)
        change.became(snapshots.of_alias(found))
    return found


def delete(poste: Client, actor: Actor, alias: Mailbox) -> None:
    with audit.change(actor, "alias.delete", alias.address, before=snapshots.of_alias(alias)) as change:
        poste.mailboxes.delete(alias.address)
        change.became(None)


def check_targets(poste: Client, address: str, targets: list[str]) -> None:
    """Refused when mail would run in a circle, or *@… means a domain that is not ours."""
    if not targets:
        raise Refused(_("An alias needs at least one address to lead to."), "targets")
    for target in targets:
        if target.startswith("*@") and not _is_ours(poste, target[2:]):
            sentence = _("%(target)s: only a domain of this server can stand for everybody.")
            raise Refused(sentence % {"target": target}, "targets")
    circle = routing.loops(poste, address, targets)
    if circle:
        sentence = _("Mail would run in a circle: %(circle)s leads back to where it came from.")
        raise Refused(sentence % {"circle": circle[0]}, "targets")


def external(poste: Client, targets: list[str]) -> list[str]:
    """Targets that leave this server."""
    domains = {target.rpartition("@")[2].lower() for target in targets}
    foreign = {name for name in domains if not _is_ours(poste, name)}
    return [target for target in targets if target.rpartition("@")[2].lower() in foreign]


def _is_ours(poste: Client, domain_name: str) -> bool:
    try:
        poste.domains.get(domain_name)
    except NotFound:
        return False
    return True
