"""How a step of a run ended: an outcome, the code of its sentence, the facts in it."""

from dataclasses import dataclass, field
from typing import Any

from .outcome import Outcome


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """`warning`: go on, but somebody should look. `code` is a key of words.WORDS, or empty."""

    outcome: Outcome = Outcome.OK
    code: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    files: int = 0
    bytes: int = 0
    warning: bool = False


class Stop(Exception):
    """The run ends here, with this verdict."""

    def __init__(self, outcome: Outcome, code: str, **facts: Any) -> None:
        self.verdict = Verdict(outcome=outcome, code=code, facts=facts)
        super().__init__(f"{outcome}: {code} {facts}")
