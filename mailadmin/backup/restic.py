"""restic, one method per command. Secrets travel by file and environment, never by argument.

Facts about codes and output: restic's manual, "Scripting"; measured with 0.14 (Debian 12).
"""

import json
import os
import re
import shlex
import shutil
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .outcome import GONE, REFUSES_TO_DELETE, Outcome, classify
from .process import Ending, Finished, Hung, Program
from .results import (
    COMPLETE,
    DeletionRefused,
    Node,
    OnProgress,
    Pass,
    ResticError,
    Snapshot,
    hear,
    judge,
    moment,
)

VERSION_NEEDED = (0, 14)
RELEASE_SECONDS = 30.0
NO_SESSION = "unable to start the sftp session"
HOST = "mail"  # fixed: a container id as host starts a new group at every deploy, and forget never ends
PASSED_ON = (
    "PATH",
    "HOME",
    "TMPDIR",
    "SSH_AUTH_SOCK",
    "AWS_",
    "B2_",
    "AZURE_",
    "GOOGLE_",
    "OS_",
    "RESTIC_REST_",
)


def environment(repository: str, password_file: Path, cache: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k.startswith(PASSED_ON)}
    return kept | {
        "RESTIC_REPOSITORY": repository,
        "RESTIC_PASSWORD_FILE": str(password_file),
        "RESTIC_CACHE_DIR": str(cache),
        "RESTIC_PROGRESS_FPS": "0.5",
        "GOMAXPROCS": "1",
        "LANG": "C.UTF-8",
    }


