"""Device clocks: 32-bit microsecond counters that wrap, restart, or print negative."""

from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64, Int64

WRAP_US = 1 << 32
"""An ESP32 counts microseconds in 32 bits: it wraps every 71.58 minutes."""

JITTER_US = 1_000_000
"""A clock that steps back by less than this was read out of order; by more, the board restarted."""

MINUTE_US = 60_000_000
"""A board prints its first frame within a minute after it started; few streams are silent for longer."""

SLACK_S, SLACK, MOST_SLACK_S = 2.0, 1e-4, 60.0
"""Two clocks agree on a duration when they differ by no more than two seconds and a ten-thousandth; where that is more
than a minute, as when a clock was set, they say nothing about each other."""

PRINTED = 1e-5
"""The precision of a number printed with six significant digits, as firmware prints its second clock."""


class DeviceClock:
    """Turns the counter of one board into nanoseconds that go on through wraps and restarts.

    Where the counter falls back, it wrapped or the board restarted. What decides, in this order: boot text between the
    two frames (a restart); a second clock, that of the host or another on the board, which advanced by just what so many
    wraps make up (a wrap), or did not (a restart); a second header (a restart). With none of these, a fall by more than
    half the range is a wrap, unless that would mean a minute of silence, and the counter is back in its first minute.
    After a restart, time goes on from the last frame by what the host's clock says has passed, else by the last
    interval.
    """

    def __init__(self) -> None:
        self.segment = 0
        """How often the board has restarted."""
        self._offset_us = 0
        self._last_us: int | None = None
        self._last_board_s = self._last_host_s = np.nan
        self._interval_us = 0

    def unwrap(
        self,
        counter_us: Int64,
        *,
        booted: npt.NDArray[np.bool_] | None = None,
        headed: npt.NDArray[np.bool_] | None = None,
        board_s: Float64 | None = None,
        host_s: Float64 | None = None,
    ) -> tuple[Int64, npt.NDArray[np.int32]]:
        """Continue the clock over the next frames; all arguments have shape (n,).

        Args:
            counter_us: as printed; negative where the firmware printed it signed.
            booted: boot text stood before the frame.
            headed: a header stood before the frame.
            board_s: another clock on the board, in seconds, that starts anew with it; NaN where it is not known.
            host_s: the clock of the host, in seconds; NaN where it is not known.

        Returns:
            Nanoseconds since the first boot that was seen, and the number of restarts so far; each shape (n,).
        """
        raw = counter_us % WRAP_US
        n = len(raw)
        if n == 0:
            return raw, np.empty(0, np.int32)
        if n == 1 and (read := self._goes_on(int(raw[0]), booted, board_s, host_s)) is not None:
            return read
        nothing, unknown = np.zeros(n, np.bool_), np.full(n, np.nan)
        booted, headed = (nothing if seen is None else seen for seen in (booted, headed))
        board_s, host_s = (unknown if clock is None else clock for clock in (board_s, host_s))
        steps = _steps(raw, int(raw[0]) if self._last_us is None else self._last_us)
        board_steps, host_steps = _steps(board_s, self._last_board_s), _steps(host_s, self._last_host_s)
        looked_at = (steps < 0) | booted | (host_steps > WRAP_US / 2e6) | (board_steps > WRAP_US / 2e6)
        looked_at[0] &= self._last_us is not None

        offsets, segments = np.full(n, self._offset_us, np.int64), np.full(n, self.segment, np.int32)
        for i in looked_at.nonzero()[0].tolist():
            passed_s = float(host_steps[i])
            known = _known((passed_s, 0.0), (float(board_steps[i]), PRINTED * float(board_s[i])))
            wraps = None if booted[i] else _wraps(int(steps[i]), int(raw[i]), known, headed=bool(headed[i]))
            if wraps is not None:
                offsets[i:] += wraps * WRAP_US
                continue
            passed_us = round(passed_s * 1e6) if passed_s > 0 else self._last_interval(steps[:i])
            offsets[i:] += passed_us - steps[i]
            segments[i:] += 1
        self._interval_us = self._last_interval(steps)
        self._offset_us, self._last_us, self.segment = int(offsets[-1]), int(raw[-1]), int(segments[-1])
        self._last_board_s, self._last_host_s = float(board_s[-1]), float(host_s[-1])
        return (raw + offsets) * 1000, segments

    def _goes_on(
        self,
        raw_us: int,
        booted: npt.NDArray[np.bool_] | None,
        board_s: Float64 | None,
        host_s: Float64 | None,
    ) -> tuple[Int64, npt.NDArray[np.int32]] | None:
        """The time of a single frame where no clock says that anything happened; else None."""
        board, host = (np.nan if clock is None else float(clock[0]) for clock in (board_s, host_s))
        if self._last_us is None or raw_us < self._last_us or (booted is not None and booted[0]):
            return None
        if board - self._last_board_s > WRAP_US / 2e6 or host - self._last_host_s > WRAP_US / 2e6:
            return None
        self._interval_us = raw_us - self._last_us or self._interval_us
        self._last_us, self._last_board_s, self._last_host_s = raw_us, board, host
        return np.array([(raw_us + self._offset_us) * 1000]), np.full(1, self.segment, np.int32)

    def _last_interval(self, steps: Int64) -> int:
        positive = (steps > 0).nonzero()[0]
        return int(steps[positive[-1]]) if len(positive) else self._interval_us


def _steps(clock: npt.NDArray[Any], last: float) -> npt.NDArray[Any]:
    """From each value to the next, beginning with that from `last`; shape (n,)."""
    steps = np.empty_like(clock)
    steps[0] = clock[0] - last
    np.subtract(clock[1:], clock[:-1], out=steps[1:])
    return steps


def _known(*clocks: tuple[float, float]) -> list[tuple[float, float]]:
    """How many seconds passed by other clocks, and how far from the truth that may be; of those that say anything.

    Args:
        clocks: the seconds, NaN where they are not known, and how precisely they were printed.
    """
    known = [(passed_s, SLACK_S + SLACK * abs(passed_s) + precision_s) for passed_s, precision_s in clocks]
    return [(passed_s, slack_s) for passed_s, slack_s in known if slack_s < MOST_SLACK_S]


def _wraps(step_us: int, counter_us: int, known: list[tuple[float, float]], *, headed: bool) -> int | None:
    """How often the counter wrapped in this step, or None where the board restarted."""
    for passed_s, slack_s in known:
        wraps = round((passed_s * 1e6 - step_us) / WRAP_US)
        if wraps > 0 and abs((step_us + wraps * WRAP_US) / 1e6 - passed_s) <= slack_s:
            return wraps
    if step_us >= 0:
        return 0
    silence_us = step_us + WRAP_US
    if not known and not headed and silence_us < WRAP_US / 2:
        return None if silence_us > MINUTE_US > counter_us else 1
    return None if headed or step_us < -JITTER_US else 0
