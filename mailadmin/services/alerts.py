"""Say it where somebody reads it: a broken mail server cannot mail its own alarm, so there are more ways."""

import logging
from smtplib import SMTPException
from typing import Any

import httpx
from django.conf import settings
from django.core.mail import send_mail

SECONDS = 5.0
log = logging.getLogger(__name__)


def send(title: str, text: str, *, transport: httpx.BaseTransport | None = None) -> list[str]:
    """The names of the ways that took it. One that fails does not hold up the others."""
    taken = []
    with httpx.Client(timeout=SECONDS, transport=transport, follow_redirects=False) as client:
        for name, url, content in _posts(title, text):
            try:
                client.post(url, **content).raise_for_status()
                taken.append(name)
            except httpx.HTTPError as error:
                # The address may hold a secret: only the kind of failure is logged.
                log.warning("alert by %s failed: %s", name, type(error).__name__)
    return [*taken, *mail(title, text)]


def mail(title: str, text: str) -> list[str]:
    """By mail only, for what can wait until the mail server is well; ["email"] when it was taken."""
    if not settings.ALERT_EMAIL:
        return []
    try:
        send_mail(title, text, None, [settings.ALERT_EMAIL])
    except (SMTPException, OSError) as error:
        log.warning("alert by email failed: %s", type(error).__name__)
        return []
    return ["email"]


def _posts(title: str, text: str) -> list[tuple[str, str, dict[str, Any]]]:
    posts: list[tuple[str, str, dict[str, Any]]] = []
    if settings.ALERT_WEBHOOK:
        posts.append(("webhook", settings.ALERT_WEBHOOK, {"json": {"title": title, "text": text}}))
    if settings.ALERT_NTFY:
        posts.append(("ntfy", settings.ALERT_NTFY, {"content": f"{title}\n{text}".encode()}))
    if settings.ALERT_TELEGRAM_TOKEN and settings.ALERT_TELEGRAM_CHAT:
        url = f"https://api.telegram.org/bot{settings.ALERT_TELEGRAM_TOKEN}/sendMessage"
        data = {"chat_id": settings.ALERT_TELEGRAM_CHAT, "text": f"{title}\n{text}"}
        posts.append(("telegram", url, {"json": data}))
    return posts
