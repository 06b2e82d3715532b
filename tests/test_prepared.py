"""A row read with a prepared sentence: the same as Django's, never old, and the reader's own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from postie_web.lib.prepared import Prepared
from webmail.models import Preferences
from webmail.services import preferences

pytestmark = pytest.mark.django_db


def values(row: Preferences) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in Preferences._meta.concrete_fields}


def test_it_reads_what_django_reads() -> None:
    Preferences.objects.create(
        account="ana@kronos.test", scrolls=True, read_after=-1, labels={"x": {"name": "Año"}}, keys={"e": "y"}
    )
    found = Prepared(Preferences, "account").first("ana@kronos.test")
    assert found is not None
    assert values(found) == values(Preferences.objects.get())
    assert Prepared(Preferences, "account").first("eva@kronos.test") is None


def test_a_change_is_seen_at_once_and_costs_one_sentence() -> None:
    assert preferences.of("Ana@kronos.test").page_size == 50
    Preferences.objects.create(account="ana@kronos.test", page_size=25)
    assert preferences.of("Ana@kronos.test").page_size == 25
    Preferences.objects.filter(account="ana@kronos.test").update(page_size=100)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert preferences.of("ana@kronos.test").page_size == 100
        assert preferences.of("ana@kronos.test").page_size == 100
    assert len(asked) == 2
    preferences.reset("ana@kronos.test")
    assert preferences.of("ana@kronos.test").page_size == 50


def test_what_a_reader_changes_is_not_seen_by_another_until_it_is_saved() -> None:
    Preferences.objects.create(account="ana@kronos.test", labels={"x": {}})
    mine = preferences.of("ana@kronos.test")
    mine.scrolls = True
    mine.labels["y"] = {}
    other = preferences.of("ana@kronos.test")
    assert (other.scrolls, other.labels) == (False, {"x": {}})
    mine.save()
    assert preferences.of("ana@kronos.test").labels == {"x": {}, "y": {}}
    assert Preferences.objects.count() == 1
