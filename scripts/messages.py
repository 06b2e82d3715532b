#!/usr/bin/env python3
"""Translations: one catalogue per room, in locale/<room>/es/LC_MESSAGES/django.po.

usage: scripts/messages.py update | check | compile [ROOM …]
`update` brings the catalogues up to date with the source, `check` fails on a sentence without Spanish,
`compile` writes the .mo files. The English text is the key; a room is a set of folders (ROOMS).
"""

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = {  # room → folders, the longest match wins
    "common": ["postie_web", "templates"],
    "mailadmin": ["mailadmin", "templates/mailadmin"],
    "dns": ["mailadmin/dns", "templates/mailadmin/dns"],
    "backup": ["mailadmin/backup", "templates/mailadmin/backups"],
    "health": ["mailadmin/health", "templates/mailadmin/health"],
    "webmail": ["webmail", "templates/webmail"],
}

HEADER = """msgid ""
msgstr ""
"Language: es\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""


def room_of(path: Path) -> str | None:
    inside = [
        (len(folder), room)
        for room, folders in ROOMS.items()
        for folder in folders
        if path.is_relative_to(ROOT / folder)
    ]
    return max(inside)[1] if inside else None


def catalogue(room: str) -> Path:
    return ROOT / "locale" / room / "es" / "LC_MESSAGES" / "django.po"


def extract(room: str, pot: Path) -> bool:
    """Everything translatable of a room, into `pot`; templates become Python-like text as in makemessages."""
    from django.utils.translation.template import templatize

    with tempfile.TemporaryDirectory() as scratch:
        names = []
        for path in sorted([*ROOT.rglob("*.py"), *ROOT.glob("templates/**/*")]):
            if not path.is_file() or room_of(path) != room:
                continue
            text = path.read_text()
            if path.suffix != ".py":
                text = templatize(text, origin=str(path))
            copy = Path(scratch) / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text)
            names.append(str(path.relative_to(ROOT)))
        if not names:
            return False
        keywords = [
            "gettext_noop",
            "gettext_lazy",
            "ngettext_lazy:1,2",
            "pgettext:1c,2",
            "npgettext:1c,2,3",
            "pgettext_lazy:1c,2",
            "npgettext_lazy:1c,2,3",
            "_",
        ]
        command = [
            "xgettext",
            "--language=Python",
            "--from-code=UTF-8",
            "--no-wrap",
            "--no-location",
            "--sort-output",
            "-o",
            str(pot),
        ]
        subprocess.run([*command, *(f"--keyword={k}" for k in keywords), *names], cwd=scratch, check=True)
    return pot.exists()


def update(room: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pot = Path(scratch) / "room.pot"
        if not extract(room, pot):
            return
        po = catalogue(room)
        po.parent.mkdir(parents=True, exist_ok=True)
        if not po.exists():
            po.write_text(HEADER)
        command = [
            "msgmerge",
            "--quiet",
            "--no-fuzzy-matching",
            "--no-wrap",
            "--sort-output",
            "--update",
            "--backup=none",
            str(po),
            str(pot),
        ]
        subprocess.run(command, check=True)
        subprocess.run(["msgattrib", "--no-obsolete", "--no-wrap", "-o", str(po), str(po)], check=True)
        # A date that changes with every run would make every merge a conflict.
        lines = po.read_text().splitlines(keepends=True)
        po.write_text("".join(line for line in lines if not line.startswith('"POT-Creation-Date')))


def missing(room: str) -> list[str]:
    """Sentences of the room that have no Spanish."""
    import polib

    with tempfile.TemporaryDirectory() as scratch:
        pot = Path(scratch) / "room.pot"
        if not extract(room, pot):
            return []
        done = {}
        if catalogue(room).exists():
            done = {(e.msgctxt, e.msgid): e for e in polib.pofile(str(catalogue(room)))}
        wanted = [(e.msgctxt, e.msgid) for e in polib.pofile(str(pot))]
        return [key[1] for key in wanted if key not in done or not done[key].translated()]


def main() -> int:
    action, rooms = sys.argv[1], sys.argv[2:] or list(ROOMS)
    failed = False
    for room in rooms:
        if action == "update":
            update(room)
        elif action == "check":
            for sentence in missing(room):
                failed = True
                print(f"{room}: no Spanish for {sentence!r}")
            if catalogue(room).exists():
                check = subprocess.run(
                    ["msgfmt", "--check-format", "-o", "/dev/null", str(catalogue(room))], check=False
                )
                failed = failed or check.returncode != 0
        elif action == "compile" and catalogue(room).exists():
            subprocess.run(
                ["msgfmt", "-o", str(catalogue(room).with_suffix(".mo")), str(catalogue(room))], check=True
            )
    return 1 if failed else 0


if __name__ == "__main__":
    import django
    from django.conf import settings

    settings.configure(USE_I18N=True)
    django.setup()
    sys.exit(main())
