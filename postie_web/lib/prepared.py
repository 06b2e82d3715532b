"""A row read with one sentence that is written once: Django's own builds and compiles it at every request."""

from collections import OrderedDict
from copy import copy, deepcopy
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, models

Row = TypeVar("Row", bound=models.Model)
_MOST = 200


class Prepared(Generic[Row]):
    """`Prepared(Preferences, "account").first("ana@example.org")`: the row, or None.

    What was made of the same values before is copied: all that stands in the row is the key, so it cannot
    be stale. The copy is the caller's own, to change and to save.
    """

    def __init__(self, model: type[Row], *names: str) -> None:
        self._model, self._names = model, names
        self._fields = model._meta.concrete_fields
        self._made: OrderedDict[tuple[Any, ...], Row] = OrderedDict()
        self._lock = Lock()

    def first(self, *values: str | int) -> Row | None:
        with connection.cursor() as cursor:
            cursor.execute(self._sentence(), values)
            found = cursor.fetchone()
        return None if found is None else _own(self._known(tuple(found)))

    def _sentence(self) -> str:
        quote = connection.ops.quote_name
        by_name = {field.name: quote(str(field.column)) for field in self._fields}
        where = " AND ".join(f"{by_name[name]} = %s" for name in self._names)
        columns, table = ", ".join(by_name.values()), quote(self._model._meta.db_table)
        return f"SELECT {columns} FROM {table} WHERE {where} LIMIT 1"  # noqa: S608  names of our own

    def _known(self, found: tuple[Any, ...]) -> Row:
        with self._lock:
            row = self._made.get(found)
            if row is None:
                row = self._made[found] = self._make(found)
                if len(self._made) > _MOST:
                    self._made.popitem(last=False)
            return row

    def _make(self, found: tuple[Any, ...]) -> Row:
        values = []
        for field, value in zip(self._fields, found, strict=True):
            column = field.cached_col
            for convert in (
                *connection.ops.get_db_converters(column),
                *field.get_db_converters(connection),
            ):
                value = convert(value, column, connection)
            values.append(value)
        return self._model.from_db(DEFAULT_DB_ALIAS, [field.attname for field in self._fields], values)


def _own(row: Row) -> Row:
    mine = copy(row)
    vars(mine).update({k: deepcopy(v) for k, v in vars(row).items() if isinstance(v, dict | list)})
    mine._state = copy(row._state)
    return mine
