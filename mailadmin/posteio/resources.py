"""What poste.io tells (Domain, Mailbox, Quota …) and what it is asked for (New…, …Change): types apart."""

from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final, Generic, Self, TypeVar

Json = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """`page` counts from 1; `total` is over all pages."""

    items: tuple[T, ...]
    page: int
    last_page: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """`catch_all` and `forward_domain` are None when switched off, whatever address is still remembered."""

    name: str
    home: str = ""
    catch_all: str | None = None
    forward_domain: str | None = None
    force_route_host: str | None = None
    reference_id: str | None = None
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        # poste.io may leave out or null every key but the name.
        return cls(
            name=_key(data, "name"),
            home=data.get("home") or "",
            catch_all=(data.get("domain_bin_address") or None) if data.get("domain_bin") else None,
            forward_domain=(data.get("forward_domain") or None) if data.get("forward") else None,
            force_route_host=(data.get("force_route_host") or None) if data.get("force_route") else None,
            reference_id=data.get("reference_id"),
            created=_date(data.get("created")),
            updated=_date(data.get("updated")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Their `box`. With `redirect_only` it is an alias: no storage, no password."""

    address: str
    name: str = ""
    home: str = ""
    suspended: bool = False
    domain_admin: bool = False
    super_admin: bool = False
    strict_from_disabled: bool = False
    redirect_only: bool = False
    redirect_to: tuple[str, ...] = ()
    discard: bool = False
    reference_id: str | None = None
    created: datetime | None = None
    updated: datetime | None = None

    @classmethod
    def from_json(cls, data: Json) -> Self:
        # poste.io may leave out or null every key but the address.
        return cls(
            address=_key(data, "address"),
            name=data.get("name") or "",
            home=data.get("home") or "",
            suspended=bool(data.get("disabled")),
            domain_admin=bool(data.get("domain_admin")),
            super_admin=bool(data.get("super_admin")),
            strict_from_disabled=bool(data.get("strict_from_disabled")),
            redirect_only=bool(data.get("redirect_only")),
            redirect_to=_strings(data.get("redirect_to")),
            discard=bool(data.get("discard")),
            reference_id=data.get("reference_id"),
            created=_date(data.get("created")),
            updated=_date(data.get("updated")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Megabytes and messages; a limit of 0 is no limit."""

    storage_limit: int = 0
    storage_usage: int = 0
    count_limit: int = 0
    count_usage: int = 0

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(**{one.name: _whole(data.get(one.name)) for one in fields(cls)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dkim:
    """`public` is the base64 that goes behind p=. The private half stays with the server."""

    selector: str
    public: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        lines = str(data.get("public") or "").splitlines()
        return cls(
            selector=data.get("selector") or "",
            public="".join(line.strip() for line in lines if not line.startswith("-----")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Messages of one period."""

    incoming: int = 0
    outgoing: int = 0

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(incoming=_whole(data.get("in")), outgoing=_whole(data.get("out")))


class _Keep:
    def __repr__(self) -> str:
        return "KEEP"


KEEP: Final[Any] = _Keep()  # in a change: leave it as it is (None means: take it away)


class _Change:
    """A change knows which of its fields were asked for."""

    __slots__ = ()

    def facts(self) -> dict[str, object]:
        """What changes, without the password: for logs and comparisons."""
        return {name: _plain(value) for name, value in self._asked() if name != "password"}

    def _asked(self) -> Iterable[tuple[str, Any]]:
        for one in fields(self):  # type: ignore[arg-type]
            value = getattr(self, one.name)
            if value is not KEEP:
                yield one.name, value


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDomain:
    name: str

    def to_json(self) -> Json:
        return {"name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainChange(_Change):
    """An empty or None `catch_all` or `forward_domain` switches it off."""

    catch_all: str | None = KEEP
    forward_domain: str | None = KEEP
    reference_id: str | None = KEEP

    def to_json(self) -> Json:
        data: Json = {}
        if self.catch_all is not KEEP:
            data |= {"domainBin": bool(self.catch_all), "domainBinAddress": self.catch_all or ""}
        if self.forward_domain is not KEEP:
            data |= {"forward": bool(self.forward_domain), "forwardDomain": self.forward_domain or ""}
        if self.reference_id is not KEEP:
            data["referenceId"] = self.reference_id or ""
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMailbox:
    """Needs a password, or `redirect_to` for an alias."""

    address: str
    password: str = field(default="", repr=False)
    name: str = ""
    suspended: bool = False
    super_admin: bool = False
    redirect_to: tuple[str, ...] = ()
    reference_id: str | None = None

    def to_json(self) -> Json:
        data: Json = {
            "email": self.address,
            "name": self.name,
            "disabled": self.suspended,
            "superAdmin": self.super_admin,
            "redirectTo": list(self.redirect_to),
        }
        if self.password:
            data["passwordPlaintext"] = self.password
        if self.reference_id is not None:
            data["referenceId"] = self.reference_id
        return data


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxChange(_Change):
    password: str = field(default=KEEP, repr=False)
    name: str = KEEP
    suspended: bool = KEEP
    super_admin: bool = KEEP
    domain_admin: bool = KEEP
    strict_from_disabled: bool = KEEP
    redirect_to: tuple[str, ...] = KEEP
    discard: bool = KEEP
    reference_id: str | None = KEEP

    def to_json(self) -> Json:
        return {THEIR_NAMES[name]: _plain(value) for name, value in self._asked()}


THEIR_NAMES = {  # ours → what a request calls it
    "address": "email",
    "password": "passwordPlaintext",
    "name": "name",
    "suspended": "disabled",
    "super_admin": "superAdmin",
    "domain_admin": "domainAdmin",
    "strict_from_disabled": "strictFromDisabled",
    "redirect_to": "redirectTo",
    "discard": "discard",
    "reference_id": "referenceId",
    "catch_all": "domainBinAddress",
    "forward_domain": "forwardDomain",
    "storage_limit": "storageLimit",
    "count_limit": "countLimit",
    "script": "script",
}
OUR_NAMES = {theirs: ours for ours, theirs in THEIR_NAMES.items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _key(data: Json, name: str) -> str:
    value = data[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is not text")
    return value


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else ()


def _whole(value: object) -> int:
    """Numbers may come as text, as floats, or not at all."""
    try:
        return int(float(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return 0


def _date(value: object) -> datetime | None:
    try:
        return datetime.strptime(str(value), "%Y-%m-%dT%H:%M:%S%z")  # 2004-02-12T15:19:21+0000
    except ValueError:
        return None
