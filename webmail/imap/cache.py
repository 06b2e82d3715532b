"""What IMAP promises never to change, kept per process: (account, folder, uidvalidity, uid) → row.

Nothing here needs to be invalidated: a uid never means another message (RFC 3501, 2.3.1.1), and the order
of a set of messages is keyed by what proves the set the same.
"""

import threading
from array import array
from collections import OrderedDict
from collections.abc import Hashable, Sized
from typing import Generic, TypeVar

from webmail.types import Message

Value = TypeVar("Value", bound=Sized | object)


class Bounded(Generic[Value]):
    """A dict that forgets what was not used longest. Thread-safe."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Value | None:
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                return self._items[key]
            return None

    def put(self, key: Hashable, value: Value) -> None:
        with self._lock:
            self._items[key] = value
            self._items.move_to_end(key)
            while len(self._items) > self._most:
                self._items.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._items.clear()

    def __len__(self) -> int:
        return len(self._items)


ROWS: Bounded[Message] = Bounded(30_000)  # about 1.2 KB each
ORDERS: Bounded["array[int]"] = Bounded(20)  # 4 octets a message
