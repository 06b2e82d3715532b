"""Our own rows: nothing that IMAP already keeps."""

from .action import Action

__all__ = ["Action"]
