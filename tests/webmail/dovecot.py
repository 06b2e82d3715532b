"""A small Dovecot of a test's own, where the test wants to change what the server can or allows.

Everything else is tested with the whole mail server (tests/stack.py).
"""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from postie_web.lib.credentials import Credentials
from webmail.imap import door
from webmail.imap.connection import Connection

PASSWORD = "secreto-123"
MAIL_UID = 12500
CONFIG = """
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain
first_valid_uid = {uid}
mail_uid = {uid}
mail_gid = {uid}
mail_home = {root}/mail/%u
mail_location = maildir:~/Maildir
mailbox_list_index = yes
mail_max_userip_connections = {connections}
mail_plugins = quota {plugins}
protocol imap {{
  mail_plugins = $mail_plugins imap_quota
}}
plugin {{
  quota = count:User quota
  quota_vsizes = yes
  quota_rule = *:storage={quota}
  quota_grace = 0
}}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={uid}
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = subscribe
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = subscribe
    special_use = \\Sent
  }}
  mailbox Junk {{
    auto = subscribe
    special_use = \\Junk
  }}
  mailbox Trash {{
    auto = subscribe
    special_use = \\Trash
  }}
}}
service imap-login {{
  process_min_avail = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
{extra}
"""


class Dovecot:
    def __init__(
        self, root: Path, extra: str = "", connections: int = 20, quota: str = "100M", plugins: str = ""
    ) -> None:
        self.root, self.extra = root, extra
        self.limits = {"connections": connections, "quota": quota, "plugins": plugins}
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # Dovecot's own users must reach it, so it cannot lie below pytest's private directories.
        (self.root / "mail").mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o755)
        os.chown(self.root / "mail", MAIL_UID, MAIL_UID)
        values = {"root": self.root, "port": self.port, "uid": MAIL_UID}
        text = CONFIG.format(
            **values, password=PASSWORD, extra=self.extra.replace("ROOT", str(self.root)), **self.limits
        )
        (self.root / "dovecot.conf").write_text(text)
        command = ["dovecot", "-F", "-c", str(self.root / "dovecot.conf")]
        self.process = subprocess.Popen(command, start_new_session=True)
        for _ in range(40):
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as sock:
                    if sock.recv(10):
                        return
            except OSError:
                time.sleep(0.05)
        raise AssertionError((self.root / "log").read_text())

    def stop(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
            # A busy imap process would outlive its master.
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process = None

    @property
    def server(self) -> door.Server:
        return door.Server(host="127.0.0.1", port=self.port, security="none", timeout=10)

    def credentials(self, user: str = "ana") -> Credentials:
        return Credentials(address=user, password=PASSWORD)

    def open(self, user: str = "ana") -> Connection:
        return door.open_connection(self.server, self.credentials(user))

    def fill(self, user: str, letters: Iterable[bytes], folder: str = "INBOX") -> None:
        """Straight into the Maildir, for thousands of them; the folder has to be there already."""
        box = self.root / "mail" / user / "Maildir" / ("" if folder == "INBOX" else f".{folder}")
        for number, octets in enumerate(letters):
            file = box / "cur" / f"{time.time():.0f}.M{number:07d}P{os.getpid()}.test:2,"
            file.write_bytes(octets)
            os.chown(file, MAIL_UID, MAIL_UID)


@contextmanager
def dovecot(extra: str = "", **limits: Any) -> Iterator[Dovecot]:
    root = Path(tempfile.mkdtemp(prefix="postie-dovecot-"))
    server = Dovecot(root, extra, **limits)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(root, ignore_errors=True)


def letter(number: int = 1, subject: str = "", **headers: str) -> bytes:
    lines = {
        "From": f"Ana Quispe <ana{number}@kronos.test>",
        "To": "Luis <luis@kronos.test>",
        "Subject": subject or f"Carta {number}",
        "Date": f"Mon, 23 Nov 2026 10:{number % 60:02d}:00 -0500",
        "Message-ID": f"<{number}@kronos.test>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{head}\r\nHola, esta es la carta {number}.\r\n".encode()


def eventually(ask: Callable[[], bool], seconds: float = 15) -> None:
    """Waits for a real server, never longer than it must."""
    deadline = time.monotonic() + seconds
    while not ask():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.05)