@dataclass
class Repository:
    """A restic repository. Every method raises ResticError when restic did not do its work."""

    program: Program
    nice: bool = True
    limit_upload: int = 0  # KiB a second; 0: none
    ssh: str = ""  # the command that leads to an sftp: repository

    @classmethod
    def at(
        cls, location: str, password_file: Path, cache: Path, *, ssh: str = "", **options: Any
    ) -> "Repository":
        return cls(Program(environment(location, password_file, cache), **options), ssh=ssh)

    def version(self) -> tuple[int, ...]:
        """(0, 14, 0); raises ResticError when the program is missing."""
        if not shutil.which("restic"):
            raise ResticError(Outcome.FAILED, ["restic is not installed"])
        found = re.search(r"restic (\d+)\.(\d+)\.(\d+)", self._text("version"))
        return tuple(map(int, found.groups())) if found else (0,)

    def create(self) -> str:
        """A new repository, only ever on a person's word; its id."""
        self._text("init", "--repository-version", "2")
        return self.id()

    def id(self) -> str:
        return str(self._json("cat", "config", "--no-lock")["id"])

    def backup(
        self,
        sources: Sequence[Path],
        tags: Sequence[str],
        excludes: Sequence[str] = (),
        on_progress: OnProgress | None = None,
    ) -> Pass:
        """One pass over absolute `sources`. Files that moved inside a maildir meanwhile are not errors."""
        if not all(source.is_absolute() for source in sources):
            raise ValueError("a relative source starts a new group of snapshots: give absolute paths")
        command = ["backup", "--json", "--host", HOST, "--one-file-system"]
        if self.limit_upload:
            command += ["--limit-upload", str(self.limit_upload)]
        for tag in tags:
            command += ["--tag", tag]
        for pattern in excludes:
            command += ["--exclude", pattern]
        summary: dict[str, Any] = {}
        finished = self._run(
            [*command, "--", *map(str, sources)],
            lambda line: hear(line, summary, on_progress),
            # It cannot even take its lock away: for minutes it would try, and the next run removes it.
            Ending(GONE, signal.SIGKILL),
        )
        return judge(finished, summary)

    def snapshots(self, tag: str = "") -> list[Snapshot]:
        """Oldest first; without those `untag` replaced, which an append-only repository still holds."""
        found = self._json("snapshots", "--json", "--no-lock", "--host", HOST) or []
        known = sorted(map(Snapshot.from_json, found), key=lambda s: s.time)
        replaced = {one.original for one in known}
        return [one for one in known if one.id not in replaced and (not tag or tag in one.tags)]

    def ls(self, snapshot: str, *paths: str, recursive: bool = False) -> Iterator[Node]:
        # Streamed: a snapshot of 100,000 messages is 40 MB of lines.
        flags = ["--recursive"] if recursive else []
        for line in self._lines("ls", "--json", "--no-lock", *flags, snapshot, *paths):
            data = json.loads(line)
            if data.get("struct_type", data.get("message_type")) != "node" and "path" not in data:
                continue
            yield Node(
                path=data["path"],
                kind=data.get("type", "file"),
                size=int(data.get("size") or 0),
                mtime=moment(data["mtime"]) if data.get("mtime") else None,
            )

    def dump(self, snapshot: str, path: str) -> Iterator[bytes]:
        """The bytes of one file."""
        try:
            yield from self.program.stream([*self._restic(), "dump", "--no-lock", snapshot, path])
        except OSError as error:
            raise ResticError(classify(1, [str(error)]), [str(error)]) from None

    def restore(self, snapshot: str, target: Path, include: Sequence[str] = ()) -> None:
        """Into `target` (made when missing), below it the absolute paths of the snapshot; verified."""
        chosen = [word for path in include for word in ("--include", escape(path))]
        self._text("restore", snapshot, "--target", str(target), "--verify", *chosen)

    def fetch(self, snapshot: str, target: Path, shown: Sequence[str]) -> None:
        """A few files for reading: paths as `ls` shows them, where U+FFFD stands for any octet."""
        chosen = [word for path in shown for word in ("--include", escape(path).replace("\ufffd", "?"))]
        self._text("restore", "--no-lock", snapshot, "--target", str(target), *chosen)

    def forget(self, keep: Sequence[str], *, preview: bool) -> list[dict[str, Any]]:
        """Groups with keep/remove, as restic prints them. Only complete snapshots of our host are touched."""
        dry = ["--dry-run", "--no-lock"] if preview else []
        return list(
            self._json(
                "forget", "--json", *dry, "--host", HOST, "--tag", COMPLETE, "--group-by", "host", *keep
            )
            or []
        )

    def untag(self, snapshot: str, tag: str) -> None:
        """The snapshot gets a new id by it; an append-only repository keeps the old one, see `snapshots`."""
        with suppress(DeletionRefused):
            self._remove("tag", "--remove", tag, snapshot)

    def forget_ids(self, ids: Sequence[str]) -> None:
        """Raises DeletionRefused."""
        self._remove("forget", *ids)

    def _remove(self, *arguments: str) -> None:
        # restic asks ten times before it believes a 403; the first one is enough.
        finished = self._run(arguments, ends_at=Ending(REFUSES_TO_DELETE))
        refused = [line for line in finished.stderr if REFUSES_TO_DELETE.search(line)]
        if refused:
            raise DeletionRefused(Outcome.FAILED, refused[:1])
        if finished.code:
            raise self._error(finished)

    def prune(self) -> None:
        self._text("prune", "--max-unused", "5%")

    def check(self, share: str = "") -> None:
        """Structure; with `share` ("7/28", "100%") that part of the data is read too. Any doubt raises."""
        data = ["--read-data"] if share == "100%" else [f"--read-data-subset={share}"] if share else []
        finished = self._run(["check", *data])
        if finished.code:
            said = classify(finished.code, finished.stderr)
            raise ResticError(Outcome.DAMAGED if said is Outcome.FAILED else said, finished.stderr)

    def size(self) -> int:
        """Bytes the repository takes."""
        return int(self._json("stats", "--json", "--no-lock", "--mode", "raw-data")["total_size"])

    def unlock(self) -> None:
        """Only locks restic itself calls stale: never --remove-all by a machine."""
        self._text("unlock")

    def release(self) -> None:
        """After an interruption: restic may end between taking its lock and learning to give it back."""
        program = replace(self.program, cancelled=lambda: False, longest=RELEASE_SECONDS)
        with suppress(ResticError, Hung):
            replace(self, program=program).unlock()

    def _run(
        self,
        arguments: Sequence[str],
        on_line: Callable[[str], None] | None = None,
        ends_at: Ending | None = None,
    ) -> Finished:
        polite = ["nice", "-n", "19", "ionice", "-c3"] if self.nice else []
        return self.program.run([*polite, *self._restic(), *arguments], on_line, ends_at)

    def _restic(self) -> list[str]:
        if self.ssh:
            return ["restic", "-o", f"sftp.command={self.ssh}"]
        # Below restic's ten attempts the S3 library makes ten of its own: nobody would hear for an hour.
        s3 = self.program.environment.get("RESTIC_REPOSITORY", "").startswith("s3:")
        return ["restic", "-o", "s3.retries=2"] if s3 else ["restic"]

    def _lines(self, *arguments: str) -> Iterator[str]:
        rest = b""
        try:
            for block in self.program.stream([*self._restic(), *arguments]):
                *whole, rest = (rest + block).split(b"\n")
                yield from (line.decode("utf-8", "replace") for line in whole if line)
        except OSError as error:
            raise ResticError(classify(1, [str(error)]), [str(error)]) from None

    def _text(self, *arguments: str) -> str:
        lines: list[str] = []
        finished = self._run(arguments, lines.append)
        if finished.code:
            raise self._error(finished)
        return "\n".join(lines)

    def _error(self, finished: Finished) -> ResticError:
        said = finished.stderr
        if self.ssh and any(NO_SESSION in line for line in said):
            # restic is often gone before it has passed on what ssh said: ask ssh itself.
            said = [*self.program.run(shlex.split(self.ssh)).stderr, *said]
        return ResticError(classify(finished.code, said), said)

    def _json(self, *arguments: str) -> Any:
        text = self._text(*arguments)
        return json.loads(text) if text.strip() else None


def escape(path: str) -> str:
    """restic's include and exclude patterns are globs; a maildir name may hold `[`."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", path)
