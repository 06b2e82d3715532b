"""The whole comparison in one run, as Markdown. usage: python -m benchmarks.webmail.run [options]

  python -m benchmarks.webmail.run                            everything, under 25 minutes
  python -m benchmarks.webmail.run --boxes big --acts list,open --parts acts --rounds 1     a short look

Needs benchmarks/webmail/start.sh before. Writes RESULTS/NAME.json and RESULTS/NAME.md, prints the latter.
"""

import argparse
import json
import os
import time
from collections.abc import Sequence

from . import browser, load, measure, memory, report, service
from .boxes import box_of, manifest
from .peers import Peer, RawImap, Roundcube, RoundcubeCached
from .place import RESULTS
from .postie import Postie

KINDS: tuple[type[Peer], ...] = (Postie, Roundcube, RoundcubeCached, RawImap)
PARTS = ("acts", "flat", "load", "browser", "memory")


def main() -> None:
    options = _options()
    service.stop()
    service.start()
    rows: report.Rows = []
    meta: dict[str, object] = {
        "when": time.strftime("%Y-%m-%d %H:%M"),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
    }
    kinds = [kind for kind in KINDS if not options.peers or kind.name in options.peers.split(",")]
    if "memory" in options.parts:  # first: nothing else is remembered yet
        rows.append(memory.run([f"u{number}@bench.test" for number in range(1, 9)]))
    if "acts" in options.parts:
        for box in options.boxes.split(","):
            rows += measure.run_box(box_of(box), kinds, _acts(options, box), options.rounds, options.quiet)
    if "flat" in options.parts:
        rows += measure.run_box(box_of("small"), [Postie], ["list", "open"], options.rounds, options.quiet)
    if "load" in options.parts:
        rows += _load(kinds, options.seconds)
    if "browser" in options.parts:
        rows += browser.run("big", options.pages)
    _write(options.out, meta, rows)


def _acts(options: argparse.Namespace, box: str) -> Sequence[str]:
    if options.acts:
        return [name.replace("/", ", ") for name in options.acts.split(",")]
    return ["search, common"] if box == "midfts" else []


def _load(kinds: Sequence[type[Peer]], seconds: float) -> report.Rows:
    mid, big = box_of("mid"), box_of("big")
    rows = [
        load.run(kind, "8 x mid", manifest()["users"], mid.html40, mid.exists // 50, seconds)
        for kind in kinds
    ]
    users = ["big@bench.test"] * 8
    return rows + [load.run(kind, "8 on big", users, big.html40, 1500, seconds) for kind in kinds]


def _write(name: str, meta: dict[str, object], rows: report.Rows) -> None:
    RESULTS.mkdir(parents=True, exist_ok=True)
    text = report.whole(meta, rows)
    (RESULTS / f"{name}.json").write_text(json.dumps({"meta": meta, "rows": rows}, indent=1))
    (RESULTS / f"{name}.md").write_text(text + "\n")
    print(f"\n{text}\n\nwritten to {RESULTS}/{name}.md")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.webmail.run")
    parser.add_argument("--boxes", default="big,mid,midfts")
    parser.add_argument(
        "--acts", default="", help='comma-separated; ", " within a name is written "/": list/changed'
    )
    parser.add_argument("--peers", default="")
    parser.add_argument("--parts", default=",".join(PARTS), help=", ".join(PARTS))
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=20, help="of each load test")
    parser.add_argument("--pages", type=int, default=8, help="navigations and letters in Chromium")
    parser.add_argument(
        "--quiet", type=float, default=3, help="longest wait for a quiet machine before a block"
    )
    parser.add_argument("--out", default=time.strftime("%Y%m%d-%H%M"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
