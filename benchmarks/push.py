"""The push process: memory with many open tabs, how soon they hear. Prints the table of docs/benchmarks.md.

usage: python -m benchmarks.push [TABS] [PEOPLE]     as root, like the tests; needs requirements-dev.txt
A real Dovecot with STARTTLS, `manage.py push` as it runs in production, TABS streams held open by this
process, of PEOPLE who are signed in; everything on 127.0.0.1, ended after a minute or two.
"""

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PYTHON = sys.executable
CHECKOUT = Path(__file__).resolve().parent.parent
CERTIFICATE = (
    "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost "
    "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout {0}/key.pem -out {0}/cert.pem"
)
DOVECOT = """
ssl = yes
ssl_cert = <{0}/cert.pem
ssl_key = <{0}/key.pem
default_client_limit = 6000
service imap {{
  process_limit = 1500
}}
service anvil {{
  client_limit = 12000
}}
service imap-login {{
  service_count = 0
  client_limit = 3000
}}
"""
LETTERS = 20


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(scratch: Path) -> dict[str, str]:
    values = {
        "SECRET_KEY": "benchmarks-only-0123456789-abcdefghij-XYZ",
        "DATABASE_URL": f"sqlite:///{scratch}/postie.sqlite3",
        "POSTIE_VAR": str(scratch),
        "HTTPS": "off",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "IMAP_HOST": "localhost",
        "IMAP_SECURITY": "starttls",
        "IMAP_CA_FILE": f"{scratch}/cert.pem",
        "DJANGO_SETTINGS_MODULE": "postie_web.settings",
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(CHECKOUT),
    }
    os.environ.update(values)
    return {**os.environ}


def megabytes(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:"))


def cookies(people: list[str]) -> list[str]:
    """A session for each, as the sign-in makes it."""
    import django

    django.setup()
    from django.conf import settings

    from postie_web.lib.credentials import Credentials
    from tests.push.conftest import sign_in
    from tests.webmail.dovecot import PASSWORD

    found = [sign_in(Credentials(address=name, password=PASSWORD), settings) for name in people]
    return ["; ".join(f"{name}={value}" for name, value in one.items()) for one in found]


class Streams:
    """Open tabs without a browser: for each a socket, and when it last heard."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.heard: dict[int, float] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def open(self, number: int, cookie: str) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        request = f"GET /events/ HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n"
        writer.write(request.encode())
        line = await asyncio.wait_for(reader.readline(), 60)
        assert b" 200 " in line, line  # noqa: S101 - a benchmark that measures nothing is none
        self._tasks.append(asyncio.create_task(self._listen(number, reader, writer)))

    async def _listen(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                if line.startswith(b"data:"):
                    self.heard[number] = time.perf_counter()
        finally:
            writer.close()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def measured(port: int, pid: int, tabs: int, people: list[str], server: object) -> list[str]:
    from tests.webmail import dovecot
    from webmail.imap import append

    lines = [f"| process alone | {megabytes(pid):.0f} MiB |"]
    keys = await asyncio.to_thread(cookies, people)
    streams = Streams(port)
    begin = time.perf_counter()
    for number in range(tabs):
        await streams.open(number, keys[number % len(keys)])
    while len(streams.heard) < tabs:
        assert time.perf_counter() - begin < 300, f"{len(streams.heard)} of {tabs} heard"  # noqa: S101
        await asyncio.sleep(0.2)
    lines.append(f"| all tabs open and told the first time | {time.perf_counter() - begin:.0f} s |")
    await asyncio.sleep(5)
    lines.append(f"| {tabs} tabs of {len(people)} people | {megabytes(pid):.0f} MiB |")
    waits = []
    imap = await asyncio.to_thread(server.open, people[0])  # type: ignore[attr-defined]
    for number in range(LETTERS):
        sent = time.perf_counter()
        await asyncio.to_thread(append.append, imap, "INBOX", dovecot.letter(number))
        while streams.heard[0] < sent:
            await asyncio.sleep(0.005)
        waits.append(streams.heard[0] - sent)
        await asyncio.sleep(0.3)
    waits.sort()
    middle, late = waits[len(waits) // 2] * 1000, waits[-1] * 1000
    lines.append(
        f"| from delivery to the tab, median · slowest of {LETTERS} | {middle:.0f} · {late:.0f} ms |"
    )
    await asyncio.to_thread(imap.log_out)
    await streams.close()
    return lines


def main() -> None:
    tabs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    people = [f"person{n}" for n in range(int(sys.argv[2]) if len(sys.argv) > 2 else 100)]
    if not 0 < len(people) <= tabs <= 5000:
        raise SystemExit("At most 5000 tabs, and no more people than tabs.")
    from tests.webmail.dovecot import dovecot

    with tempfile.TemporaryDirectory() as place:
        scratch = Path(place)
        scratch.chmod(0o755)
        subprocess.run(CERTIFICATE.format(scratch).split(), check=True, capture_output=True)
        values = environment(scratch)
        with dovecot(DOVECOT.format(scratch), connections=1000) as server:
            values["IMAP_PORT"] = os.environ["IMAP_PORT"] = str(server.port)
            subprocess.run([PYTHON, "manage.py", "migrate", "-v", "0"], cwd=CHECKOUT, env=values, check=True)
            port = free_port()
            command = [PYTHON, "manage.py", "push", "--port", str(port)]
            push = subprocess.Popen(command, cwd=CHECKOUT, env=values)
            try:
                time.sleep(6)
                print("\n".join(asyncio.run(measured(port, push.pid, tabs, people, server))))
            finally:
                push.terminate()
                push.wait(60)


if __name__ == "__main__":
    main()
