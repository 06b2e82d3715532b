"""Which kind of failure? Exit codes and words as restic 0.14, 0.16 and 0.18 print them."""

import pytest

from mailadmin.backup.outcome import Outcome, classify

RECORDED = [
    (0, "", Outcome.OK),
    (3, "Warning: at least one source file could not be read", Outcome.INCOMPLETE),
    (
        1,
        "Fatal: unable to open config file: Stat: no such file or directory\nIs there a repository at …?",
        Outcome.NO_REPOSITORY,
    ),
    (10, "Fatal: repository does not exist", Outcome.NO_REPOSITORY),
    (1, "Fatal: wrong password or no key found", Outcome.AUTH),
    (12, "Fatal: wrong password or no key found", Outcome.AUTH),
    (1, "unable to create lock in backend: repository is already locked by PID 12", Outcome.LOCKED),
    (11, "Fatal: failed to lock the repository", Outcome.LOCKED),
    (
        1,
        "Fatal: unable to open repository: dial tcp 127.0.0.1:9: connect: connection refused",
        Outcome.UNREACHABLE,
    ),
    (1, "subprocess ssh exited with exit status 255", Outcome.UNREACHABLE),
    (1, "Pack ID does not match, want 5f0e, got 77aa\nFatal: repository contains errors", Outcome.DAMAGED),
    (1, "Save(<data/12>) returned error: write: no space left on device", Outcome.NO_SPACE),
    (130, "signal interrupt received, cleaning up", Outcome.CANCELLED),
    (143, "", Outcome.CANCELLED),
    (-9, "", Outcome.FAILED),
    (77, "something new", Outcome.FAILED),
    (1, "", Outcome.FAILED),
]


@pytest.mark.parametrize(("code", "said", "outcome"), RECORDED)
def test_outcome_of_recorded_runs(code: int, said: str, outcome: Outcome) -> None:
    assert classify(code, said.splitlines()) is outcome


def test_only_two_outcomes_are_good() -> None:
    assert {o for o in Outcome if o.is_good} == {Outcome.OK, Outcome.OK_WITH_VANISHED}
