"""mailserver/config/<program>/ → <root>/etc/<program>/, with every @NAME@ filled in."""

import json
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path

from mailserver.site import Site

CONFIG = Path(__file__).resolve().parent / "config"
PLACEHOLDER = re.compile(r"@([A-Z][A-Z0-9_]*)@")
SECRETS = (
    "AUTH_NONCE",
    "DOVEADM_KEY",
    "MASTER_PASSWORD",
    "NAMES_KEY",
    "RESTORE_PASSWORD",
    "RSPAMD_PASSWORD",
    "SRS_SECRET",
)


def render(site: Site) -> None:
    values = {**site.values(), **read_secrets(site.root)}
    for template in sorted(path for path in CONFIG.rglob("*") if path.is_file()):
        target = site.root / "etc" / template.relative_to(CONFIG)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = fill(template.read_text(), values)
        if target.exists() and target.read_text() == text:
            continue  # sieve and map compilers look at the time of change
        target.write_text(text)
        target.chmod(0o755 if text.startswith("#!") else 0o644)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Raises KeyError for a name nobody knows: a half-filled configuration must not start."""
    return PLACEHOLDER.sub(lambda match: values[match[1]], text)


def read_secrets(root: Path) -> dict[str, str]:
    """Made once and kept; the API reads them too. The panel's own may be given: it may run elsewhere."""
    path = root / "data/secrets.json"
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    given = os.environ.get("IMAP_MASTER_PASSWORD", "")
    missing = {name: secrets.token_hex(16) for name in SECRETS if name not in known}
    if given and given != known.get("RESTORE_PASSWORD"):
        missing["RESTORE_PASSWORD"] = given
    if missing:
        known |= missing
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(known, indent=1))
    return known
