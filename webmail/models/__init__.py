"""Our own rows: nothing that IMAP already keeps."""

from .action import Action
from .outgoing import OutgoingMessage

__all__ = ["Action", "OutgoingMessage"]
