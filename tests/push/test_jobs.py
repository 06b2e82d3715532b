"""What a worker says of a long job reaches the tabs of its person alone, through a real Redis."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from postie_web.lib.credentials import Credentials
from postie_web.push.app import Application
from postie_web.push.hub import Person
from tests.push.conftest import Tab, serving, sign_in
from tests.webmail.dovecot import Dovecot, eventually
from webmail import connections


@pytest.fixture
def redis_url(settings: Any) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = shutil.which("redis-server", path="/usr/sbin:/usr/bin:/sbin:/bin")
    if program is None:
        pytest.fail("redis-server is not here")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
    yield settings.REDIS_URL
    process.terminate()
    process.wait(10)


def test_a_jobs_progress_reaches_its_person(
    redis_url: str, application: Application, person: Credentials, mail: Dovecot, settings: Any
) -> None:
    with redis.from_url(redis_url) as client:
        eventually(lambda: _answers(client))
        with serving(application) as url:
            eventually(lambda: client.pubsub_numpat() > 0)
            mine = Tab(url, sign_in(person, settings))
            other = Tab(url, sign_in(mail.credentials("otra"), settings))
            eventually(lambda: bool(mine.folders) and bool(other.folders))
            connections.tell(person.address, {"job": 7, "state": "running", "done": 500, "total": 2000})
            client.publish("postie:push:nonsense", b"no json")
            eventually(lambda: any("jobs" in event for event in mine.events))
            said = next(event["jobs"]["7"] for event in mine.events if "jobs" in event)
            assert said == {"job": 7, "state": "running", "done": 500, "total": 2000}
            assert not any("jobs" in event for event in other.events)
            mine.close()
            other.close()


def _answers(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def test_without_redis_nobody_waits(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    connections.tell("ana@kronos.test", {"job": 1})


def test_only_the_latest_jobs_are_kept() -> None:
    person = Person()
    for number in range(50):
        person.job(str(number), {"job": number})
    assert len(person.since(0)["jobs"]) == 20
    assert "49" in person.since(0)["jobs"]
    assert person.since(person.number) == {}
