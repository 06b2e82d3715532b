"""Before a run: is everything there that was there last time, and is there room for it?"""

import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from . import layout
from .outcome import Outcome
from .verdict import Stop

LEAST_SHARE = 0.8  # of what the last complete run saw
LEAST_FREE = 64 * 1024 * 1024
DATABASE_ROOM = 1.2
REPOSITORY_ROOM = 3
CLOCK_MAY_DIFFER = timedelta(minutes=2)


def check_data(data: Path, repository: str, last: Mapping[str, Any]) -> None:
    """`last`: result of the last complete run, or empty. A lost mount looks like an empty directory."""
    if not data.is_dir():
        raise Stop(Outcome.FAILED, "source.missing", path=str(data))
    if not layout.kind(data):
        raise Stop(Outcome.FAILED, "source.not-mail", path=str(data))
    if inside(data, repository):
        raise Stop(Outcome.FAILED, "source.holds-repository", path=repository)
    gone = [path for path in last.get("databases", []) if not Path(path).exists()]
    if gone:
        raise Stop(Outcome.FAILED, "source.database-gone", path=gone[0])
    if last.get("may_shrink"):
        return
    homes, before = len(layout.homes(data)), int(last.get("mailboxes", 0))
    if homes < LEAST_SHARE * before:
        raise Stop(Outcome.FAILED, "source.shrunk", now=homes, before=before)


def inside(data: Path, repository: str) -> bool:
    path = local_path(repository)
    return path is not None and path.resolve().is_relative_to(data.resolve())


def local_path(repository: str) -> Path | None:
    """Of a repository in a directory; None when it is elsewhere (sftp:, rest:, s3: …)."""
    if repository.startswith("local:"):
        return Path(repository.removeprefix("local:"))
    return Path(repository) if repository.startswith("/") else None


def check_room(staging: Path, databases: Sequence[Path], repository: str, added: int) -> None:
    """`added`: bytes the last run added to the repository."""
    needed = int(DATABASE_ROOM * sum(p.stat().st_size for p in databases)) + LEAST_FREE // 4
    _room(staging, needed)
    path = local_path(repository)
    if path is not None and path.exists():
        _room(path, max(REPOSITORY_ROOM * added, LEAST_FREE))


def _room(path: Path, needed: int) -> None:
    free = shutil.disk_usage(path).free
    if free < needed:
        raise Stop(Outcome.NO_SPACE, "room.little", path=str(path), free=free, needed=needed)


def clock_of(repository: str, seconds: float = 5.0) -> datetime | None:
    """What the host of the repository thinks the time is; None when it has no HTTP, or does not say."""
    scheme, _, rest = repository.partition(":")
    if scheme not in ("rest", "s3"):
        return None
    parts = urlsplit(rest if "://" in rest else f"https://{rest}")
    place = parts.hostname or ""
    if parts.port:
        place += f":{parts.port}"
    try:
        answer = httpx.head(f"{parts.scheme}://{place}/", timeout=seconds)
        return parsedate_to_datetime(answer.headers["Date"])
    except (httpx.HTTPError, KeyError, ValueError):
        return None


def is_root() -> bool:
    return os.geteuid() == 0
