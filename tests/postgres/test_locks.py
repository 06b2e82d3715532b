"""Several at once, on rows of PostgreSQL: nothing is lost, nothing happens twice, nobody waits for ever."""

import threading
from collections.abc import Callable
from typing import TypeVar

import pytest
from django.db import connection, connections

from mailadmin.models import AuditEntry
from postie_web.accounts.models import Failures, User
from postie_web.accounts.services import sign_in, throttle
from webmail.models import OutgoingMessage

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)


def at_once(number: int, act: Callable[[], T]) -> list[T | Exception]:
    """What each of them got; all start together, each on a connection of its own."""
    found: list[T | Exception] = []
    start = threading.Barrier(number)

    def run() -> None:
        start.wait(10)
        try:
            found.append(act())
        except Exception as error:
            found.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _number in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == number
    return found


def test_this_is_postgresql() -> None:
    assert connection.vendor == "postgresql"


def test_no_failure_is_lost_when_many_try_at_once() -> None:
    doors = throttle.doors("ana@kronos.test", "192.0.2.7")
    assert at_once(5, lambda: throttle.enter(doors)) == [None] * 5
    assert sorted(Failures.objects.values_list("count", flat=True)) == [5, 5]


def test_two_doors_in_either_order_do_not_wait_for_each_other() -> None:
    doors = [throttle.Door("network", str(number), 1000, 60) for number in range(6)]
    orders = iter([doors, doors[::-1]] * 4)
    lock = threading.Lock()

    def enter() -> None:
        with lock:
            mine = next(orders)
        for _time in range(10):
            throttle.enter(mine)

    assert at_once(8, enter) == [None] * 8
    assert set(Failures.objects.values_list("count", flat=True)) == {80}


def test_the_same_person_twice_at_once_is_one_row() -> None:
    found = at_once(6, lambda: sign_in._known("ana@kronos.test").pk)
    assert len(set(found)) == 1
    assert User.objects.count() == 1


def test_a_letter_is_claimed_by_one_of_many() -> None:
    won = at_once(6, lambda: OutgoingMessage.claim("ana@kronos.test", "<one@kronos.test>")[1])
    assert sorted(map(str, won)) == ["False"] * 5 + ["True"]


def test_an_entry_is_undone_once() -> None:
    entry = AuditEntry.objects.create(actor="a", action="alias.delete", target="t")

    def undo() -> bool:
        AuditEntry.objects.create(actor="a", action="alias.create", target="t", undoes=entry)
        return True

    found = at_once(5, undo)
    assert found.count(True) == 1
    assert AuditEntry.objects.count() == 2
