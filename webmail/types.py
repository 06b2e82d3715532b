"""What mail is made of. Values only: frozen, comparable, without a connection behind them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Address:
    """One mailbox of a header: a name for people, `local@domain` for machines (either may be empty)."""

    name: str
    address: str

    def __str__(self) -> str:
        return self.name or self.address


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A folder as LIST and STATUS describe it. `name` is the whole path, decoded."""

    name: str
    delimiter: str = ""  # empty: a server without a hierarchy
    role: str = ""  # inbox archive drafts sent junk trash all flagged, or empty
    namespace: str = ""  # empty: one's own; others: another person's; shared: everybody's
    selectable: bool = True
    subscribed: bool = True
    can_have_children: bool = True
    messages: int = 0
    unread: int = 0
    size: int | None = None  # octets; None when the server does not say
    uidvalidity: int = 0
    uidnext: int = 0
    modseq: int = 0

    @property
    def path(self) -> tuple[str, ...]:
        return tuple(self.name.split(self.delimiter)) if self.delimiter else (self.name,)

    @property
    def short_name(self) -> str:
        return self.path[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """The headers a list shows, as the server parsed them (RFC 3501, 7.4.2), encoded words decoded."""

    subject: str = ""
    date: datetime | None = None  # the Date header; None when unreadable
    sender: tuple[Address, ...] = ()  # From
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    message_id: str = ""  # with its angle brackets, as it stands in the header
    in_reply_to: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A node of BODYSTRUCTURE. `section` is what FETCH takes: "" for the root of a multipart, "1.2" below."""

    section: str
    media_type: str  # lower case, "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    disposition: str = ""  # attachment, inline, or empty
    filename: str = ""
    content_id: str = ""  # without angle brackets
    description: str = ""
    encoding: str = "7bit"
    size: int = 0  # encoded octets
    location: str = ""
    children: tuple["Part", ...] = ()
    envelope: Envelope | None = None  # of a message/rfc822

    def walk(self) -> Iterator["Part"]:
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def is_multipart(self) -> bool:
        return self.media_type.startswith("multipart/")

    @property
    def is_attachment(self) -> bool:
        """What a person would call an attachment: named or detached, not its text or a picture within."""
        if self.is_multipart:
            return False
        if self.disposition == "attachment" or self.media_type == "message/rfc822":
            return True
        if self.media_type in ("text/plain", "text/html"):
            return bool(self.filename)
        return not (self.content_id and self.media_type.startswith("image/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A row of a list. Everything but `flags` never changes for a (folder, uidvalidity, uid)."""

    uid: int
    envelope: Envelope
    size: int
    arrived: datetime
    has_attachments: bool = False
    attachments: int = 0
    preview: str = ""
    is_previewed: bool = True  # False: the server has not read its first words yet
    flags: frozenset[str] = frozenset()
    folder: str = ""  # where it really is, when the list spans folders
    real_uid: int = 0

    def marked(self, flags: frozenset[str]) -> "Message":
        """The same with other flags; dataclasses.replace() takes thirty times as long."""
        if flags == self.flags:
            return self
        return Message(
            uid=self.uid,
            envelope=self.envelope,
            size=self.size,
            arrived=self.arrived,
            has_attachments=self.has_attachments,
            attachments=self.attachments,
            preview=self.preview,
            is_previewed=self.is_previewed,
            flags=flags,
            folder=self.folder,
            real_uid=self.real_uid,
        )

    @property
    def is_read(self) -> bool:
        return "\\Seen" in self.flags

    @property
    def is_flagged(self) -> bool:
        return "\\Flagged" in self.flags

    @property
    def is_answered(self) -> bool:
        return "\\Answered" in self.flags

    @property
    def is_draft(self) -> bool:
        return "\\Draft" in self.flags

    @property
    def is_forwarded(self) -> bool:
        return "$Forwarded" in self.flags

    @property
    def labels(self) -> tuple[str, ...]:
        """Keywords that people gave, byte for byte; `$Forwarded` and other marks of programs are left out."""
        return tuple(sorted(f for f in self.flags if f[:1] not in ("\\", "$") and f not in PROGRAM_KEYWORDS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """The messages of one folder that answer each other; a row of its list."""

    newest: Message
    uids: tuple[int, ...]  # in the folder, oldest first
    unread: int = 0
    people: tuple[Address, ...] = ()  # who wrote, each once, oldest first; at most a handful
    is_flagged: bool = False
    has_attachments: bool = False

    @property
    def count(self) -> int:
        return len(self.uids)


PROGRAM_KEYWORDS = frozenset(("Junk", "NonJunk", "NotJunk", "Forwarded", "MDNSent", "Redirected"))
