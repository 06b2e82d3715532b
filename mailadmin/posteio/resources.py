"""What poste.io keeps, in our words. camelCase goes in, snake_case comes out: two sets of types."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Generic, Self, TypeVar

Json = Mapping[str, Any]
T = TypeVar("T")
MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Page(Generic[T]):
    """
    `number` counts from 1; `total` counts everything on all pages. `filtered`: the server heeded every filter
    that was asked for. Not `complete`: there is more than was looked at; `total` is what was found so far.
    """

    items: tuple[T, ...]
    number: int
    last_page: int
    total: int
    filtered: bool = True
    complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """
    Which boxes, in which order: our own addition to the API (mailserver/api/filters.py). poste.io ignores it,
    and then `Page.filtered` is False. None and "" leave it open. `sort`: address, name or created; "-" turns
    it round.
    """

    domain: str = ""
    aliases: bool | None = None
    suspended: bool | None = None
    super_admins: bool | None = None
    administrators: bool | None = None  # of a domain or of all
    sort: str = ""

    def parameters(self) -> dict[str, str]:
        flags = {
            "redirectOnly": self.aliases,
            "disabled": self.suspended,
            "superAdmin": self.super_admins,
            "administrator": self.administrators,
        }
        texts = {"domain": self.domain, "sort": self.sort}
        said = {name: str(value).lower() for name, value in flags.items() if value is not None}
        return said | {name: value for name, value in texts.items() if value}

    def fits(self, box: "Mailbox") -> bool:
        """The same, judged here: for a server that does not know these filters."""
        has = (box.redirect_only, box.suspended, box.super_admin, box.super_admin or box.domain_admin)
        asked = (self.aliases, self.suspended, self.super_admins, self.administrators)
        return (not self.domain or box.domain_name == self.domain) and all(
            wanted in (None, found) for wanted, found in zip(asked, has, strict=True)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """`catch_all`: the mailbox for mail to unknown names. `forward_domain`: it is an alias of that domain."""

    name: str
    created: datetime | None = None
    updated: datetime | None = None
    catch_all: str = ""
    forward_domain: str = ""
    reference_id: str = ""

    @classmethod
    def from_json(cls, data: Json) -> Self:
        # poste.io may leave out or null every key but the name.
        return cls(
            name=_text(data["name"]),
            created=moment(data.get("created")),
            updated=moment(data.get("updated")),
            catch_all=(data.get("domain_bin_address") or "") if data.get("domain_bin") else "",
            forward_domain=(data.get("forward_domain") or "") if data.get("forward") else "",
            reference_id=data.get("reference_id") or "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDomain:
    name: str

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name}


@dataclass(frozen=True, slots=True, kw_only=True)
class DomainChange:
    """None leaves it as it is; an empty text switches it off."""

    catch_all: str | None = None
    forward_domain: str | None = None
    reference_id: str | None = None

    def facts(self) -> dict[str, object]:
        return _given(self)

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {}
        if self.catch_all is not None:
            body |= {"domainBin": bool(self.catch_all), "domainBinAddress": self.catch_all or None}
        if self.forward_domain is not None:
            body |= {"forward": bool(self.forward_domain), "forwardDomain": self.forward_domain or None}
        if self.reference_id is not None:
            body["referenceId"] = self.reference_id
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox, or an alias when `redirect_only`."""

    address: str
    name: str = ""
    suspended: bool = False
    super_admin: bool = False
    domain_admin: bool = False
    redirect_only: bool = False
    redirect_to: tuple[str, ...] = ()
    discard: bool = False
    reference_id: str = ""
    created: datetime | None = None
    updated: datetime | None = None

    @property
    def domain_name(self) -> str:
        return self.address.rpartition("@")[2]

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            address=_text(data["address"]),
            name=data.get("name") or "",
            suspended=bool(data.get("disabled")),
            super_admin=bool(data.get("super_admin")),
            domain_admin=bool(data.get("domain_admin")),
            redirect_only=bool(data.get("redirect_only")),
            redirect_to=tuple(data.get("redirect_to") or ()),
            discard=bool(data.get("discard")),
            reference_id=data.get("reference_id") or "",
            created=moment(data.get("created")),
            updated=moment(data.get("updated")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMailbox:
    """With targets and without a password it is an alias."""

    address: str
    password: str = field(default="", repr=False)
    password_hash: str = field(default="", repr=False)  # the bundled server's own; poste.io takes none
    name: str = ""
    suspended: bool = False
    super_admin: bool = False
    redirect_to: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "email": self.address,
            "name": self.name,
            "redirectTo": list(self.redirect_to),
        }
        if self.password:
            body["passwordPlaintext"] = self.password
        if self.password_hash:
            body["passwordHash"] = self.password_hash
        if self.suspended:
            body["disabled"] = True
        if self.super_admin:
            body["superAdmin"] = True
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxChange:
    """None leaves it as it is."""

    name: str | None = None
    password: str | None = field(default=None, repr=False)
    suspended: bool | None = None
    super_admin: bool | None = None
    domain_admin: bool | None = None
    redirect_to: tuple[str, ...] | None = None
    reference_id: str | None = None

    def facts(self) -> dict[str, object]:
        """For a log: everything but the password."""
        return {key: value for key, value in _given(self).items() if key != "password"}

    def to_json(self) -> dict[str, Any]:
        return {_CAMEL[key]: value for key, value in _given(self).items()}


_CAMEL = {
    "name": "name",
    "password": "passwordPlaintext",
    "suspended": "disabled",
    "super_admin": "superAdmin",
    "domain_admin": "domainAdmin",
    "redirect_to": "redirectTo",
    "reference_id": "referenceId",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """Megabytes and messages; a limit of 0 is none."""

    storage_limit: int = 0
    storage_usage: float = 0
    count_limit: int = 0
    count_usage: int = 0

    @classmethod
    def from_json(cls, data: Json) -> Self:
        return cls(
            storage_limit=_whole(data.get("storage_limit")),
            storage_usage=float(data.get("storage_usage") or 0),
            count_limit=_whole(data.get("count_limit")),
            count_usage=_whole(data.get("count_usage")),
        )

    @property
    def storage_used_bytes(self) -> int:
        return round(self.storage_usage * MEGABYTE)

    @property
    def storage_limit_bytes(self) -> int:
        return self.storage_limit * MEGABYTE


@dataclass(frozen=True, slots=True, kw_only=True)
class Dkim:
    """The public half of a signing key; the private half is not read even when poste.io sends it."""

    selector: str
    public: str

    @classmethod
    def from_json(cls, data: Json) -> Self:
        lines = str(data.get("public") or "").splitlines()  # bare base64, or PEM
        public = "".join(line.strip() for line in lines if not line.startswith("-----"))
        return cls(selector=data.get("selector") or "", public=public)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    incoming: int
    outgoing: int


def traffic(data: Json | list[object]) -> dict[str, Traffic]:
    # An empty PHP array becomes [] in JSON.
    if not isinstance(data, Mapping):
        return {}
    return {
        str(period): Traffic(incoming=int(one.get("in") or 0), outgoing=int(one.get("out") or 0))
        for period, one in data.items()
    }


def moment(text: object) -> datetime | None:
    """'2004-02-12T15:19:21+0000'; None for anything else."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%S%z")
    except ValueError:
        return None


def _whole(value: object) -> int:
    """Numbers may come as text or with a point."""
    return int(float(str(value))) if value else 0


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def _given(change: Any) -> dict[str, object]:
    values = {one.name: getattr(change, one.name) for one in fields(change)}
    return {
        key: list(value) if isinstance(value, tuple) else value
        for key, value in values.items()
        if value is not None
    }
