"""All of Postie as scripts/start.sh starts it: mail server, web, worker and clock under one supervisor."""

import contextlib
import imaplib
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from tests.stack import BASE, CHECKOUT, VAR, eventually

PORTS = BASE + 1000
HERE = VAR.with_name("running")


class Running:
    """The running system and one signed-in person, through HTTP as a browser without scripts would."""

    def __init__(self) -> None:
        self.demo: dict[str, Any] = json.loads((HERE / "demo.json").read_text())
        self.url = str(self.demo["url"])
        self.root = (HERE / "mailserver").resolve()

    def account(self, role: str, number: int = 0) -> tuple[str, str]:
        found = [one for one in self.demo["accounts"] if one["role"] == role][number]
        return str(found["address"]), str(found["password"])

    def browser(self, role: str) -> httpx.Client:
        client = httpx.Client(base_url=self.url, timeout=60)
        address, password = self.account(role)
        form = fields(client.get("/login").text) | {"address": address, "password": password}
        assert client.post("/login", data=form).status_code == 302
        return client

    def control(self, *words: str) -> str:
        command = [str(CHECKOUT / ".venv/bin/python"), "-m", "supervisor.supervisorctl"]
        command += ["-c", str(self.root / "etc/supervisor/supervisord.conf"), *words]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, timeout=90, check=False)
        return done.stdout

    def pid(self, program: str) -> int:
        return int(self.control("pid", program) or 0)

    def kill(self, program: str) -> None:
        os.kill(self.pid(program), signal.SIGKILL)

    @contextlib.contextmanager
    def without(self, program: str) -> Iterator[None]:
        """As long as this lasts it is away and nobody brings it back."""
        self.control("stop", program)
        try:
            yield
        finally:
            self.control("start", program)
            eventually(lambda: self.health()[0] == 200, 60)

    def health(self) -> tuple[int, dict[str, str]]:
        try:
            answer = httpx.get(f"{self.url}/healthz", timeout=20)
        except httpx.HTTPError:
            return 0, {}
        return answer.status_code, answer.json()

    def failing(self) -> set[str]:
        """What a 503 names, in one answer: a program that is going may still greet once more."""
        status, parts = self.health()
        return {name for name, said in parts.items() if said != "ok"} - {"status"} if status == 503 else set()

    def letters(self, subject: str) -> int:
        """How many of that subject the second person has, whatever folder they are in."""
        address, password = self.account("user", 1)
        context = ssl.create_default_context(cafile=str(self.root / "tls/mail.crt"))
        port = int(self.demo["ports"]["imaps"])
        try:
            with imaplib.IMAP4_SSL("localhost", port, ssl_context=context, timeout=30) as imap:
                imap.login(address, password)
                found = 0
                for folder in ("INBOX", "Junk"):
                    imap.select(folder, readonly=True)
                    found += len(imap.search(None, "SUBJECT", f'"{subject}"')[1][0].split())
                return found
        except (OSError, imaplib.IMAP4.error):
            return 0

    def write(self, client: httpx.Client, subject: str) -> httpx.Response:
        """From the first person to the second, by the webmail's form."""
        to = self.account("user", 1)[0]
        form = fields(client.get("/compose/").text)
        form |= {"to": to, "subject": subject, "text": "Hola", "action": "send"}
        return client.post("/compose/", data=form)


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and 'type="hidden"' in tag:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def command(name: str, *words: str) -> None:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("DJANGO_", "SECRET_KEY"))}
    environment = kept | {"POSTIE_VAR": str(HERE), "POSTIE_PORT_BASE": str(PORTS)}
    log = HERE / f"{name}.log"
    with log.open("w") as file:
        program = [str(CHECKOUT / f"scripts/{name}"), *words]
        done = subprocess.run(program, env=environment, stdout=file, stderr=file, timeout=400, check=False)
    assert done.returncode == 0, log.read_text()[-3000:]


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """New every time, as in a fresh clone."""
    HERE.mkdir(parents=True, exist_ok=True)
    command("stop.sh")
    shutil.rmtree((HERE / "mailserver").resolve(), ignore_errors=True)
    shutil.rmtree(HERE, ignore_errors=True)
    HERE.mkdir(parents=True)
    command("start.sh", "--detach")
    try:
        yield Running()
    finally:
        command("stop.sh")
