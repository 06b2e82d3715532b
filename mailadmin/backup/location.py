"""Where a repository is, in a form that can be shown: without the password some kinds carry in it."""

import re
import shlex
from urllib.parse import unquote, urlsplit

KINDS = {
    "sftp": "sftp",
    "rest": "rest",
    "s3": "s3",
    "b2": "b2",
    "azure": "azure",
    "gs": "gs",
    "swift": "swift",
    "rclone": "rclone",
}
_LOGIN = re.compile(r"(//[^/:@]+):[^/@]*@")
_PASSWORD = re.compile(r"//[^/:@]+:([^/@]+)@")


def shown(repository: str) -> str:
    return _LOGIN.sub(r"\1:•••@", repository)


def kind(repository: str) -> str:
    """sftp · rest · s3 · … · local"""
    return KINDS.get(repository.partition(":")[0], "local")


def secrets(repository: str) -> list[str]:
    """The password that a URL carries: as it stands there, and as it is meant."""
    found = _PASSWORD.search(repository)
    return [found[1], unquote(found[1])] if found else []


def ssh(repository: str, key: str = "", known_hosts: str = "") -> str:
    """The command that leads to an sftp: repository, empty for the others.

    It never asks anybody (nobody is there), and notices within a minute when the other side is gone.
    `key`, `known_hosts`: files; without them ssh's own configuration decides.
    """
    if kind(repository) != "sftp":
        return ""
    user, host, port = _place(repository)
    words = ["ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=20"]
    words += ["-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"]
    words += ["-o", "IdentitiesOnly=yes", "-i", key] if key else []
    if known_hosts:
        words += ["-o", f"UserKnownHostsFile={known_hosts}", "-o", "StrictHostKeyChecking=yes"]
    words += ["-p", str(port)] if port else []
    words += ["-l", user] if user else []
    return shlex.join([*words, "-s", "--", host, "sftp"])


def _place(repository: str) -> tuple[str, str, int]:
    """(user, host, port) of sftp://user@host:port//path and of sftp:user@host:path."""
    rest = repository.partition(":")[2]
    if rest.startswith("//"):
        parts = urlsplit(repository)
        return unquote(parts.username or ""), parts.hostname or "", parts.port or 0
    user, _at, place = rest.rpartition("@")
    host = place[1:].partition("]")[0] if place.startswith("[") else place.partition(":")[0]
    return user, host, 0
