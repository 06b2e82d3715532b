"""A private PostgreSQL from Debian's package, for one command.

usage: python -m tests.postgres.server COMMAND …     DATABASE_URL leads the command to it; its answer is ours

The data live in var/test-postgres, new every time. It listens on a socket in there and on no port.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailserver.site import place

CHECKOUT = Path(__file__).resolve().parent.parent.parent
WANTED = Path(os.environ.get("POSTIE_TEST_VAR", str(CHECKOUT / "var/test"))).with_name("test-postgres")
# Nobody needs these rows after a power cut.
OPTIONS = "-c listen_addresses= -c fsync=off -c synchronous_commit=off -c max_connections=40"


def programs() -> Path:
    """Where Debian puts the newest version's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[4]))
    if not found:
        sys.exit("PostgreSQL is not installed: scripts/install.sh test")
    return found[-1].parent


def run(*command: object) -> None:
    """As its own user: PostgreSQL refuses root."""
    other = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    subprocess.run([*other, *map(str, command)], check=True, cwd="/", stdout=subprocess.DEVNULL)


@contextmanager
def server() -> Iterator[str]:
    """Its DATABASE_URL."""
    root, bin_ = place(WANTED), programs()
    shutil.rmtree(root / "data", ignore_errors=True)
    if os.geteuid() == 0:
        shutil.chown(root, "postgres")
    root.chmod(0o700)  # whoever can reach the socket is let in
    run(
        bin_ / "initdb",
        "--pgdata",
        root / "data",
        "--auth=trust",
        "--username=postie",
        "--encoding=UTF8",
        "-N",
    )
    options = f"{OPTIONS} -c unix_socket_directories={root}"
    run(bin_ / "pg_ctl", "start", "--wait", "-D", root / "data", "-l", root / "log", "-o", options)
    try:
        run(bin_ / "createdb", "--host", root, "--username=postie", "postie")
        yield f"postgres://postie@/postie?host={root}"
    finally:
        run(bin_ / "pg_ctl", "stop", "--wait", "--mode=immediate", "-D", root / "data")


def main(command: list[str]) -> int:
    with server() as url:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
