"""
PosteError
├── Unavailable    no answer, or 5xx: try later
├── Unauthorized   our own key is refused: the operator's job
├── NotFound
├── Duplicate      the name is taken
└── Rejected       it said why: .reason belongs beside .field
"""


class PosteError(Exception):
    """Anything the poste.io API can do to us. Messages never hold what we sent: that may be a password."""


class Unavailable(PosteError):
    """No answer in time, no sensible answer, or 5xx."""


class Unauthorized(PosteError):
    """401 or 403: the address and password Postie was set up with are refused."""


class NotFound(PosteError):
    """404."""


class Duplicate(PosteError):
    """The name is taken."""


class Rejected(PosteError):
    """400 and its like. `field` is our own name of it ("password", "address"), or None for the whole."""

    def __init__(self, reason: str, field: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.field = field
