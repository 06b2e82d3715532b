"""The bundled mail server as test partner: real Postfix, Dovecot, Rspamd, Redis, unbound and our API.

`stack` is started once per run on POSTIE_TEST_PORT_BASE (default 13000) with fresh state.
"""

import contextlib
import imaplib
import itertools
import os
import shutil
import smtplib
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from mailserver import leftovers
from mailserver.ports import ports
from mailserver.prepare import prepare
from mailserver.render import read_secrets
from mailserver.site import Site, place
from mailserver.wait import SERVER, until_ready

CHECKOUT = Path(__file__).resolve().parent.parent
BASE = int(os.environ.get("POSTIE_TEST_PORT_BASE", "13000"))
VAR = Path(os.environ.get("POSTIE_TEST_VAR", str(CHECKOUT / "var/test")))
PROGRAMS = ("postfix", "dovecot", "rspamd", "redis-server", "unbound", "postsrsd")
T = TypeVar("T")
PASSWORD = "correct-horse-battery-9"
_numbers = itertools.count(1)


def eventually(ask: Callable[[], T], seconds: float = 20) -> T:
    """The first true answer of `ask`; waiting for real servers, never a fixed sleep."""
    deadline = time.monotonic() + seconds
    while True:
        answer = ask()
        if answer or time.monotonic() > deadline:
            assert answer, f"still {answer!r} after {seconds} s"
            return answer
        time.sleep(0.05)


class Stack:
    """Where everything is, and the few things every test wants done."""

    host = "127.0.0.1"
    domain = "kronos.test"
    hostname = "mail.kronos.test"
    admin = ("admin@kronos.test", PASSWORD)

    def __init__(self, root: Path, base: int) -> None:
        self.root, self.base, self.ports = root, base, ports(base)
        self.site = Site(root=root, base=base, hostname=self.hostname, flavour="test")
        self.api_url = f"http://127.0.0.1:{self.ports['api']}"
        self.redis_url = f"redis://127.0.0.1:{self.ports['redis']}/0"
        self._api: httpx.Client | None = None

    # Life

    def start(self) -> None:
        leftovers.stop(self.root)
        keep_compiled_patterns(self.root)
        for name in ("data", "etc", "run", "log"):
            shutil.rmtree(self.root / name, ignore_errors=True)
        (self.root / "data/unbound/zones").mkdir(parents=True)
        self.wake()
        create_administrator(self)

    def wake(self) -> None:
        """What is there comes up, with its data, as scripts/start.sh has it."""
        prepare(self.site)
        restore_compiled_patterns(self.root)
        configuration = self.root / "etc/supervisor/supervisord.conf"
        with (self.root / "log/start.log").open("w") as log:
            self._supervisor = subprocess.Popen(
                [str(CHECKOUT / ".venv/bin/supervisord"), "-c", str(configuration)],
                stdout=log,
                stderr=log,
                cwd=CHECKOUT,
                start_new_session=True,
            )
        silent = until_ready(self.base, 90, SERVER)
        assert not silent, f"no answer from {silent}; see {self.root}/log"

    def stop(self) -> None:
        if self._api is not None:
            self._api.close()
        leftovers.stop(self.root)
        self._supervisor.wait(5)

    # Mailboxes

    @property
    def api(self) -> httpx.Client:
        """The poste.io API as the administrator, paths relative to /admin/api/v1/."""
        if self._api is None:
            self._api = httpx.Client(base_url=f"{self.api_url}/admin/api/v1/", auth=self.admin, timeout=30)
        return self._api

    def create_mailbox(self, local_part: str = "", domain: str = "", **options: Any) -> tuple[str, str]:
        """A new mailbox through the API; `options` in the API's words (redirectTo=[…], disabled=True …)."""
        address = f"{local_part or f'person{next(_numbers)}'}@{domain or self.domain}"
        body = {"name": address.split("@")[0], "email": address, "passwordPlaintext": PASSWORD, **options}
        answer = self.api.post("boxes", json=body)
        assert answer.status_code == 201, answer.text
        return address, str(body["passwordPlaintext"])

    def create_alias(self, address: str, targets: list[str]) -> str:
        """A name without a mailbox of its own."""
        body = {"name": address.split("@")[0], "email": address, "redirectTo": targets}
        answer = self.api.post("boxes", json=body)
        assert answer.status_code == 201, answer.text
        return address

    def create_domain(self, name: str, **options: Any) -> None:
        answer = self.api.post("domains", json={"name": name, **options})
        assert answer.status_code == 201, answer.text

    # Mail

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.root / "tls/mail.crt"))

    @contextlib.contextmanager
    def imap(self, address: str, password: str = PASSWORD) -> Iterator[imaplib.IMAP4]:
        connection = imaplib.IMAP4_SSL("localhost", self.ports["imaps"], ssl_context=self.tls, timeout=30)
        try:
            connection.login(address, password)
            yield connection
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                connection.logout()
            with contextlib.suppress(OSError):
                connection.shutdown()

    def deliver(self, message: bytes, to: str, sender: str = "somebody@outside.test") -> None:
        """Straight into the mailbox, past every filter: LMTP to Dovecot."""
        with smtplib.LMTP(str(self.root / "data/spool/private/dovecot-lmtp")) as lmtp:
            lmtp.sendmail(sender, [to], message)

    def send(self, message: bytes, sender: str, to: list[str], password: str = PASSWORD) -> None:
        """Through the submission port, as a mail program does."""
        with smtplib.SMTP("localhost", self.ports["submission"], timeout=60) as smtp:
            smtp.starttls(context=self.tls)
            smtp.login(sender, password)
            smtp.sendmail(sender, to, message)

    def messages(self, address: str, folder: str = "INBOX", password: str = PASSWORD) -> list[bytes]:
        """Every message of a folder, oldest first; empty when there is no such folder."""
        with self.imap(address, password) as imap:
            if imap.select(f'"{folder}"', readonly=True)[0] != "OK":
                return []
            numbers = imap.search(None, "ALL")[1][0].split()
            if not numbers:
                return []
            answer = imap.fetch(b",".join(numbers).decode(), "(BODY.PEEK[])")[1]
            return [part[1] for part in answer if isinstance(part, tuple)]

    def sent(self) -> list[bytes]:
        """What left the server, oldest first, each with X-Envelope-From and X-Envelope-To in front."""
        return [file.read_bytes() for file in sorted((self.root / "data/sink/new").glob("*.eml"))]

    def log(self, program: str) -> str:
        return (self.root / f"log/{program}.log").read_text(errors="replace")


