"""What can be done to a domain: the mail server and the activity log, together."""

from django.utils.translation import gettext as _

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.posteio.resources import Dkim, Domain, DomainChange, NewDomain
from mailadmin.services import audit, routing, snapshots
from mailadmin.services.audit import Actor
from mailadmin.services.errors import Refused


def create(poste: Client, actor: Actor, name: str) -> Domain:
    with audit.change(actor, "domain.create", name, after={}) as change:
        domain = poste.domains.create(NewDomain(name=name))
        change.became(snapshots.of_domain(domain))
    return domain


def update(poste: Client, actor: Actor, name: str, wanted: DomainChange, seen: str = "") -> Domain:
    now = poste.domains.get(name)
    before = snapshots.of_domain(now)
    after = before | wanted.facts()
    if after == before:
        return now
    snapshots.same_as_seen(before, seen)
    if wanted.catch_all:
        _check_catch_all(poste, wanted.catch_all)
    with audit.change(actor, "domain.update", name, before=before, after=after) as change:
        poste.domains.update(name, wanted)
        found = poste.domains.get(name)
        change.became(snapshots.of_domain(found))
    return found


def delete(poste: Client, actor: Actor, domain: Domain, dies: snapshots.Facts) -> None:
    """With every mailbox and all mail, for good. `dies`: the counts the person was shown, for the log."""
    before = snapshots.of_domain(domain) | dies
    with audit.change(actor, "domain.delete", domain.name, before=before) as change:
        poste.domains.delete(domain.name)
        change.became(None)


def dkim(poste: Client, name: str) -> Dkim | None:
    """The public half; None when mail of this domain is not signed."""
    try:
        return poste.domains.dkim(name)
    except NotFound:
        return None


def create_dkim(poste: Client, actor: Actor, name: str) -> Dkim:
    """A new key. The old one, if there was one, stops signing at once."""
    with audit.change(actor, "dkim.create", name, before=_public(dkim(poste, name))) as change:
        key = poste.domains.create_dkim(name)
        change.became(_public(key))
    return key


def delete_dkim(poste: Client, actor: Actor, name: str) -> None:
    with audit.change(actor, "dkim.delete", name, before=_public(dkim(poste, name))) as change:
        poste.domains.delete_dkim(name)
        change.became(None)


def _check_catch_all(poste: Client, address: str) -> None:
    """A catch-all that nobody has would lose every letter it catches."""
    first = routing.trace(poste, address)[0]
    if first.kind in (routing.Kind.NOBODY, routing.Kind.CATCH_ALL, routing.Kind.SUSPENDED):
        raise Refused(_("There is no such mailbox."), "catch_all")


def _public(key: Dkim | None) -> snapshots.Facts | None:
    return {"selector": key.selector, "public": key.public} if key else None
