"""Fixtures for all. The bundled mail server comes from tests/stack.py."""

pytest_plugins = ["tests.stack", "tests.browser"]
