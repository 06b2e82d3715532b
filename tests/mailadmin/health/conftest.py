"""The panel's own settings, pointed at the real server's ports."""

from typing import Any

import pytest

from mailadmin import connections

PORTS = ("smtp", "submissions", "submission", "imaps", "imap", "sieve")


@pytest.fixture
def watched(db: None, stack: Any, postie_settings: Any) -> Any:
    """Health looks at the stack."""
    postie_settings.HEALTH_HOST = stack.host
    postie_settings.HEALTH_PORTS = ",".join(f"{name}={stack.ports[name]}" for name in PORTS)
    postie_settings.MAIL_LOG_DIR = str(stack.root / "log")
    postie_settings.DISK_PATHS = [str(stack.root)]
    yield postie_settings
    # not connections.poste(): another fixture may have put its own there
    connections._client(stack.api_url, *stack.admin).close()
    connections._client.cache_clear()
