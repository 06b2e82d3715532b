"""Our own rows: nothing that IMAP already keeps."""

from .action import Action
from .folder_view import FolderView
from .outgoing import OutgoingMessage

__all__ = ["Action", "FolderView", "OutgoingMessage"]
