"""The zoo, once per test run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailadmin.dns.resolver import Resolver, Settings
from tests.mailadmin.dns import cases, zoo


@pytest.fixture(scope="session")
def zoo_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zoo.Zoo]:
    reason = zoo.missing()
    if reason:
        pytest.fail(reason)
    root: Path = tmp_path_factory.mktemp("zoo")
    for folder in (root, *list(root.parents)[:2]):
        folder.chmod(0o755)
    world = zoo.Zoo(root, cases.ZONES, cases.LIARS)
    try:
        world.start()
        yield world
    finally:
        world.stop()


@pytest.fixture(scope="session")
def zoo_resolver(zoo_world: zoo.Zoo) -> Settings:
    return Settings(zoo.RESOLVER, 53, secure_name="test", bogus_name="signed-bogus.zoo.test")


@pytest.fixture
def zoo_network(zoo_resolver: Settings) -> Resolver:
    return Resolver(zoo_resolver)
