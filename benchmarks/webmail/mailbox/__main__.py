"""The accounts of the benchmark: big (100,000 letters in INBOX), mid (10,000), and hard-linked copies of them.

usage: python3 -m benchmarks.webmail.mailbox --root /var/tmp/postie-bench/mail [--big 2000 --mid 500]

bigfts and midfts have an index of their own, with full text; u1 to u8 are the people of the load test. ROOT/manifest.json
says what was planted: words with their expected hits, letters of about 40 KB of HTML, some with an attachment.
"""

import argparse
import json
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.webmail.place import ROOT

from .maildir import link_copy, make
from .text import pools
from .words import GID, SEED, UID


def main() -> None:
    wanted = _wanted()
    root: Path = wanted.root
    if (root / "manifest.json").exists():
        print("already made:", root)
        return
    if root.is_dir() and any(root.iterdir()):
        sys.exit(f"{root} is not empty and has no manifest.json: a half-made tree; remove it first")
    started = time.monotonic()
    root.mkdir(parents=True, exist_ok=True)
    os.chown(root, UID, GID)
    pools(wanted.seed)  # once, before the workers are forked
    with multiprocessing.Pool(min(4, os.cpu_count() or 2)) as workers:
        told: dict[str, Any] = {
            "seed": wanted.seed,
            "big": make(root, "big", wanted.big, 1, wanted.seed, workers),
            "mid": make(root, "mid", wanted.mid, 2, wanted.seed, workers),
        }
    people = [f"u{number}" for number in range(1, wanted.users + 1)]
    for source, target in [("big", "bigfts"), ("mid", "midfts"), *(("mid", person) for person in people)]:
        link_copy(root, source, target)
    told["users"] = [f"{person}@bench.test" for person in people]
    (root / "manifest.json").write_text(json.dumps(told, indent=1))
    size = told["big"]["bytes"] / 1e9
    print(
        f"{told['big']['messages']} letters, {size:.2f} GB in big, after {time.monotonic() - started:.0f} s"
    )


def _wanted() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.webmail.mailbox", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--root", type=Path, default=ROOT / "mail")
    parser.add_argument("--big", type=int, default=100_000)
    parser.add_argument("--mid", type=int, default=10_000)
    parser.add_argument("--users", type=int, default=8, help="hard-linked copies of mid for the load test")
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args()


if __name__ == "__main__":
    main()
