#!/usr/bin/env python3
"""The icons of Postie: one SVG sprite with only what templates use, from the npm package lucide-static.

usage: scripts/icons.py FOLDER_OF_LUCIDE_STATIC     (npm pack lucide-static@1.62.0; tar xf …)
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SPRITE = ROOT / "static" / "icons" / "sprite.svg"
# Postie's own mark stands in the same file: one request fewer.
MARK = (ROOT / "static" / "icons" / "favicon.svg").read_text()
NAMES = (ROOT / "static" / "icons" / "names.txt").read_text().split()


def symbol(package: Path, name: str) -> str:
    text = (package / "icons" / f"{name}.svg").read_text()
    drawing = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    drawing = re.sub(r">\s+<", "><", re.sub(r"\s+", " ", drawing)).replace(" />", "/>").strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{drawing}</symbol>'


def mark() -> str:
    drawing = MARK[MARK.index(">") + 1 : MARK.rindex("</svg>")]
    return f'<symbol id="postie" viewBox="0 0 32 32">{drawing}</symbol>'


def main() -> int:
    package = Path(sys.argv[1])
    symbols = "\n".join(symbol(package, name) for name in sorted(set(NAMES)))
    SPRITE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n'
        "<!-- Lucide 1.62.0, ISC licence: see LICENSE beside this file -->\n"
        f"{symbols}\n{mark()}\n</svg>\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
