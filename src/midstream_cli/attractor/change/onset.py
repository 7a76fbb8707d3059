"""The moment at which a stream stops being what it was: one channel or many, frame by frame.

Each channel is predicted from its own past by recursive least squares; residuals are compared over the latest frames with
what is usual on this site (`attractor.kernels.onset` has the method and its sources).
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.change import thresholds
from midstream_cli.attractor.change.changes import Change, ChangeKind, Trace
from midstream_cli.attractor.change.changes import State as State  # noqa: PLC0414 - what `state` is comes from here too
from midstream_cli.attractor.kernels import channels as lanes
from midstream_cli.attractor.kernels import onset as kernels
from midstream_cli.attractor.kernels import tails
from midstream_cli.compiled.vectors import REGISTER, aligned
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

MOST_CHANNELS = 65_536
GAIN_UNIT = 1e-3
"""A gain that is steadier than a thousandth counts as that steady."""
CLIPPED = 6.0
"""Deviations for which one of many channels counts at most."""
_NONE = np.empty(0)


class Onset:
    """Tells at which frame a stream changes, from vectors of (channels,), in bounded memory.

    The first 32 frames give the unit of each channel, those up to `warm_up` a first idea of what is usual: until then no
    alarm is raised, and what happens counts as idle. Every idle frame after them refines it: the autoregression of each
    channel, the variances, the distribution of each statistic, and its tail. Until the tails are known (`calibrated`: after
    some 600 idle frames), the threshold is that of white normal noise, higher by half; then it is also at least what the tail
    on this site makes as rare as wanted. Both are higher by 16 / n for the n frames learnt from.

    An alarm makes the state transient, and nothing is learnt until it is over: for sixteen frames what looks back eight frames
    at most is below 0.7 of the threshold (what was over in 40 frames has been an outlier, and its height is learnt); or 64
    frames about a level of their own, no more restless than usual, which is then the usual level, with a threshold that is
    higher by 32 / n for the n frames behind it; or `patience_s`, after which everything is learnt anew.

    With more than one channel, the factor that they have in common is split off, by weighted least squares to their means,
    and watched apart. Where the means are small beside the deviations there is no such factor, and it stays near 1.

    Frames with a number that is not finite, or beyond 1e250, are passed over and counted.
    """

    def __init__(
        self,
        channels: int = 1,
        *,
        rate_hz: float = 30.0,
        false_alarms_per_hour: float = 1.0,
        warm_up: int = 128,
        split_gain: bool = True,
        patience_s: float = 60.0,
    ) -> None:
        """Begin to learn.

        Args:
            channels: numbers in a frame.
            rate_hz: frames a second.
            false_alarms_per_hour: alarms on idle frames, each of motion and of gain.
            warm_up: frames before the first alarm; the first minute of a site that is known to be idle is better than the
                default, which is enough for noise without heavy tails.
            split_gain: watch the factor that all channels have in common apart.
            patience_s: how long a change may last.

        Raises:
            UsageError: a number is out of its range.
        """
        if not 1 <= channels <= MOST_CHANNELS:
            raise UsageError(f"{channels} channels cannot be watched", f"give 1 to {MOST_CHANNELS}")
        if warm_up < 2 * kernels.GATHERED:
            raise UsageError(
                f"{warm_up} frames are too few to know what is usual", f"give {2 * kernels.GATHERED} at least"
            )
        log_rate = thresholds.log_rate(false_alarms_per_hour, rate_hz)
        if not patience_s * rate_hz > kernels.PERSISTS:
            raise UsageError(
                f"a patience of {patience_s} s is over before a level can persist",
                f"give more than {kernels.PERSISTS / rate_hz:.3g} s",
            )
        self.channels = channels
        self.rate_hz = rate_hz
        self._split = split_gain and channels > 1
        self._blocks = -(-channels // REGISTER)
        self._c: Float64 = aligned((self._blocks + 1) * lanes.ROWS * REGISTER)
        self._s: Float64 = aligned(kernels.HEAD + 2 * kernels.WATCH)
        self._s[[kernels.DIMS, kernels.SPLIT, kernels.FACTOR]] = channels, self._split, 1.0
        for at, dims, unit in ((0, channels, lanes.TINY), (kernels.WATCH, 1, GAIN_UNIT)):
            watch = self._s[kernels.HEAD + at : kernels.HEAD + at + kernels.WATCH]
            _prepare(watch, dims, log_rate)
            watch[[kernels.WARM, kernels.UNIT, kernels.PATIENCE]] = warm_up, unit, round(patience_s * rate_hz)
        real = self._c.reshape(-1, lanes.ROWS, REGISTER)[:, lanes.REAL]
        real[:-1] = (np.arange(self._blocks * REGISTER) < channels).reshape(-1, REGISTER)
        real[-1, 0] = 1.0
        self._take = kernels.advance.function(hold_gil=True)

    def __getstate__(self) -> dict[str, Any]:
        """All but the kernel, which a copy loads itself."""
        return {name: value for name, value in self.__dict__.items() if name != "_take"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take what `__getstate__` gave."""
        self.__dict__.update(state)
        self._take = kernels.advance.function(hold_gil=True)

    @property
    def position(self) -> int:
        """Frames taken so far, those passed over included."""
        return int(self._s.item(kernels.CLOCK))

    @property
    def skipped(self) -> int:
        """Frames passed over, as they were not finite."""
        return int(self._s.item(kernels.SKIPPED))

    @property
    def state(self) -> State:
        """What it is doing, gain apart."""
        return (State.LEARNING, State.IDLE, State.TRANSIENT)[int(self._s[kernels.HEAD + kernels.STATE])]

    @property
    def changing(self) -> bool:
        """Whether the state is transient."""
        return self._s.item(kernels.HEAD + kernels.STATE) == kernels.TRANSIENT

    @property
    def statistic(self) -> float:
        """Of the latest frame: deviations from what is usual, of a normal number."""
        return self._s.item(kernels.HEAD + kernels.STATISTIC)

    @property
    def threshold(self) -> float:
        """What the statistic must exceed for an alarm."""
        return float(self._s[kernels.HEAD + kernels.THRESHOLD])

    @property
    def gain(self) -> float:
        """The factor by which all channels were off their means in the latest frame."""
        return float(self._s[kernels.FACTOR])

    @property
    def calibrated(self) -> bool:
        """Whether the tail of the statistic on this site is known."""
        return bool(self._s[kernels.HEAD + kernels.HEIGHTS + tails.OVER] > 0.0)

    def update(self, vector: npt.ArrayLike) -> Sequence[Change]:
        """Take the next frame, shape (channels,), or a number of one channel; return what it brought.

        Raises:
            UsageError: it has another shape.
        """
        if isinstance(vector, np.ndarray) and len(vector.shape) == 1 and len(vector) == self.channels:
            try:
                taken = self._take(vector, self._s, self._c, _NONE)
            except TypeError:
                return self.extend(vector.reshape(1, -1))
            return self._told(taken & 63) if taken & 63 else ()
        given = np.asarray(vector, np.float64)
        if given.size != self.channels or given.ndim > 1:
            raise UsageError(
                f"a frame of shape {given.shape} is none of {self.channels} channels", f"give ({self.channels},)"
            )
        return self.extend(given.reshape(1, -1))

    def relearn(self) -> None:
        """Take what comes for usual from now on, and learn it anew; alarms are raised again once `warm_up` is over."""
        for to in (kernels.HEAD, kernels.HEAD + kernels.WATCH):
            self._s[to + np.array([kernels.LEARNT, kernels.STATE, kernels.AGE, kernels.QUIET, kernels.STRETCH])] = 0.0
            self._s[to + kernels.RECENT : to + kernels.HEIGHT] = 0.0
            self._s[to + kernels.SINCE] = kernels.AGES

    def extend(self, vectors: npt.ArrayLike) -> list[Change]:
        """Take many frames in order, shape (n, channels), or (n,) of one channel; return what they brought.

        Raises:
            UsageError: they have another shape.
        """
        return self._run(self._frames(vectors), _NONE)

    def trace(self, vectors: npt.ArrayLike) -> Trace:
        """Take many frames as `extend` does, and tell what each came to.

        Raises:
            UsageError: they have another shape.
        """
        given = self._frames(vectors)
        found = np.empty((len(given), 4))
        changes = self._run(given, found)
        state, statistic, threshold, gain = (np.ascontiguousarray(column) for column in found.T)
        return Trace(state.astype(np.int64), statistic, threshold, gain, changes)

    def _frames(self, vectors: npt.ArrayLike) -> Float64:
        given = np.ascontiguousarray(vectors, np.float64)
        if given.ndim == 1 and self.channels == 1:
            given = given[:, None]
        if given.ndim != 2 or given.shape[1] != self.channels:
            raise UsageError(
                f"frames of shape {given.shape} are none of {self.channels} channels",
                f"give (n, {self.channels}), or a detector of as many channels as there are",
            )
        return given

    def _run(self, given: Float64, trace: Float64) -> list[Change]:
        flat, notes, found, at = given.reshape(-1), trace.reshape(-1), list[Change](), 0
        while at < len(given):
            taken = self._take(flat[at * self.channels :], self._s, self._c, notes[4 * at :])
            at += taken >> 6
            if taken & 63:
                found += self._told(taken & 63)
        return found

    def _told(self, brought: int) -> list[Change]:
        """What the latest frame brought; a gain that changes during a motion belongs to it."""
        motion, gain = brought & 7, brought >> 3
        if motion:
            return [self._change(_KINDS[motion], 0, motion == kernels.CHANGED)]
        if gain == kernels.CHANGED and self.state is not State.TRANSIENT:
            return [self._change(ChangeKind.GAIN, kernels.WATCH, True)]
        return []

    def _change(self, kind: ChangeKind, watch: int, begins: bool) -> Change:
        s, to, frame = self._s, kernels.HEAD + watch, self.position - 1
        back = int(s[to + kernels.LAG]) - 1 if begins else 0
        return Change(
            kind,
            frame,
            max(0, frame - back),
            float(s[to + kernels.STATISTIC]),
            float(s[to + kernels.THRESHOLD]),
            self.gain,
        )


