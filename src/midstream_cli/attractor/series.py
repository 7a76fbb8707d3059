"""From what was measured of a stream to the series that is analysed: one channel, even in time, without holes."""

from dataclasses import dataclass, replace

import numpy as np

from midstream_cli.attractor.embedding.channels import leading_components
from midstream_cli.attractor.embedding.sampling import LONGEST, even, standardised
from midstream_cli.compare.named import PLAIN, Named
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

LEADING, ALL = "leading", "all"

EVENTS = ("text-length", "inter-arrival", "logprob", "token-ids")
"""Features of which one value comes with each event, whenever that is: their samples are events."""

KNOWN = 0.5
"""The share of its values that a column has to have to be analysed with others."""

REPEATED = 0.01
"""So few values with the time of the one before are mistakes; more come in blocks, whose time is that of all."""


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A series and where it lies in its stream."""

    values: Float64
    """Shape (n,), or (n, channels) where all are analysed together."""
    channel: str
    """What was taken of the feature's numbers."""
    rate_hz: float | None
    """Samples a second; None where they do not come in time."""
    start_s: float | None
    """Time of the first sample, since the first frame of the stream."""
    first: int = 0
    """Position of the first sample among all that were measured."""
    notes: tuple[str, ...] = ()
    """What of the stream is not in it."""

    def window(self, start: int, length: int) -> "Series":
        """A part of it."""
        begun = None if self.start_s is None or self.rate_hz is None else self.start_s + start / self.rate_hz
        return replace(self, values=self.values[start : start + length], start_s=begun, first=self.first + start)

    @property
    def end_s(self) -> float | None:
        """One sample after the last."""
        if self.start_s is None or self.rate_hz is None:
            return None
        return self.start_s + len(self.values) / self.rate_hz


def series(named: Named, channel: str = LEADING) -> Series:
    """The longest stretch of a measured stream that has no hole.

    Args:
        channel: the leading component of all numbers, all of them, or one by its name or its place, counted from 0.

    Raises:
        UsageError: there is no such channel, or samples come too unevenly to be put on an even grid.
        InsufficientData: nothing is left.
    """
    values, chosen, notes = _chosen(named, channel)
    times = None if named.feature in EVENTS else named.time_s
    begin, end = _longest(values, times, named.rate_hz)
    if end - begin < 2:
        raise InsufficientData(2, end - begin, "a series")
    left_out = len(values) - (end - begin)
    if left_out > 1:
        notes += (f"{left_out} of {len(values)} values lie beyond holes and were left out",)
    values, rate_hz = values[begin:end], named.rate_hz
    if rate_hz is None and times is not None:
        values, rate_hz, said = _on_grid(times[begin:end], values)
        notes += said
    start_s = None if times is None else float(times[begin])
    if chosen == LEADING:
        # columns may be of any units; subcarriers are of one
        values = leading_components(standardised(values) if named.feature == PLAIN else values, 1)
    if values.shape[1] == 1:
        values = values[:, 0]
    return Series(values, chosen, rate_hz, start_s, begin, notes)


def _chosen(named: Named, channel: str) -> tuple[Float64, str, tuple[str, ...]]:
    """The numbers that are asked for, shape (n, channels), what they are called, and which are left out."""
    values = named.values
    names = [str(name) for name in (named.parameters or {}).get("columns", range(values.shape[1]))]
    if len(names) == 1 and channel in (LEADING, ALL, "0", names[0], named.feature):
        return values, names[0] if named.parameters and "columns" in named.parameters else named.feature, ()
    if channel in (LEADING, ALL):
        holds = np.isfinite(values).mean(axis=0) >= KNOWN
        if holds.all() or not holds.any():
            return values, channel, ()
        missing = ", ".join(name for name, held in zip(names, holds, strict=True) if not held)
        return values[:, holds], channel, (f"of {missing}, most values are missing: left out",)
    at = names.index(channel) if channel in names else int(channel) if channel.isdecimal() else len(names)
    if at >= len(names):
        raise UsageError(f"{named.name} has no channel {channel!r}", f"known are {LEADING}, {ALL}, {', '.join(names)}")
    return values[:, at : at + 1], names[at], ()


def _on_grid(times: Float64, values: Float64) -> tuple[Float64, float | None, tuple[str, ...]]:
    """Values on an even grid of time, how many a second, and what had to be assumed for that.

    Raises:
        UsageError: times go backwards, or values come too unevenly.
    """
    passed = np.diff(times)
    if passed.min() > 0.0 or passed.min() < 0.0:
        return (*even(times, values), ())
    fresh = np.concatenate([[True], passed > 0.0])
    if fresh.mean() >= 1.0 - REPEATED:
        said = (f"{len(times) - int(fresh.sum())} values of the same time as the one before were left out",)
        return (*even(times[fresh], values[fresh]), said)
    if times[-1] == times[0]:
        return values, None, ("all values have the same time: nothing is told per second",)
    return values, (len(times) - 1) / float(times[-1] - times[0]), ("values came in blocks: an even rate was assumed",)


def _longest(values: Float64, times: Float64 | None, rate_hz: float | None) -> tuple[int, int]:
    """The longest stretch of finite values without a silence: on an even grid, one value that is missing."""
    whole = np.asarray(np.isfinite(values).all(axis=1))
    broken = np.logical_not(whole)
    if times is not None and len(times) > 1:
        passed = np.diff(times)
        typical = float(np.median(passed[passed > 0.0])) if (passed > 0.0).any() else 0.0
        broken[1:] |= passed > (1.5 / rate_hz if rate_hz is not None else LONGEST * typical)
    stretch = np.cumsum(broken)
    lengths = np.bincount(stretch[whole]) if whole.any() else np.zeros(1, int)
    inside = np.flatnonzero((stretch == lengths.argmax()) & whole)
    return (int(inside[0]), int(inside[-1]) + 1) if len(inside) else (0, 0)
