"""
SmtpError
├── Unavailable    nothing was sent: no answer, or "try later"
├── Unauthorized   the server refuses this address and password
├── Rejected       the server said no to the letter: .reason in its words
├── Refused        it said no to recipients: .recipients, nothing was sent to anybody
└── Uncertain      the answer to the last octet never came: it may have gone out, or not
"""


class SmtpError(Exception):
    """Nothing here ever holds a password: messages are our words or the server's."""


class Unavailable(SmtpError):
    pass


class Unauthorized(SmtpError):
    pass


class Rejected(SmtpError):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Refused(SmtpError):
    def __init__(self, recipients: dict[str, str]) -> None:
        super().__init__(", ".join(recipients))
        self.recipients = recipients


class Uncertain(SmtpError):
    pass
