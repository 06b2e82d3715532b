"""The same records as a provider's form or a zone file wants them."""

from collections.abc import Iterable, Mapping
from typing import Any

PROVIDERS = {"zone": "BIND", "cloudns": "ClouDNS", "cloudflare": "Cloudflare", "route53": "Route 53"}
TTL = 3600
LONGEST_STRING = 255  # RFC 1035, 3.3


def quoted(text: str) -> str:
    """TXT in a zone file: strings of at most 255 bytes, quotes and backslashes escaped."""
    parts = [text[n : n + LONGEST_STRING] for n in range(0, len(text), LONGEST_STRING)] or [""]
    return " ".join('"' + part.replace("\\", "\\\\").replace('"', '\\"') + '"' for part in parts)


def zone_file(records: Iterable[Mapping[str, Any]]) -> str:
    lines = []
    for record in records:
        value = quoted(record["value"]) if record["kind"] == "TXT" else record["value"]
        lines.append(f"{record['name']}. {TTL} IN {record['kind']} {value}")
    return "\n".join(lines) + "\n"


def relative(name: str, zone: str, apex: str) -> str:
    return apex if name == zone else name.removesuffix("." + zone)


def fields(provider: str, record: Mapping[str, Any], zone: str) -> dict[str, str]:
    """What goes into which field of the provider's form, in its order."""
    apex = {"cloudns": "", "cloudflare": "@", "route53": ""}.get(provider, "@")
    name, kind, value = relative(record["name"], zone, apex), record["kind"], record["value"]
    if provider == "zone":
        return {"name": record["name"] + ".", "value": quoted(value) if kind == "TXT" else value}
    if provider == "route53":  # one field, as in a zone file
        return {"name": name, "value": quoted(value) if kind == "TXT" else value}
    numbers: dict[str, str] = {}
    if kind == "MX":
        numbers["priority"], value = value.split(" ", 1)
    elif kind == "SRV":
        numbers["priority"], numbers["weight"], numbers["port"], value = value.split(" ", 3)
    elif kind == "CAA":
        numbers["flags"], numbers["tag"], value = value.split(" ", 2)
        value = value.strip('"')  # the form adds the quotes
    elif kind == "TLSA":
        numbers["usage"], numbers["selector"], numbers["matching"], value = value.split(" ", 3)
    if kind in ("MX", "SRV", "CNAME") and value != ".":
        value = value.rstrip(".")  # these forms add the dot themselves
    return {"name": name, **numbers, "value": value}
