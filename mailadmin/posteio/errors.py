"""
What can go wrong between us and poste.io, named by what the caller can do.

PosteError
├── Unavailable    no answer, or 5xx: try later
├── Unauthorized   our own key is refused: the operator's job
├── NotFound
├── Duplicate      the name is taken
└── Rejected       it said why: .reason belongs beside the field .field
"""


class PosteError(Exception):
    """Any trouble with the poste.io API."""


class Unavailable(PosteError):
    """No answer, or the server failed: try later."""


class Unauthorized(PosteError):
    """Our own key is refused."""


class NotFound(PosteError):
    """There is no such thing."""


class Duplicate(PosteError):
    """The name is taken."""


class Rejected(PosteError):
    """It said why; `field` is poste.io's name of the input it means, if it said so."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
