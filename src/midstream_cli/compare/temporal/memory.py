"""Results remembered by what they were computed from, the ones asked for longest ago forgotten first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class CacheStats:
    """How often a result was remembered."""

    hits: int
    misses: int
    size: int
    """Results that are kept now."""
    capacity: int

    @property
    def hit_rate(self) -> float:
        """The share of calls that found their result; 0 before the first."""
        calls = self.hits + self.misses
        return self.hits / calls if calls else 0.0


class Memory:
    """The results that were asked for last; any number of threads may ask."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self._lock = Lock()
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._hits = self._misses = 0

    def recall(self, key: Hashable, compute: Callable[[], Found]) -> Found:
        """What is kept under a key, else what is computed now, while others may go on asking."""
        with self._lock:
            if key in self._kept:
                self._hits += 1
                self._kept.move_to_end(key)
                kept: Found = self._kept[key]
                return kept
            self._misses += 1
        found = compute()
        with self._lock:
            self._kept[key] = found
            self._kept.move_to_end(key)
            if len(self._kept) > self.capacity:
                self._kept.popitem(last=False)
        return found

    def stats(self) -> CacheStats:
        """How often it was asked, and what it holds."""
        with self._lock:
            return CacheStats(self._hits, self._misses, len(self._kept), self.capacity)

    def clear(self) -> None:
        """Forget everything, and count from nothing."""
        with self._lock:
            self._kept.clear()
            self._hits = self._misses = 0
