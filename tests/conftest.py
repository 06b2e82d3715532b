"""Fixtures for all. The bundled mail server comes from tests/stack.py."""

from collections.abc import Iterator

import pytest
from celery import current_app
from django.conf import settings
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis

from webmail import connections
from webmail.services.indexing import INDEXER

# How long an example takes says only what else runs on the machine.
hypothesis.register_profile("postie", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis.load_profile("postie")

pytest_plugins = ["tests.stack", "tests.browser", "tests.repositories"]


@pytest.fixture(scope="session", autouse=True)
def _plain_http() -> Iterator[None]:
    """Django's test client and live server speak http; the leap to https has its own test.

    Pages do not look for a push process, but where a test starts one.
    """
    with override_settings(SECURE_SSL_REDIRECT=False, PUSH_URL="off"):
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_queue_but_ones_own() -> None:
    """A Redis that happens to run on this machine is not ours: tests with a queue bring their own."""
    current_app.conf["broker_url"] = "redis://127.0.0.1:9/0"


@pytest.fixture(scope="session", autouse=True)
def _services_are_not_probed() -> Iterator[None]:
    """Most tests have no mail services to look at; the tests of the probes bring their own."""
    with override_settings(PROBE_SERVICES=False):
        yield


@pytest.fixture(autouse=True)
def _no_warm_connection_outlives_its_test() -> Iterator[None]:
    yield
    INDEXER.end()
    if connections.pool.cache_info().currsize:
        connections.pool().close()


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """Django keeps the last visitor's language in the thread."""
    yield
    translation.activate(settings.LANGUAGE_CODE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What opens a browser runs in a process of its own: Playwright leaves an event loop in the thread."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.story)
