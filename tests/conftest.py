"""Fixtures for all. The bundled mail server comes from tests/stack.py."""

from typing import Any

import pytest

pytest_plugins = ["tests.stack", "tests.browser"]


@pytest.fixture(autouse=True)
def _plain_http(settings: Any) -> None:
    """Django's test client speaks http; the leap to https has its own test."""
    settings.SECURE_SSL_REDIRECT = False
