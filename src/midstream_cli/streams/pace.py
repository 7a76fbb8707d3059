"""A recording delivered as it was sent: at the pace of its times, or several times as fast."""

import time
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64
from midstream_cli.recordings import Recording

GRAIN_S = 0.002
"""Frames that are due within that are delivered together: below what anybody sees, above what waiting costs."""

LARGEST_S = 0.02
"""Of what is due, no more than was to come within that is delivered at once."""

TICK_S = 0.04
"""Longest wait at a time."""

LONGEST_WAIT_S = 5.0
"""Longer silences, as of a clock that was set or of a recording that was joined, are cut short to that."""

LATE_NS = 1_000_000_000
"""A step back by no more than this is a frame that came late, and is due at once; by more, a clock that started anew."""

FORGIVEN_S = 1.0
"""Who was away for longer, as a program that was stopped, goes on from where the recording was."""


def paced(
    pieces: Iterable[Recording],
    speed: float,
    *,
    now: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], object] = time.sleep,
) -> Iterator[Recording | None]:
    """The frames of a recording, cut anew and delivered when they are due; None while none is, every 40 ms at least.

    No frame comes before its time. One that is late, because whoever takes them was busy, comes at once, and those after it
    when they are due, so that never more has to be caught up with than was missed; more than a second is not caught up
    with at all. No silence lasts longer than five seconds, however long it was. A stream without times comes as it is.

    Args:
        pieces: the recording, in order.
        speed: how many times faster than it was sent; infinite delivers at once.
        now: a clock in seconds.
        sleep: waits for so many seconds.

    Raises:
        UsageError: the speed is not above 0.
    """
    if not speed > 0:
        raise UsageError(
            f"a speed of {speed:g} plays nothing", "1 is as fast as it was recorded, 20 is 20 times as fast"
        )
    return _delivered(pieces, _Schedule(speed), now, sleep)


def _delivered(
    pieces: Iterable[Recording], schedule: "_Schedule", now: Callable[[], float], sleep: Callable[[float], object]
) -> Iterator[Recording | None]:
    behind_s: float | None = None
    for piece in pieces:
        if len(piece) == 0 or piece.info.clock == "none":
            yield piece
            continue
        due_s = schedule.due_s(piece.time_ns)
        begun = 0
        while begun < len(piece):
            if behind_s is None:
                behind_s = now() - due_s[0]
            late_s = now() - behind_s - due_s[begun]
            if late_s < 0:
                wait_s = max(-late_s, GRAIN_S)
                sleep(min(wait_s, TICK_S))
                if wait_s >= TICK_S:
                    yield None
                continue
            if late_s > FORGIVEN_S:
                behind_s += late_s
                late_s = 0.0
            until_s = due_s[begun] + min(late_s, LARGEST_S)
            end = int(np.searchsorted(due_s, until_s, "right"))
            yield piece if end - begun == len(piece) else piece.take(slice(begun, end))
            begun = end


class _Schedule:
    """When each frame is due, in seconds after the first of the stream."""

    def __init__(self, speed: float) -> None:
        self._speed = speed
        self._latest_ns: int | None = None
        self._due_s = 0.0

    def due_s(self, time_ns: Int64) -> Float64:
        """Of frames with these times, shape (n,); never decreasing."""
        due = []
        for at in time_ns.tolist():
            step_ns = 0 if self._latest_ns is None else at - self._latest_ns
            if step_ns > 0:
                self._due_s += min(step_ns / 1e9 / self._speed, LONGEST_WAIT_S)
            if step_ns > 0 or step_ns < -LATE_NS or self._latest_ns is None:
                self._latest_ns = at
            due.append(self._due_s)
        return np.array(due)
