"""How a run of restic ended, told apart by exit code first and by its words second.

restic before 0.17 answers 1 for nearly everything; 0.17 brought 10 (no repository), 11 (locked) and
12 (wrong password); 130 is SIGINT, 143 SIGTERM. Source: restic's manual, "Exit codes", and recorded
output of 0.14, 0.16 and 0.18 in tests/mailadmin/backup/data.
"""

import re
from collections.abc import Sequence
from enum import StrEnum


class Outcome(StrEnum):
    OK = "ok"
    OK_WITH_VANISHED = "ok-with-vanished"  # mail moved while we looked: nothing is lost, pass 2 has it
    SUSPICIOUS = "suspicious"  # much smaller than last time: kept, but nothing may be forgotten
    INCOMPLETE = "incomplete"  # a snapshot exists, but files are missing from it
    LOCKED = "locked"
    AUTH = "auth"
    NO_REPOSITORY = "no-repository"
    UNREACHABLE = "unreachable"
    NO_SPACE = "no-space"
    DAMAGED = "damaged"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_good(self) -> bool:
        return self in (Outcome.OK, Outcome.OK_WITH_VANISHED)


BY_CODE = {
    0: Outcome.OK,
    3: Outcome.INCOMPLETE,
    10: Outcome.NO_REPOSITORY,
    11: Outcome.LOCKED,
    12: Outcome.AUTH,
    130: Outcome.CANCELLED,
    143: Outcome.CANCELLED,
    -2: Outcome.CANCELLED,
    -15: Outcome.CANCELLED,
}
# The order matters: a damaged repository also says "Fatal", a full disk also fails to save a lock.
BY_WORDS = [
    (Outcome.NO_SPACE, r"no space left on device|disk quota exceeded|ENOSPC|QuotaExceeded"),
    (
        Outcome.AUTH,
        # The last three are S3's: a wrong secret "does not match", which must not sound like damage.
        r"wrong password or no key found|permission denied \(|host key verification failed"
        r"|401 Unauthorized|403 Forbidden|Access ?Denied|request signature we calculated"
        r"|access key id .{0,80}does not exist|InvalidAccessKeyId|SignatureDoesNotMatch",
    ),
    (Outcome.LOCKED, r"already locked|unable to create lock"),
    (
        Outcome.UNREACHABLE,
        r"connection refused|no such host|i/o timeout|no route to host|network is unreachable"
        r"|connection reset|subprocess ssh exited|TLS handshake|context deadline exceeded"
        r"|temporary failure in name resolution|broken pipe|x509: |unable to start the sftp session",
    ),
    (
        Outcome.DAMAGED,
        r"repository contains errors|pack id does not match|ciphertext verification failed|does not match"
        r"|invalid data returned|error loading snapshot|unexpected EOF|load <(index|snapshot|data)/"
        r"|not found in index|unable to load index",
    ),
    (Outcome.NO_REPOSITORY, r"unable to open config file|repository does not exist|Is there a repository at"),
]


# A repository that only takes: what it answers to a DELETE, while restic still tries again and again.
REFUSES_TO_DELETE = re.compile(
    r"Remove\(.*(403 Forbidden|405 Method|Access ?Denied|permission denied|not permitted)", re.IGNORECASE
)


# The repository is away and has been for a while: the pauses of restic's attempts grow to seconds.
GONE = re.compile(
    r"Remove\(<lock/\w+>\) returned error, retrying after ([4-9]|\d\d)(\.\d+)?s: .*"
    r"(connection refused|no such host|i/o timeout|no route to host|network is unreachable)",
    re.IGNORECASE,
)


def telling(outcome: Outcome, stderr: Sequence[str]) -> str:
    """The line that says why, else the last one that is no line of a Go trace."""
    words = next((words for known, words in BY_WORDS if known is outcome), "$^")
    said = [line.strip() for line in stderr if line.strip()]
    found = [line for line in said if re.search(words, line, re.IGNORECASE)]
    plain = [line for line in said if not _TRACE.match(line)]
    return (found or plain[-1:] or said[-1:] or [""])[0]


_TRACE = re.compile(r"\S+\.go:\d+$|(runtime|main|golang\.org|github\.com)[./]\S*$")


def classify(code: int, stderr: Sequence[str]) -> Outcome:
    """The outcome of a finished restic; an exit code nobody knows is a failure, never a success."""
    if code in BY_CODE and code != 1:
        return BY_CODE[code]
    said = "\n".join(stderr)
    return next(
        (outcome for outcome, words in BY_WORDS if re.search(words, said, re.IGNORECASE)), Outcome.FAILED
    )
