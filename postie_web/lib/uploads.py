"""Files are taken only from who is signed in: what a stranger uploads is read past and lands nowhere."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    MemoryFileUploadHandler,
    SkipFile,
    TemporaryFileUploadHandler,
)

Memory, Temporary = MemoryFileUploadHandler, TemporaryFileUploadHandler  # Django's own, for the settings


class SignedIn(FileUploadHandler):
    """First of FILE_UPLOAD_HANDLERS. Asked when the form is read, which is after the doors were tried."""

    def new_file(self, *args: Any, **options: Any) -> None:
        super().new_file(*args, **options)
        request = self.request
        session = getattr(request, "session", None)
        if session is None or getattr(request, "credentials", None) or session.get(SESSION_KEY):
            return
        vars(request)["files_left_out"] = True
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> "UploadedFile[Any] | None":
        return None
