"""Postie's own letters go through the real submission, with the operator's account, TLS checked."""

from typing import Any

from mailadmin.services import alerts
from tests.stack import eventually


def test_an_alarm_by_mail_arrives(postie_settings: Any, stack: Any) -> None:
    address, _password = stack.create_mailbox()
    settings = postie_settings
    settings.EMAIL_BACKEND = "postie_web.lib.mail_backend.SubmissionBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = settings.SMTP_HOST, settings.SMTP_PORT
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = stack.admin
    settings.DEFAULT_FROM_EMAIL, settings.EMAIL_USE_TLS = stack.admin[0], True
    settings.ALERT_EMAIL = address
    assert alerts.send("DNS of kronos.test", "✗ No hay registro SPF.") == ["email"]
    assert eventually(lambda: stack.messages(address))


def test_a_certificate_of_another_is_refused(postie_settings: Any, stack: Any, caplog: Any) -> None:
    settings = postie_settings
    settings.EMAIL_BACKEND = "postie_web.lib.mail_backend.SubmissionBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = settings.SMTP_HOST, settings.SMTP_PORT
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = stack.admin
    settings.EMAIL_USE_TLS, settings.SMTP_SERVER_NAME = True, "another.test"
    settings.ALERT_EMAIL = stack.admin[0]
    assert alerts.mail("x", "y") == []
    assert stack.admin[1] not in caplog.text
