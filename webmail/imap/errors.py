"""
ImapError
├── Unavailable    no answer, a broken answer: try later
│   ├── Lost       the server ended this session: a new one may do
│   └── TooMany    the server allows this person no further connection
├── Unauthorized   the server refuses this address and password
├── NotFound       the folder or message is not there (any more)
└── Rejected       the server said NO, or we refused to send it: .reason in the server's words
    └── Full       over quota (RFC 9208, OVERQUOTA)
"""


class ImapError(Exception):
    """Nothing here ever holds a password: messages are our words or the server's."""


class Unavailable(ImapError):
    pass


class Lost(Unavailable):
    pass


class TooMany(Unavailable):
    pass


class Unauthorized(ImapError):
    pass


class NotFound(ImapError):
    pass


class Rejected(ImapError):
    """`code` is the response code of RFC 5530 (NOPERM, ALREADYEXISTS, CANNOT …), or empty."""

    def __init__(self, reason: str, code: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class Full(Rejected):
    pass


# RFC 5530: the machine-readable reason of a tagged NO.
_BY_CODE: dict[str, type[ImapError]] = {
    "AUTHENTICATIONFAILED": Unauthorized,
    "AUTHORIZATIONFAILED": Unauthorized,
    "EXPIRED": Unauthorized,
    "UNAVAILABLE": Unavailable,
    "INUSE": Unavailable,
    "SERVERBUG": Unavailable,
    "PRIVACYREQUIRED": Unavailable,
    "NONEXISTENT": NotFound,
    "TRYCREATE": NotFound,
    "UNKNOWN-CTE": Rejected,
}


def from_no(reason: str, code: str) -> ImapError:
    """The error a tagged NO stands for."""
    if code == "OVERQUOTA":
        return Full(reason, code)
    kind = _BY_CODE.get(code, Rejected)
    return Rejected(reason, code) if kind is Rejected else kind(reason)