_KINDS = {
    kernels.CHANGED: ChangeKind.MOTION,
    kernels.SETTLED: ChangeKind.SETTLED,
    kernels.ADOPTED: ChangeKind.ADOPTED,
    kernels.ANEW: ChangeKind.RELEARNING,
}


def _prepare(watch: Float64, channels: int, log_rate: float) -> None:
    """What is usual before anything came: energies of white normal residuals, whose cube roots are nearly normal."""
    height = thresholds.threshold(channels, log_rate)
    watch[[kernels.TABLE, kernels.THRESHOLD]] = height
    watch[kernels.SINCE] = kernels.AGES
    watch[kernels.TARGET] = log_rate + math.log(thresholds.CLUSTER)
    watch[kernels.MOST] = CLIPPED if channels > 1 else lanes.FAR
    ninth, root = 2.0 / (9.0 * channels), channels ** (1.0 / 3.0)
    watch[kernels.AVERAGE : kernels.AVERAGE + lanes.LAGS] = root * (1.0 - ninth)
    watch[kernels.DEVIATION : kernels.DEVIATION + kernels.KINDS] = 1.0
    watch[kernels.DEVIATION : kernels.DEVIATION + lanes.LAGS] = root * math.sqrt(ninth)
    watch[kernels.LEAST] = 0.6 * root * math.sqrt(ninth)
