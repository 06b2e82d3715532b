"""Asks every part at once; what does not answer in time is said so and holds up nobody."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db import connection

from mailadmin import connections
from mailadmin.health import certificate, clients, clock, disk, machinery, ports, queue
from mailadmin.health.logs import files, search
from mailadmin.health.reading import Reading, critical, unknown
from mailadmin.posteio.client import Client
from mailadmin.posteio.errors import NotFound, PosteError

T = TypeVar("T")
SECONDS = 10.0
REDIS_SECONDS = 3.0
Samples = Mapping[str, Sequence[disk.Sample]]  # part → (Unix time, octets)


def gather(poste: Client, now: datetime, last_run: datetime | None, samples: Samples) -> list[Reading]:
    """Every reading but those our own tables give (beat, backup, canary)."""
    doors = ports.places(settings.HEALTH_PORTS, settings.HEALTH_HOST, settings.POSTEIO_HOSTNAME)
    with ThreadPoolExecutor(16, thread_name_prefix="health") as pool:
        asked = {place: pool.submit(_ask, place) for place in doors}
        date = pool.submit(poste.date)
        waiting = pool.submit(_queue, poste, now)
        workers = pool.submit(_workers)
        kept = pool.submit(machinery.answers, "redis", _redis)
        readings = [machinery.answers("database", _database)]
        readings += [kept.result(), *_api(date, now, last_run)]
        seen = [found.result() for found in asked.values()]
        readings += [reading for reading, _served in seen]
        readings += certificate.judge([served for _reading, served in seen], settings.POSTEIO_HOSTNAME, now)
        readings += [waiting.result(), machinery.worker(workers.result())]
    return [*readings, *_space(now, samples)]


def _ask(place: ports.Place) -> tuple[Reading, ports.Served]:
    ca_file = "" if place.name == "https" else settings.IMAP_CA_FILE
    return ports.ask(place, settings.POSTEIO_HOSTNAME, ca_file, SECONDS)


def _api(date: "Future[str]", now: datetime, last_run: datetime | None) -> list[Reading]:
    reading = machinery.answers("api", date.result)
    header = "" if date.exception() else date.result()
    return [reading, clock.judge(now, header, last_run)]


def _queue(poste: Client, now: datetime) -> Reading:
    try:
        return queue.told(poste.queue(), now.timestamp())
    except NotFound:
        if settings.MAIL_QUEUE_DIR:
            return queue.haraka(settings.MAIL_QUEUE_DIR, now.timestamp())
    except PosteError:
        pass
    return unknown("queue", "queue.untold")


def _redis() -> None:
    with connections.redis_server(REDIS_SECONDS) as server:
        server.ping()


def _workers() -> list[str] | None:
    return _or_none(connections.workers)


def _or_none(ask: Callable[[], T]) -> T | None:
    """Redis is judged on its own: here its silence only means that nobody could be asked."""
    try:
        return ask()
    except Exception:  # kombu passes on whatever its transport raises
        return None


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _space(now: datetime, samples: Samples) -> list[Reading]:
    readings = []
    for path in settings.DISK_PATHS:
        part = f"disk:{path}"
        try:
            readings.append(disk.judge(path, disk.usage(path), [*samples.get(part, []), _now(path, now)]))
        except OSError as error:
            readings.append(unknown(part, "disk.unreadable", path=path, said=type(error).__name__))
    if settings.MAIL_LOG_DIR:
        readings.append(disk.logs(settings.MAIL_LOG_DIR, time.time(), samples.get("logs", [])))
        readings += _clients()
    else:
        readings.append(unknown("logs", "logs.unset"))
    return readings


def _clients() -> list[Reading]:
    try:
        strangers = search.clients(files.shelf(settings.MAIL_LOG_DIR))
    except OSError:
        return []
    return [clients.judge([str(event.facts["ip"]) for event in strangers])]


def _now(path: str, now: datetime) -> disk.Sample:
    return now.timestamp(), float(disk.usage(path).used)


def broken(error: ValueError) -> list[Reading]:
    """HEALTH_PORTS cannot be read: said where the ports would stand."""
    return [critical("port", "port.unset", said=str(error))]
