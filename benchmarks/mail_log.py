"""How fast a message is found in a big mail log. usage: python -m benchmarks.mail_log [MEGABYTES]

Writes lines as Postfix writes them into a temporary file; the message looked for is the very first, so all
of it is read. Prints the figures of docs/benchmarks.md.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from mailadmin.health.logs import files, search
from tests.mailadmin.health.test_logs import POSTFIX

OTHERS = POSTFIX.replace("luis@kronos.test", "other@kronos.test")


def write(path: Path, octets: int) -> int:
    """The number of messages in it."""
    number = written = 0
    with path.open("w") as file:
        written += file.write(POSTFIX)
        while written < octets:
            written += file.write(OTHERS.replace("4jbmsW2Wk7zn47w", f"4jbms{number:09d}z"))
            number += 1
    return number


def main(megabytes: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        count = write(Path(folder) / "postfix.log", megabytes * 1_000_000)
        shelf = files.shelf(folder)
        print(f"{megabytes} MB, {count} messages")
        for name, words in (
            ("the newest 25", ""),
            ("an address, in the first lines", "luis@kronos.test"),
            ("a queue id, in the first lines", "4jbmsW2Wk7zn47w"),
            ("an address that is not there", "nobody@nowhere.test"),
        ):
            started = time.monotonic()
            found = search.find(shelf, search.Query(words=words, seconds=600))
            print(f"{name}: {len(found.stories)} found, {time.monotonic() - started:.1f} s")
        print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
