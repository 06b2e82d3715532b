"""Boxes on disk as Maildirs, and the manifest that says what was planted."""

import os
import shutil
from collections import Counter
from multiprocessing.pool import Pool
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from .letters import Facts, build
from .plan import Box
from .text import pools
from .words import (
    FOLDERS,
    GID,
    KEYWORDS,
    UID,
    WORD_BODY_COMMON,
    WORD_BODY_RARE,
    WORD_SUBJ_COMMON,
    WORD_SUBJ_RARE,
)

PARTS = 4
KEPT = ("subscriptions", "maildirfolder", "dovecot-keywords")


class Job(NamedTuple):
    """Every PARTS-th letter of `box`, from `part` on."""

    box: Box
    path: Path
    user: str
    part: int
    seed: int  # of the text


def make(root: Path, name: str, count: int, number: int, seed: int, workers: Pool) -> dict[str, Any]:
    """Box `number`: `count` letters in INBOX and twenty folders in proportion. Returns what the manifest says of it."""
    user, base = f"{name}@bench.test", root / name / "Maildir"
    inbox = Box(name, count, seed + number)
    boxes = [(inbox, base, "INBOX")]
    for place, (folder, many) in enumerate(FOLDERS):
        size = int(many * count / 100_000)
        box = Box(f"{name}-f{place}", size, seed + number + 101 + place, plant=False)
        boxes.append((box, base / f".{folder}", folder))
    told: dict[str, Any] = {"user": user, "folders": {}, "messages": 0, "bytes": 0}
    for box, path, folder in boxes:
        _prepare(path, is_folder=path != base)
        jobs = [Job(box, path, user, part, seed) for part in range(PARTS)]
        facts = sorted(fact for some in workers.imap(_write, jobs) for fact in some)
        told["folders"][folder] = box.n
        told["messages"] += box.n
        told["bytes"] += sum(fact.size for fact in facts)
        if box is inbox:
            told |= _planted(box, facts)
    (base / "subscriptions").write_text("".join(f"{folder}\n" for folder, _ in FOLDERS))
    _give_away(root / name)
    return told


def _planted(box: Box, facts: list[Facts]) -> dict[str, Any]:
    chance, read = Random(box.seed), [fact for fact in facts if "S" in fact.flags]
    html40 = [fact.i for fact in read if 38000 <= fact.html <= 42000 and not fact.has_attachment]
    attached = [fact.i for fact in read if fact.has_attachment]
    by_subject = (WORD_SUBJ_RARE, WORD_SUBJ_COMMON)
    return {
        "subject_hits": {word: sum(root in box.planted[word] for root in box.root) for word in by_subject},
        "body_hits": {word: len(box.planted[word]) for word in (WORD_BODY_RARE, WORD_BODY_COMMON)},
        "html40": [box.msgid(i) for i in sorted(chance.sample(html40, min(80, len(html40))))],
        "attach": [box.msgid(i) for i in chance.sample(attached, min(10, len(attached)))],
        "unseen_count": len(facts) - len(read),
        "threads": len(set(box.root)),
        "largest_thread": max(Counter(box.root).values()),
        "html_messages": sum(1 for fact in facts if fact.html),
        "attachments": sum(1 for fact in facts if fact.has_attachment),
    }


def _write(job: Job) -> list[Facts]:
    facts = []
    for i in range(job.part, job.box.n, PARTS):
        data, fact = build(job.box, pools(job.seed), i, job.user)
        when = job.box.times[i]
        on_the_wire = fact.size + data.count(b"\n")
        path = job.path / "cur" / f"{when}.M{i:06d}P77.bench,S={fact.size},W={on_the_wire}:2,{fact.flags}"
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(data)
        os.chown(path, UID, GID)
        os.utime(path, (when, when))
        facts.append(fact)
    return facts


def _prepare(path: Path, *, is_folder: bool) -> None:
    for name in ("cur", "new", "tmp"):
        (path / name).mkdir(parents=True, exist_ok=True)
    (path / "dovecot-keywords").write_text("".join(f"{n} {word}\n" for n, word in enumerate(KEYWORDS)))
    if is_folder:
        (path / "maildirfolder").touch()


def _give_away(path: Path) -> None:
    """To the user Dovecot reads mail as; the letters are theirs already."""
    for folder, _folders, files in os.walk(path):
        os.chown(folder, UID, GID)
        if Path(folder).name != "cur":
            for file in files:
                os.chown(Path(folder, file), UID, GID)


def link_copy(root: Path, source: str, target: str) -> None:
    """The same letters by hard links; own directories, no index files."""
    for folder, _folders, files in os.walk(root / source):
        copy = root / target / Path(folder).relative_to(root / source)
        copy.mkdir(parents=True, exist_ok=True)
        for file in files:
            if copy.name in ("cur", "new"):
                (copy / file).hardlink_to(Path(folder, file))
            elif file in KEPT:
                shutil.copy2(Path(folder, file), copy / file)
    _give_away(root / target)
