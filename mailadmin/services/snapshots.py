"""What a thing looks like at one moment: for the log, for "changed meanwhile", for undo."""

import hashlib
import json
from collections.abc import Mapping

from mailadmin.posteio.resources import Domain, Mailbox, Quota
from mailadmin.services.errors import ChangedMeanwhile

Facts = dict[str, object]


def of_domain(domain: Domain) -> Facts:
    return {
        "catch_all": domain.catch_all or "",
        "forward_domain": domain.forward_domain or "",
    }


def of_mailbox(mailbox: Mailbox) -> Facts:
    return {
        "name": mailbox.name,
        "suspended": mailbox.suspended,
        "super_admin": mailbox.super_admin,
        "domain_admin": mailbox.domain_admin,
        "redirect_to": list(mailbox.redirect_to),
    }


def of_alias(alias: Mailbox) -> Facts:
    return {"name": alias.name, "suspended": alias.suspended, "redirect_to": list(alias.redirect_to)}


def of_quota(quota: Quota) -> Facts:
    return {"storage_limit": quota.storage_limit, "count_limit": quota.count_limit}


def fingerprint(facts: Mapping[str, object]) -> str:
    """Short and the same for the same facts; travels in a form as what the person saw."""
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def same_as_seen(now: Mapping[str, object], seen: str) -> None:
    """ChangedMeanwhile when the world is no longer what the form showed. An empty `seen` asks for nothing."""
    if seen and seen != fingerprint(now):
        raise ChangedMeanwhile(now)
