"""The languages Rspamd tells apart: few, since each costs time at every start and for every letter."""

import re
import shutil
from pathlib import Path

SHIPPED = Path("/usr/share/rspamd/languages")
WRITTEN_HERE = ("de", "en", "es", "fr", "it", "pt")
# One list of words for each language, in Rspamd's own loose JSON.
WORDS = re.compile(r'^\s*"(\w+)": \[[^\]]*\]', re.MULTILINE)


def write(target: Path) -> None:
    """What Rspamd looks for below `languages` of its section lang_detection (rspamd.conf.local)."""
    target.mkdir(parents=True, exist_ok=True)
    for language in WRITTEN_HERE:
        shutil.copyfile(SHIPPED / f"{language}.json", target / f"{language}.json")
    shipped = (SHIPPED / "stop_words").read_text()
    lists = [found[0] for found in WORDS.finditer(shipped) if found[1] in WRITTEN_HERE]
    (target / "stop_words").write_text("{\n" + ",\n".join(lists) + "\n}\n")
