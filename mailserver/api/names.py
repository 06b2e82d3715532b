"""Addresses and domain names as this server takes them: lower case, A-labels, safe as a directory."""

import re

from .errors import Invalid

LABEL = r"(?!-)[a-z0-9_-]{1,63}(?<!-)"
DOMAIN = re.compile(rf"(?=.{{1,253}}$){LABEL}(\.{LABEL})+")
LOCAL = re.compile(r"[a-z0-9_-]([a-z0-9_.-]{0,62}[a-z0-9_-])?")


def domain_name(text: object, field: str = "name") -> str:
    """The A-label form; raises Invalid."""
    try:
        name = str(text or "").strip().lower().encode("idna").decode() if text else ""
    except UnicodeError:
        name = ""
    if not DOMAIN.fullmatch(name):
        raise Invalid({field: "This value is not a valid domain name."})
    return name


def split(text: object, field: str = "email") -> tuple[str, str]:
    """(local part, domain) of an address this server can hold; raises Invalid."""
    local, at, domain = str(text or "").strip().lower().rpartition("@")
    if not at or not LOCAL.fullmatch(local) or ".." in local:
        raise Invalid({field: "This value is not a valid email address."})
    return local, domain_name(domain, field)


def target(text: object) -> str:
    """An address mail may be redirected to: here, elsewhere, or `*@domain`; raises Invalid."""
    local, at, domain = str(text or "").strip().rpartition("@")
    if local == "*":
        return f"*@{domain_name(domain, 'redirectTo')}"
    # RFC 5321, 4.1.2: Dot-string; quoted local parts are legal, and nobody has one.
    if not at or not re.fullmatch(
        r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*", local
    ):
        raise Invalid({"redirectTo": f"{str(text)[:100]} is not a valid email address."})
    return f"{local.lower()}@{domain_name(domain, 'redirectTo')}"
