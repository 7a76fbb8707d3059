"""Memory that searches work on, kept from one to the next: to have it made anew takes as long as a search itself."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from midstream_cli.compiled.vectors import aligned
from midstream_cli.frames import Float64

MOST_TO_STAY = 1 << 22
"""Numbers, 32 MB; searches that need more have it made for them."""

LEAST = 1 << 20
"""Numbers, 8 MB: so much is given in large pages."""

LINE = 8
"""Numbers that are loaded at once; each part begins with such."""

Take = Callable[[int], Float64]
"""Gives memory for so many numbers, whatever it holds."""


class _Kept(threading.local):
    """What each thread has."""

    def __init__(self) -> None:
        self.memory: Float64 = np.empty(0)


_kept = _Kept()


@contextmanager
def lent() -> Iterator[Take]:
    """A function that gives memory, all of which is given back at the end."""
    # a search within a search has its own
    memory, _kept.memory = _kept.memory, np.empty(0)
    wanted = 0

    def take(size: int) -> Float64:
        nonlocal wanted
        begin, wanted = wanted, wanted + -(-size // LINE) * LINE
        return memory[begin : begin + size] if wanted <= len(memory) else np.empty(size)

    try:
        yield take
    finally:
        _kept.memory = aligned(max(wanted, LEAST)) if len(memory) < wanted <= MOST_TO_STAY else memory
