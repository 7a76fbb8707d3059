"""Device clocks: 32-bit microsecond counters that wrap, restart, or print negative."""

from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Int64

WRAP_US = 1 << 32
"""An ESP32 counts microseconds in 32 bits: it wraps every 71.58 minutes."""

JITTER_US = 1_000_000
"""A clock that steps back by less than this was read out of order; by more, the board restarted."""


class DeviceClock:
    """Turns the counter of one board into nanoseconds that go on through wraps and restarts.

    A step back by more than half the range is a wrap, unless something says that the board restarted: its boot text or
    a second header between the two frames, or a reference clock that did not advance as a wrap would have it. After a
    restart, time goes on from the last frame by what the reference clock says has passed, else by the last interval.
    """

    def __init__(self) -> None:
        self.segment = 0
        self._offset_us = 0
        self._last_us: int | None = None
        self._interval_us = 0
        self._last_reference = np.nan

    def unwrap(
        self,
        counter_us: Int64,
        restarted: npt.NDArray[np.bool_],
        reference_s: npt.NDArray[np.float64] | None = None,
        *,
        reference_restarts: bool = False,
    ) -> tuple[Int64, npt.NDArray[np.int32]]:
        """Continue the clock over the next frames.

        Args:
            counter_us: shape (n,), as printed; negative where the firmware printed it signed.
            restarted: shape (n,), true where boot text or a header stood before the frame.
            reference_s: shape (n,), a second clock in seconds.
            reference_restarts: the second clock lives on the board too, and starts anew with it.

        Returns:
            Nanoseconds since the first boot that was seen, and the number of restarts so far; each shape (n,).
        """
        raw = counter_us % WRAP_US
        n = len(raw)
        if n == 0:
            return raw, np.empty(0, np.int32)
        previous = np.concatenate([[raw[0] if self._last_us is None else self._last_us], raw[:-1]])
        steps = raw - previous
        offsets = np.full(n, self._offset_us, np.int64)
        segments = np.full(n, self.segment, np.int32)
        for i in np.flatnonzero(steps < 0).tolist():
            reference_step = self._reference_step(reference_s, i)
            if self._wrapped(int(steps[i]), bool(restarted[i]), reference_step):
                offsets[i:] += WRAP_US
            elif steps[i] < -JITTER_US or restarted[i]:
                passed_us = self._last_interval(steps, i)
                if not reference_restarts and reference_step > 0:
                    passed_us = round(reference_step * 1e6)
                offsets[i:] = offsets[i] + previous[i] + passed_us - raw[i]
                segments[i:] += 1
        self._interval_us = self._last_interval(steps, n)
        self._offset_us, self._last_us, self.segment = int(offsets[-1]), int(raw[-1]), int(segments[-1])
        if reference_s is not None:
            self._last_reference = float(reference_s[-1])
        return (raw + offsets) * 1000, segments

    @staticmethod
    def _wrapped(step_us: int, restarted: bool, reference_step: float) -> bool:
        if step_us >= -WRAP_US // 2 or restarted:
            return False
        if np.isnan(reference_step):
            return True
        expected = (step_us + WRAP_US) / 1e6
        return abs(reference_step - expected) <= 2.0 + 0.1 * expected

    def _reference_step(self, reference_s: npt.NDArray[Any] | None, i: int) -> float:
        if reference_s is None:
            return float("nan")
        return float(reference_s[i] - (reference_s[i - 1] if i else self._last_reference))

    def _last_interval(self, steps: Int64, end: int) -> int:
        positive = np.flatnonzero(steps[:end] > 0)
        return int(steps[positive[-1]]) if len(positive) else self._interval_us
