"""Postie as it is shipped, beside the benchmark's Dovecot.

usage: python -m benchmarks.webmail.service start|stop

DEBUG off, static files collected, gunicorn.conf.py as it is (two processes, eight threads each; WEB_WORKERS
and WEB_THREADS change that), a Redis and a database of its own under the benchmark's root. HTTPS is off:
every other webmail is measured without TLS, too.
"""

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from .place import CHECKOUT, IMAP_PORT, PIDFILES, POSTIE_PORT, REDIS_PORT, ROOT

HOME = ROOT / "postie"


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "SECRET_KEY": _secret_key(),
        "POSTIE_VAR": str(HOME),
        "DATABASE_URL": f"sqlite:///{HOME}/postie.sqlite3",
        "STATIC_ROOT": str(HOME / "staticfiles"),
        "REDIS_URL": f"redis://127.0.0.1:{REDIS_PORT}/0",
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "off",
        "HTTPS": "off",
        "POSTEIO_API_URL": "http://127.0.0.1:9",  # nothing there: everybody is a plain user
        "IMAP_HOST": "127.0.0.1",
        "IMAP_PORT": str(IMAP_PORT),
        "IMAP_SECURITY": "none",
        "WEB_BIND": f"127.0.0.1:{POSTIE_PORT}",
        "PYTHONDONTWRITEBYTECODE": "",
        "MALLOC_ARENA_MAX": "2",  # as in the image
    }


def _secret_key() -> str:
    HOME.mkdir(parents=True, exist_ok=True)
    path = HOME / "secret"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def start() -> None:
    around = environment()
    _start(
        "redis",
        [
            "redis-server",
            "--bind",
            "127.0.0.1",
            "--port",
            str(REDIS_PORT),
            "--save",
            "",
            "--maxmemory",
            "128mb",
            "--maxmemory-policy",
            "volatile-ttl",
            "--dir",
            str(HOME),
        ],
        around,
    )
    for chore in (["migrate", "--no-input"], ["collectstatic", "--no-input", "--clear"]):
        subprocess.run(
            [sys.executable, "manage.py", *chore],
            cwd=CHECKOUT,
            env=around,
            check=True,
            stdout=subprocess.DEVNULL,
        )
    subprocess.run(
        [sys.executable, "scripts/messages.py", "compile"],
        cwd=CHECKOUT,
        env=around,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    _start(
        "gunicorn",
        [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "postie_web.wsgi"],
        around,
    )
    _wait_for(POSTIE_PORT)
    print(f"up: postie on {POSTIE_PORT}")


def _start(name: str, command: list[str], around: dict[str, str]) -> None:
    if _alive(PIDFILES[name]):
        return
    with (HOME / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=around,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    PIDFILES[name].write_text(str(process.pid))


def _alive(pidfile: Path) -> int:
    """The process' id, or 0."""
    with contextlib.suppress(OSError, ValueError):
        pid = int(pidfile.read_text())
        os.kill(pid, 0)
        if (Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]) != "Z":
            return pid
    return 0


def _wait_for(port: int, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise SystemExit(f"Postie does not answer; see {HOME}/gunicorn.log")


def stop() -> None:
    for name in ("gunicorn", "redis"):
        pid = _alive(PIDFILES[name])
        if pid:
            os.kill(pid, signal.SIGTERM)
            for _ in range(100):
                if not _alive(PIDFILES[name]):
                    break
                time.sleep(0.1)
        PIDFILES[name].unlink(missing_ok=True)


if __name__ == "__main__":
    {"start": start, "stop": stop}[sys.argv[1] if len(sys.argv) > 1 else "start"]()
