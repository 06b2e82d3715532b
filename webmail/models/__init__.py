"""Our own rows: nothing that IMAP already keeps."""

from .action import Action
from .bulk_job import BulkJob
from .contact import Contact
from .folder_view import FolderView
from .look import Look
from .outgoing import OutgoingMessage
from .preferences import Preferences
from .saved_search import SavedSearch
from .sender import SenderRule

__all__ = [
    "Action",
    "BulkJob",
    "Contact",
    "FolderView",
    "Look",
    "OutgoingMessage",
    "Preferences",
    "SavedSearch",
    "SenderRule",
]
