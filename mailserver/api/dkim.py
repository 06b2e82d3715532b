"""DKIM keys are files: a key in Redis alone means unsigned mail when Redis is empty (seen both ways)."""

import asyncio
import base64
import os
import re
import time
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from . import domains, payload
from .database import Database
from .errors import Invalid, NotFound
from .service import service

BITS = 2048  # RFC 8301, 3.2
SELECTOR = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_seconds: dict[str, int] = {}  # domain → of its newest selector, as long as that is not past


def directory(database: Database) -> Path:
    return database.root / "data/dkim"


def key_file(database: Database, domain: str, selector: str) -> Path:
    return directory(database) / f"{domain}.{selector}.key"


async def one(request: Request) -> Response:
    """The private key stays here unless it is asked for by name (`?private=1`)."""
    database, row = service(request).database, domains.known(request)
    if not row["dkim_selector"]:
        raise NotFound("This domain has no DKIM key.")
    pem = key_file(database, row["name"], row["dkim_selector"]).read_text()
    private = pem if request.query_params.get("private") == "1" else ""
    return JSONResponse(
        {"name": row["name"], "selector": row["dkim_selector"], "public": public(pem), "private": private}
    )


async def replace(request: Request) -> Response:
    """A new key, or the one given (`selector`, `private`)."""
    database, row = service(request).database, domains.known(request)
    body = await payload.read(request)
    selector = str(body.get("selector") or _new_selector(row["name"])).lower()
    if not SELECTOR.fullmatch(selector):
        raise Invalid({"selector": "This value is not a valid selector."})
    try:
        pem = canonical(str(body["private"])) if body.get("private") else await asyncio.to_thread(generate)
    except (ValueError, TypeError):
        raise Invalid({"private": "This value is not an RSA private key."}) from None
    install(database, row["name"], selector, pem)
    return Response(status_code=204)


def _new_selector(domain: str) -> str:
    """The second it is made, or the next that this domain has not had: Rspamd knows keys by file name."""
    now = int(time.time())
    for name in [name for name, second in _seconds.items() if second < now]:
        del _seconds[name]
    _seconds[domain] = max(now, _seconds.get(domain, 0) + 1)
    return time.strftime("s%Y%m%d%H%M%S", time.gmtime(_seconds[domain]))


async def delete(request: Request) -> Response:
    database, row = service(request).database, domains.known(request)
    if not row["dkim_selector"]:
        raise NotFound("This domain has no DKIM key.")
    with database.change() as connection:
        connection.execute("UPDATE domains SET dkim_selector = NULL WHERE name = ?", (row["name"],))
    remove(database, row["name"])
    return Response(status_code=204)


def generate() -> str:
    return _pem(rsa.generate_private_key(public_exponent=65537, key_size=BITS))


def canonical(pem: str) -> str:
    """The key in one form, whatever form it came in. Raises ValueError."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size < 1024:
        raise ValueError("not an RSA key of 1024 bits or more")
    return _pem(key)


def _pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()


def public(pem: str) -> str:
    """What stands behind p= (RFC 6376, 3.6.1)."""
    key = serialization.load_pem_private_key(pem.encode(), password=None)
    der = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(der).decode()


def install(database: Database, domain: str, selector: str, pem: str) -> None:
    """Key first, then the row, then the map: at no moment does the map name a key that is not there."""
    row = database.row("SELECT dkim_selector FROM domains WHERE name = ?", domain)
    before = key_file(database, domain, row["dkim_selector"]) if row and row["dkim_selector"] else None
    _replace(key_file(database, domain, selector), pem)
    with database.change() as connection:
        connection.execute("UPDATE domains SET dkim_selector = ? WHERE name = ?", (selector, domain))
    _write_map(database)
    for old in _keys(database, domain):
        # Rspamd looks at the map every few seconds: until then it signs with the key before this one.
        if old not in (key_file(database, domain, selector), before):
            old.unlink(missing_ok=True)


def remove(database: Database, domain: str) -> None:
    _write_map(database)
    for key in _keys(database, domain):
        key.unlink(missing_ok=True)


def _keys(database: Database, domain: str) -> list[Path]:
    prefix = f"{domain}."
    return [
        path
        for path in directory(database).glob("*.key")
        # a.test must not take the keys of b.a.test or a.test.example: the rest is one selector, without dots
        if path.name.startswith(prefix) and "." not in path.name.removeprefix(prefix).removesuffix(".key")
    ]


def _write_map(database: Database) -> None:
    rows = database.rows(
        "SELECT name, dkim_selector FROM domains WHERE dkim_selector IS NOT NULL ORDER BY name"
    )
    text = "".join(f"{row['name']} {row['dkim_selector']}\n" for row in rows)
    _replace(directory(database) / "selectors.map", text)


def _replace(path: Path, text: str) -> None:
    """In one piece, and a second newer than before: Rspamd reads a file again only then."""
    now = int(time.time())
    newer = max(now, int(path.stat().st_mtime) + 1) if path.exists() else now
    new = path.with_name(f".{path.name}.new")
    new.touch(mode=0o640)
    new.write_text(text)
    new.chmod(0o640)
    os.utime(new, (newer, newer))
    new.replace(path)
