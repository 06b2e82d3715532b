import pytest

from tests.mailserver.outside import Outside
from tests.stack import Stack


@pytest.fixture(scope="session")
def outside(stack: Stack) -> Outside:
    return Outside(stack)