def create_administrator(stack: Stack) -> None:
    """The first system administrator comes from the operator, as poste.io's first page does."""
    command = [
        *(str(CHECKOUT / ".venv/bin/python"), "-m", "mailserver.api.setup"),
        *("--root", str(stack.root), "--admin", stack.admin[0]),
    ]
    subprocess.run(command, input=PASSWORD, text=True, check=True, cwd=CHECKOUT, timeout=30)


# Rspamd compiles its patterns for ten seconds at the very first start; they stay the same from run to run.


def keep_compiled_patterns(root: Path) -> None:
    kept = root / "patterns"
    kept.mkdir(exist_ok=True)
    for file in (root / "data/rspamd").glob("*.hs*"):
        shutil.move(file, kept / file.name)


def restore_compiled_patterns(root: Path) -> None:
    for file in (root / "patterns").glob("*.hs*"):
        shutil.move(file, root / "data/rspamd" / file.name)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    missing = [name for name in PROGRAMS if not shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")]
    if missing:
        pytest.fail(f"not installed: {', '.join(missing)}")
    if os.geteuid() != 0:
        pytest.fail("mail programs are started by root")
    partner = Stack(place(VAR / "mailserver"), BASE)
    partner.start()
    try:
        yield partner
    finally:
        partner.stop()


@pytest.fixture
def postie_settings(stack: Stack, settings: Any) -> Any:
    """Django looks at the stack: IMAP over TLS, submission with STARTTLS, the API as the administrator."""
    settings.POSTEIO_HOSTNAME = stack.hostname
    settings.POSTEIO_API_URL = stack.api_url
    settings.POSTEIO_API_USER, settings.POSTEIO_API_PASSWORD = stack.admin
    settings.IMAP_HOST = settings.SMTP_HOST = stack.host
    settings.IMAP_PORT, settings.IMAP_SECURITY = stack.ports["imap"], "starttls"
    settings.SMTP_PORT, settings.SMTP_SECURITY = stack.ports["submission"], "starttls"
    settings.IMAP_CA_FILE = settings.SMTP_CA_FILE = str(stack.root / "tls/mail.crt")
    settings.REDIS_URL = stack.redis_url
    settings.IMAP_MASTER_USER = "restore"
    settings.IMAP_MASTER_PASSWORD = read_secrets(stack.root)["RESTORE_PASSWORD"]
    return settings
