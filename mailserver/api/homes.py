"""Mail directories on disk. What is deleted is set aside for a week, because people change their minds."""

import os
import shutil
import time
from pathlib import Path

ASIDE = ".deleted"  # no domain name starts with a dot
KEPT_SECONDS = 7 * 24 * 3600


def set_aside(mail_root: Path, home: str) -> None:
    """Move `home` (relative, made of checked names only) out of the way; a new owner starts empty."""
    source = mail_root / home
    if not source.exists():
        return
    aside = mail_root / ASIDE
    aside.mkdir(mode=0o700, exist_ok=True)
    source.rename(aside / f"{time.time_ns()}-{home.replace('/', '-')}")


def sweep(mail_root: Path) -> None:
    """End what has waited for a week."""
    aside = mail_root / ASIDE
    if not aside.exists():
        return
    for entry in os.scandir(aside):
        since = entry.name.split("-")[0]
        if since.isdigit() and int(since) / 1e9 < time.time() - KEPT_SECONDS:
            shutil.rmtree(entry.path, ignore_errors=True)
