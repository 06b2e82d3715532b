"""A mailbox's key, as it travels from the sign-in to IMAP and SMTP."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """`client_address` is the visitor's IP, passed on by PROXY where configured; empty when unknown."""

    address: str
    password: str = field(repr=False)
    client_address: str = ""
