"""A cache with a bound: what was not used for longest goes first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Bounded(Generic[K, V]):
    """Keeps values up to a total weight (by default, their number)."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._weight = 0
        self._entries: OrderedDict[K, tuple[V, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def weight(self) -> int:
        """Total weight of what is kept; never above the capacity."""
        return self._weight

    def get(self, key: K) -> V | None:
        """The value of a key, which is thereby the last to go; None when it is not kept."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        self._entries.move_to_end(key)
        return entry[0]

    def put(self, key: K, value: V, weight: int = 1) -> None:
        """Keep a value, unless it alone is beyond the bound."""
        self.drop(key)
        if weight > self._capacity:
            return
        self._entries[key] = (value, weight)
        self._weight += weight
        while self._weight > self._capacity:
            _, (_, freed) = self._entries.popitem(last=False)
            self._weight -= freed

    def drop(self, key: K) -> None:
        """Forget a key, if it is kept."""
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._weight -= entry[1]
