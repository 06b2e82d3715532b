"""Settings → open doors. `with imap(request.credentials) as imap:` is the only way to the mailbox."""

import json
from contextlib import AbstractContextManager, suppress
from functools import cache
from pathlib import Path

import redis
from django.conf import settings

from mailadmin.backup.past import Door
from postie_web.lib import push_channel
from postie_web.lib.credentials import Credentials
from webmail.imap import door
from webmail.imap.connection import Connection
from webmail.imap.pool import Pool
from webmail.smtp import submission as smtp


def imap(credentials: Credentials, folder: str = "") -> AbstractContextManager[Connection]:
    """A warm connection, for the length of a `with`; best one that has `folder` open."""
    return pool().connection(credentials, folder)


def verify(credentials: Credentials) -> None:
    """Raises Unauthorized when the server refuses these, Unavailable when it cannot say. Always asks anew."""
    door.open_connection(server(), credentials).log_out()


def forget(credentials: Credentials) -> None:
    """At logout: closes this person's warm connections."""
    pool().forget(credentials)


def is_warm(credentials: Credentials) -> bool:
    """Is this person signed in here, as far as this process knows?"""
    return pool().knows(credentials)


@cache
def pool() -> Pool:
    return Pool(lambda credentials: door.open_connection(server(), credentials))


def server() -> door.Server:
    return door.Server(
        host=settings.IMAP_HOST,
        port=settings.IMAP_PORT,
        security=settings.IMAP_SECURITY,
        ca_file=settings.IMAP_CA_FILE,
        server_name=settings.IMAP_SERVER_NAME,
        proxy_protocol=settings.IMAP_PROXY_PROTOCOL,
        timeout=settings.IMAP_TIMEOUT,
    )


def past() -> Door:
    """The backups, for the time machine."""
    folder = Path(settings.VAR_DIR) / "backup"
    return Door(
        location=settings.RESTIC_REPOSITORY,
        password=settings.RESTIC_PASSWORD,
        directory=folder / "past",
        cache=folder / "cache",
    )


def tell(address: str, said: dict[str, object]) -> None:
    """To this person's open tabs, by way of the push process. Nobody waits for it, nobody depends on it."""
    channel = push_channel.CHANNEL + push_channel.who(address, settings.SECRET_KEY)
    with suppress(redis.RedisError), redis.from_url(settings.REDIS_URL, socket_timeout=2) as client:
        client.publish(channel, json.dumps(said))


def submission() -> smtp.Server:
    """Where letters are handed in."""
    return smtp.Server(
        host=settings.SMTP_HOST,
        port=settings.SMTP_PORT,
        security=settings.SMTP_SECURITY,
        ca_file=settings.SMTP_CA_FILE,
        server_name=settings.SMTP_SERVER_NAME,
        proxy_protocol=settings.SMTP_PROXY_PROTOCOL,
        timeout=settings.SMTP_TIMEOUT,
    )
