"""Settings → open doors."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import redis
from celery import current_app
from django.conf import settings

from mailadmin.backup import location
from mailadmin.backup.outcome import Outcome
from mailadmin.backup.past import LONGEST_LOOK, Door
from mailadmin.backup.restic import Repository
from mailadmin.backup.results import ResticError
from mailadmin.dns.doors import Doors
from mailadmin.dns.resolver import Resolver, Settings
from mailadmin.dns.web import Web
from mailadmin.posteio.client import Client
from postie_web.lib.credentials import Credentials
from webmail.connections import server as webmail_server
from webmail.imap import door
from webmail.imap.connection import Connection
from webmail.imap.errors import Unauthorized

SECONDS = 10.0


def poste() -> Client:
    """The poste.io API with the operator's key; one pool of connections per process."""
    return _client(settings.POSTEIO_API_URL, settings.POSTEIO_API_USER, settings.POSTEIO_API_PASSWORD)


@lru_cache(maxsize=4)
def _client(url: str, user: str, password: str) -> Client:
    return Client(url, user, password, timeout=SECONDS)


def past(longest: float = LONGEST_LOOK) -> Door:
    """The backups, for reading; `longest`: seconds one run of restic may take."""
    folder = backup_directory()
    return Door(
        location=settings.RESTIC_REPOSITORY,
        password=settings.RESTIC_PASSWORD,
        directory=folder / "past",
        cache=_cache(),
        longest=longest,
        ssh=_ssh(),
        secrets=_keys(),
    )


@contextmanager
def mailbox(address: str) -> Iterator[Connection]:
    """Somebody's mailbox by the master user, for restores only. Raises webmail.imap.errors."""
    user = f"{address}{settings.IMAP_MASTER_SEPARATOR}{settings.IMAP_MASTER_USER}"
    if not settings.IMAP_MASTER_USER:
        raise Unauthorized("There is no master user.")
    credentials = Credentials(address=user, password=settings.IMAP_MASTER_PASSWORD)
    connection = door.open_connection(webmail_server(), credentials)
    try:
        yield connection
    finally:
        connection.log_out()


def network() -> Resolver:
    """The DNS as our own validating resolver and every authoritative server see it; fresh for each run."""
    host, _, port = settings.DNS_RESOLVER.rpartition(":")
    doors = Doors(
        settings.MAIL_ROUTES, settings.MAIL_PORTS, settings.SMTP_CA_FILE, closed=settings.DNS_CLOSED
    )
    return Resolver(Settings(host, int(port)), web=Web(closed=settings.DNS_CLOSED), doors=doors)


def redis_server(seconds: float) -> "redis.Redis":
    return redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=seconds, socket_connect_timeout=seconds, decode_responses=True
    )


def workers(seconds: float = 1.0) -> list[str]:
    """The names of the workers that answer. Raises what the broker raises."""
    with current_app.connection_for_write(connect_timeout=seconds) as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=max(1, round(seconds)))
        answers = current_app.control.ping(timeout=seconds, connection=connection)
    return [name for answer in answers or [] for name in answer]


def backup_data() -> Path | None:
    """The mail server's data directory, absolute and without symbolic links; None: nothing to back up."""
    return Path(settings.POSTEIO_BASE_DADOS).resolve() if settings.POSTEIO_BASE_DADOS else None


def backup_directory() -> Path:
    """Ours, private: `staging`, `cache` of restic, `scratch` of drills."""
    path = Path(settings.VAR_DIR) / "backup"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = path.parent.stat()
    if os.geteuid() == 0 and path.stat().st_uid != facts.st_uid:
        # With Compose backups are made as root, while web and worker must look into them.
        os.chown(path, facts.st_uid, facts.st_gid)
    return path


def _cache() -> Path:
    """restic's, one for each user: what root wrote nobody else can read."""
    return backup_directory() / f"cache-{os.geteuid()}"


@contextmanager
def repository(cancelled: Callable[[], bool] | None = None) -> Iterator[Repository]:
    """restic's repository; its password lies in a file of ours in memory only as long as this is open."""
    if not settings.RESTIC_REPOSITORY or not settings.RESTIC_PASSWORD:
        raise ResticError(Outcome.NO_REPOSITORY, ["RESTIC_REPOSITORY and RESTIC_PASSWORD are not set"])
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 a directory of ours in it
    with tempfile.TemporaryDirectory(prefix="postie-", dir=memory) as private:
        path = Path(private, "password")
        path.touch(mode=0o600)
        path.write_text(settings.RESTIC_PASSWORD)
        options = {"cancelled": cancelled} if cancelled else {}
        found = Repository.at(
            settings.RESTIC_REPOSITORY, path, _cache(),
            secrets=[settings.RESTIC_PASSWORD, *_keys()], ssh=_ssh(), **options,
        )  # fmt: skip
        found.limit_upload = settings.BACKUP_LIMIT_UPLOAD
        yield found


def _keys() -> list[str]:
    """Secrets that restic reads by itself: never in what is kept of its words."""
    known = [value for name, value in os.environ.items() if name in SECRET_NAMES and value]
    return [*known, *location.secrets(settings.RESTIC_REPOSITORY)]


def _ssh() -> str:
    return location.ssh(settings.RESTIC_REPOSITORY, settings.BACKUP_SSH_KEY, settings.BACKUP_SSH_KNOWN_HOSTS)


SECRET_NAMES = (
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "B2_ACCOUNT_KEY",
    "AZURE_ACCOUNT_KEY",
    "OS_PASSWORD",
    "RESTIC_REST_PASSWORD",
)
