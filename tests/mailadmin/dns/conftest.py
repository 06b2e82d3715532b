"""The zoo, once per test run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailadmin.dns.resolver import Resolver, Settings
from tests.mailadmin.dns import cases, zoo


@pytest.fixture(scope="session")
def zoo_resolver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    reason = zoo.missing()
    if reason:
        pytest.fail(reason)
    root: Path = tmp_path_factory.mktemp("zoo")
    for folder in (root, *list(root.parents)[:2]):
        folder.chmod(0o755)
    world = zoo.Zoo(root, cases.ZONES, cases.LIARS)
    world.start()
    yield Settings(zoo.RESOLVER, 53, secure_name="test", bogus_name="signed-bogus.zoo.test")
    world.stop()


@pytest.fixture
def zoo_network(zoo_resolver: Settings) -> Resolver:
    return Resolver(zoo_resolver)
