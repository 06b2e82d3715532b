"""Puts a certificate where the mail server reads it: all files new, or all files old."""

import os
from dataclasses import dataclass
from pathlib import Path

from .acme import Pair, pair_of


@dataclass(frozen=True, slots=True)
class Layout:
    """File names; `issuers` is empty where the chain stands in the certificate's own file alone."""

    certificate: str
    key: str
    issuers: str = ""


POSTEIO = Layout("server.crt", "server.key", "ca.crt")
BUNDLED = Layout("mail.crt", "mail.key")


def layout_of(folder: Path) -> Layout:
    """The bundled server's folder holds mail.crt; anything else is poste.io's /data/ssl."""
    return BUNDLED if (folder / BUNDLED.certificate).exists() else POSTEIO


def installed(folder: Path) -> Pair | None:
    """What lies there, when it is whole. Raises OSError only when the folder itself cannot be entered."""
    layout = layout_of(folder)
    os.listdir(folder)
    try:
        return pair_of((folder / layout.certificate).read_bytes(), (folder / layout.key).read_bytes())
    except (OSError, ValueError):
        return None


def put(folder: Path, pair: Pair) -> bool:
    """True when something changed. Raises OSError, with the old files still in place.

    Everything is written beside first, so a full disk is met before anything is replaced; the key goes first,
    and a reader that looks between two renames finds a pair that does not fit, and waits.
    """
    now = installed(folder)
    if now is not None and now.leaf.fingerprint == pair.leaf.fingerprint:
        return False
    layout = layout_of(folder)
    wanted = {layout.key: pair.key, layout.certificate: pair.chain}
    if layout.issuers:
        wanted[layout.issuers] = pair.issuers
    written: list[tuple[Path, Path]] = []
    try:
        for name, content in wanted.items():
            written.append((_beside(folder / name, content, private=name == layout.key), folder / name))
        for scratch, target in written:
            scratch.replace(target)
    finally:
        for scratch, _target in written:
            scratch.unlink(missing_ok=True)
    return True


def _beside(target: Path, content: bytes, *, private: bool) -> Path:
    """A new file with the owner and the rights of the one it will replace."""
    scratch = target.with_name(f".{target.name}.new")
    scratch.unlink(missing_ok=True)
    mode = 0o600 if private else 0o644
    try:
        with os.fdopen(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        scratch.unlink(missing_ok=True)
        raise
    if target.exists():
        old = target.stat()
        scratch.chmod(old.st_mode & 0o777)
        if os.geteuid() == 0:
            os.chown(scratch, old.st_uid, old.st_gid)
    return scratch
