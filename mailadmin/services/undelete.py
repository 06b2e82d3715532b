"""A mailbox that is gone, made again as it was: through the API, with what the backup knows of it."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from mailadmin.backup.accounts import Account
from mailadmin.models import AuditEntry
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import Duplicate, NotFound, PosteError, Rejected
from mailadmin.posteio.resources import MailboxChange, NewDomain, NewMailbox
from mailadmin.services import audit, passwords
from mailadmin.services.audit import Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """`password`: made here because the server takes no hash; empty when the owner's old one works."""

    address: str
    password: str = field(default="", repr=False)
    problem: str = ""


def exists(poste: Client, address: str) -> bool:
    try:
        poste.mailboxes.get(address)
    except NotFound:
        return False
    return True


def domain(poste: Client, actor: Actor, name: str) -> bool:
    """Makes the domain when it is gone; whether it was."""
    try:
        poste.domains.get(name)
    except NotFound:
        with audit.change(actor, "domain.create", name, after={}):
            poste.domains.create(NewDomain(name=name))
        return True
    return False


def mailbox(poste: Client, actor: Actor, account: Account) -> Made:
    """Raises PosteError. Rights over other people do not come back by themselves."""
    facts = {"name": account.name, "suspended": account.suspended, "redirect_to": list(account.redirect_to)}
    with audit.change(actor, "mailbox.restore", account.address, after=facts):
        password = _create(poste, account)
    return Made(address=account.address, password=password, problem=_settings(poste, account))


def made_since(address: str, by: str, since: datetime) -> bool:
    """Whether this person's restore made the mailbox."""
    done = AuditEntry.Outcome.DONE
    return AuditEntry.objects.filter(
        target=address, action="mailbox.restore", actor=by, at__gte=since, outcome=done
    ).exists()


def _create(poste: Client, account: Account) -> str:
    common = NewMailbox(
        address=account.address,
        name=account.name,
        suspended=account.suspended,
        redirect_to=account.redirect_to,
    )
    if account.redirect_only and account.redirect_to:
        poste.mailboxes.create(common)
        return ""
    if account.password_hash:
        try:
            poste.mailboxes.create(replace(common, password_hash=account.password_hash))
        except Duplicate:
            raise
        except Rejected:
            pass  # poste.io itself takes no hash
        else:
            return ""
    password = passwords.generate()
    poste.mailboxes.create(replace(common, password=password))
    return password


def _settings(poste: Client, account: Account) -> str:
    """Limits, rights over the own domain, filter: what fails here is told, and takes nothing back."""
    try:
        if account.storage_limit or account.count_limit:
            poste.mailboxes.set_quota(
                account.address, storage_limit=account.storage_limit, count_limit=account.count_limit
            )
        if account.domain_admin:
            poste.mailboxes.update(account.address, MailboxChange(domain_admin=True))
        if account.sieve.strip():
            poste.mailboxes.set_sieve(account.address, account.sieve)
    except PosteError as error:
        return f"{type(error).__name__}: {error}"[:300]
    return ""
