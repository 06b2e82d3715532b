"""Who gets mail for an address? Follows aliases, alias domains and catch-all addresses as the server does."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound
from mailadmin.posteio.resources import Domain, Mailbox

MOST_HOPS = 200


class Kind(StrEnum):
    MAILBOX = "mailbox"  # ends here, delivered
    SUSPENDED = "suspended"  # ends here, refused
    ALIAS = "alias"
    CATCH_ALL = "catch-all"
    ALIAS_DOMAIN = "alias-domain"
    EVERYBODY = "everybody"  # *@domain
    DISCARD = "discard"  # ends here, accepted and thrown away
    EXTERNAL = "external"  # leaves this server
    NOBODY = "nobody"  # ends here, refused: there is no such address
    LOOP = "loop"  # was on the way already
    TOO_MANY = "too-many"  # we stopped looking


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    address: str
    kind: Kind
    depth: int

    @property
    def steps(self) -> range:
        return range(self.depth)


def trace(poste: Client, address: str, pretend: Mapping[str, list[str]] | None = None) -> list[Hop]:
    """Every stop, depth first. `pretend`: aliases that do not exist yet (or not so) and their targets."""
    return list(
        _Walk(poste, {key.lower(): value for key, value in (pretend or {}).items()}).follow(address, 0, ())
    )


def loops(poste: Client, alias: str, targets: list[str]) -> list[str]:
    """Addresses through which mail for `alias` would come back to where it was; empty when all is well."""
    return [hop.address for hop in trace(poste, alias, {alias: targets}) if hop.kind is Kind.LOOP]


@dataclass(slots=True)
class _Walk:
    poste: Client
    pretend: Mapping[str, list[str]]
    hops: int = 0
    domains: dict[str, Domain | None] = field(default_factory=dict)

    def follow(self, address: str, depth: int, way: tuple[str, ...]) -> Iterator[Hop]:
        address = address.lower()
        self.hops += 1
        if self.hops > MOST_HOPS:
            yield Hop(address=address, kind=Kind.TOO_MANY, depth=depth)
            return
        if address in way:
            yield Hop(address=address, kind=Kind.LOOP, depth=depth)
            return
        kind, targets = self.look(address)
        yield Hop(address=address, kind=kind, depth=depth)
        for target in targets:
            if self.hops <= MOST_HOPS:
                yield from self.follow(target, depth + 1, (*way, address))

    def look(self, address: str) -> tuple[Kind, list[str]]:
        """What stands at this address, and where mail goes from there."""
        local_part, _at, domain_name = address.rpartition("@")
        if address in self.pretend:
            return Kind.ALIAS, self.pretend[address]
        domain = self.domain(domain_name)
        if domain is None:
            return Kind.EXTERNAL, []
        if local_part == "*":
            return Kind.EVERYBODY, []
        box = self.box(address)
        if box is not None:
            return _stands(box)
        # Plus addressing: ana+shop@ is ana@ (RFC 5233), but only when nobody has that very name.
        base = local_part.partition("+")[0]
        if base and base != local_part:
            return Kind.ALIAS, [f"{base}@{domain_name}"]
        if domain.forward_domain:
            return Kind.ALIAS_DOMAIN, [f"{local_part}@{domain.forward_domain}"]
        if domain.catch_all:
            return Kind.CATCH_ALL, [domain.catch_all]
        return Kind.NOBODY, []

    def domain(self, name: str) -> Domain | None:
        if name not in self.domains:
            try:
                self.domains[name] = self.poste.domains.get(name)
            except NotFound:
                self.domains[name] = None
        return self.domains[name]

    def box(self, address: str) -> Mailbox | None:
        try:
            return self.poste.mailboxes.get(address)
        except NotFound:
            return None


def _stands(box: Mailbox) -> tuple[Kind, list[str]]:
    if box.suspended:
        return Kind.SUSPENDED, []
    if box.discard:
        return Kind.DISCARD, []
    if box.redirect_only:
        return Kind.ALIAS, list(box.redirect_to)
    return Kind.MAILBOX, [target for target in box.redirect_to if target.lower() != box.address]
