from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.in_process import InProcess


@pytest.fixture
def api(tmp_path: Path) -> Iterator[InProcess]:
    """The bundled API over an empty directory; its administrator lives at kronos.test."""
    transport = InProcess(tmp_path)
    yield transport
    transport.end()


@pytest.fixture
def http(api: InProcess) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url="http://in.process/admin/api/v1/",
        transport=api,
        auth=("admin@kronos.test", "correct-horse-battery-9"),
    ) as client:
        yield client
