"""Django's SMTP backend for a server whose certificate is its own or bears another name (SMTP_CA_FILE …)."""

import smtplib
import ssl
from functools import cached_property
from typing import Any

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend


class _NamedContext(ssl.SSLContext):
    """Checks the certificate against SMTP_SERVER_NAME: in compose the host is called otherwise."""

    def wrap_socket(self, *args: Any, **kwargs: Any) -> ssl.SSLSocket:
        kwargs["server_hostname"] = settings.SMTP_SERVER_NAME or kwargs.get("server_hostname")
        return super().wrap_socket(*args, **kwargs)


class SubmissionBackend(EmailBackend):
    connection_class: type[smtplib.SMTP]

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        context = _NamedContext(ssl.PROTOCOL_TLS_CLIENT)
        if settings.SMTP_CA_FILE:
            context.load_verify_locations(cafile=settings.SMTP_CA_FILE)
        else:
            context.load_default_certs()
        return context
