"""Where a repository may lie: a real sshd, rclone's REST server, SeaweedFS' S3; loopback, free ports."""

import getpass
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from tests.stack import eventually

USER, PASSWORD = "postie", "only-for-this-test-4711"
REST_SERVER, S3_SERVER = "rclone", str(Path(sys.prefix, "bin/weed"))


@dataclass(kw_only=True)
class Target:
    """`settings`: Django's; `environment`: restic's own; `wrong`: both, as somebody who may not."""

    repository: str
    settings: dict[str, Any] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    wrong: tuple[dict[str, Any], dict[str, str]] = field(default=({}, {}))
    secret: str
    process: "Server"
    files: Path  # where the server keeps them


class Server:
    """A process of its own group, started again where it stopped."""

    def __init__(self, command: Sequence[str], port: int, log: Path, **environment: str) -> None:
        self.command, self.port, self.log = list(command), port, log
        self.environment = {**os.environ, **environment}
        self.process: subprocess.Popen[bytes] | None = None
        self.healthz = ""  # what to ask, where an open port does not say that it is ready

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        eventually(self._answers, 60)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text(errors="replace")[-2000:]
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return not self.healthz or httpx.get(self.healthz, timeout=5).is_success
        except (OSError, httpx.HTTPError):
            return False

    def stop(self) -> None:
        """At once, as a power cut does it; what it forked dies, too."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)
            self.process = None


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def _running(server: Server) -> Iterator[None]:
    server.start()
    try:
        yield
    finally:
        server.stop()


@contextmanager
def sftp(place: Path) -> Iterator[Target]:
    """Debian's openssh-server with keys, a port and a configuration of its own."""
    for name in ("host", "key", "stranger"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(place / name)]
        subprocess.run(command, check=True, timeout=30)
    port, files = free_port(), place / "files"
    files.mkdir()
    shutil.copy(place / "key.pub", place / "authorized")
    (place / "sshd").write_text(
        f"ListenAddress 127.0.0.1\nPort {port}\nHostKey {place}/host\nPidFile none\nUsePAM no\n"
        f"AuthorizedKeysFile {place}/authorized\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n"
        "KexAlgorithms curve25519-sha256\nPermitRootLogin yes\nStrictModes no\nSubsystem sftp internal-sftp\n"
    )
    kind, key, _comment = (place / "host.pub").read_text().split()
    (place / "known").write_text(f"[127.0.0.1]:{port} {kind} {key}\n")
    Path("/run/sshd").mkdir(exist_ok=True)  # where it locks itself in before anybody signed in
    server = Server(["/usr/sbin/sshd", "-D", "-e", "-f", str(place / "sshd")], port, place / "log")
    own = {"BACKUP_SSH_KEY": str(place / "key"), "BACKUP_SSH_KNOWN_HOSTS": str(place / "known")}
    with _running(server):
        yield Target(
            repository=f"sftp://{getpass.getuser()}@127.0.0.1:{port}/{files}/repository",
            settings=own,
            wrong=(own | {"BACKUP_SSH_KEY": str(place / "stranger")}, {}),
            secret=(place / "key").read_text().splitlines()[1],
            process=server,
            files=files / "repository",
        )


@contextmanager
def rest(place: Path, *, append_only: bool = False) -> Iterator[Target]:
    """The protocol of restic's rest-server, as rclone speaks it."""
    port, files = free_port(), place / "files"
    files.mkdir()
    command = [REST_SERVER, "serve", "restic", "--addr", f"127.0.0.1:{port}", "--config", "/dev/null"]
    command += ["--append-only"] if append_only else []
    # In the environment, where restic's own password is, too: not in what `ps` shows.
    server = Server([*command, str(files)], port, place / "log", RCLONE_USER=USER, RCLONE_PASS=PASSWORD)
    with _running(server):
        yield Target(
            repository=f"rest:http://{USER}:{PASSWORD}@127.0.0.1:{port}/",
            wrong=({"RESTIC_REPOSITORY": f"rest:http://{USER}:not-this-one@127.0.0.1:{port}/"}, {}),
            secret=PASSWORD,
            process=server,
            files=files,
        )


@contextmanager
def s3(place: Path, *, actions: Sequence[str] = ("Admin",)) -> Iterator[Target]:
    """SeaweedFS (Apache-2.0): an S3 server that people really run."""
    ports = {name: free_port() for name in ("master", "volume", "filer", "s3")}
    files = place / "files"
    files.mkdir()
    users = [("postie", "AKPOSTIE", actions), ("admin", "AKADMIN", ["Admin"])]
    identities = [
        {"name": name, "credentials": [{"accessKey": key, "secretKey": PASSWORD}], "actions": list(may)}
        for name, key, may in users
    ]
    (place / "s3.json").write_text(json.dumps({"identities": identities}))
    command = [S3_SERVER, "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-dir={files}", "-filer", "-s3"]
    for name, port in ports.items():
        command += [f"-{name}.port={port}", f"-{name}.port.grpc={free_port()}"]
    command += ["-volume.max=8", "-master.volumeSizeLimitMB=64", f"-s3.config={place}/s3.json"]
    server = Server(command, ports["s3"], place / "log", HOME=str(place))
    url = f"http://127.0.0.1:{ports['s3']}"
    server.healthz = f"{url}/healthz"
    with _running(server):
        own = {"AWS_ACCESS_KEY_ID": "AKPOSTIE", "AWS_SECRET_ACCESS_KEY": PASSWORD}
        yield Target(
            repository=f"s3:{url}/mail",
            environment=own,
            wrong=({}, own | {"AWS_SECRET_ACCESS_KEY": "not-this-one"}),
            secret=PASSWORD,
            process=server,
            files=files,
        )


def use(target: Target, settings: Any, monkeypatch: Any, wrong: bool = False) -> None:
    """From here on Postie backs up to there; `wrong`: as somebody who may not."""
    spoilt = target.wrong[0] if wrong else {}
    facts: dict[str, Any] = {"RESTIC_REPOSITORY": target.repository, **target.settings, **spoilt}
    for name, value in facts.items():
        setattr(settings, name, value)
    for name, value in (target.environment | (target.wrong[1] if wrong else {})).items():
        monkeypatch.setenv(name, value)
