"""A stream of frames turned into a stream of vectors: the chain behind every feature."""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import FormatError, UsageError
from midstream_cli.frames import Float64, Int64
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording, concatenate
from midstream_cli.streams.despike import HALF_WINDOW_S, Despike
from midstream_cli.streams.detach import detached
from midstream_cli.streams.features import Parameters, Summary, is_summary, load, names
from midstream_cli.streams.grid import Grid

RATE_HZ = 32.0
"""Human motion at WiFi wavelengths is below 16 Hz, and boards send 20 to 1,000 frames a second."""

COUNTED_HZ = 30.0
"""False alarms of streams that are slower, or have no times, are counted as if so many vectors came in a second."""

SILENCE_NS = 1_000_000_000
"""After a longer one, nothing goes on that went on before."""

LOOK_AT = 64
"""Frames that decide what the vectors depend on: carrying subcarriers, frame rate."""

MOST_DESPIKED = 16
"""Frames on either side of the running median, at most: beyond 180 frames a second its window gets shorter."""


class Track(NamedTuple):
    """Consecutive vectors of a stream."""

    time_ns: Int64
    """Shape (m,): the middle of what each vector describes; positions where the stream has no times."""
    values: Float64
    """Shape (m, dims)."""

    @classmethod
    def joined(cls, tracks: Iterable["Track"]) -> "Track":
        """Tracks that follow one another, as one."""
        kept = [track for track in tracks if len(track.time_ns)]
        if not kept:
            return cls(np.empty(0, np.int64), np.empty((0, 0)))
        return cls(np.concatenate([t.time_ns for t in kept]), np.concatenate([t.values for t in kept]))

    def between(self, start_ns: int, end_ns: int) -> "Track":
        """The vectors of [start_ns, end_ns)."""
        inside = (self.time_ns >= start_ns) & (self.time_ns < end_ns)
        return Track(self.time_ns[inside], self.values[inside])


class VectorStream:
    """Turns pieces of one link of a stream into vectors; however the stream is cut, the vectors are the same.

    Channel state goes through a running median against impulsive frames, and onto an even time grid; a feature of the
    change in time is then computed on sliding windows of that grid. A frame that holds a value that is not finite counts
    as if it had not come. Tokens and plain numbers are taken as they come, missing numbers included.
    """

    def __init__(
        self,
        feature: str,
        *,
        parameters: Parameters | None = None,
        rate_hz: float | None = RATE_HZ,
        slow_hz: float = 0.0,
    ) -> None:
        """Prepare for a stream.

        Args:
            feature: a name of `features.names()`.
            parameters: what the vectors depend on; None looks at the first frames for it.
            rate_hz: of the grid that channel state is put onto; None takes each frame as it is, without the running median.
            slow_hz: below this rate of the first frames there is no grid either: its slots would mostly be straight lines.

        Raises:
            UsageError: there is no such feature, or it is one of the change in time and there is to be no grid.
        """
        self.feature = feature
        self.rate_hz = RATE_HZ if rate_hz is None else rate_hz
        """Of the grid, where there is one."""
        self.parameters = parameters
        self.start_ns: int | None = None
        """Time of the first frame."""
        self.frame_rate_hz: float | None = None
        """Of the first frames."""
        self.reached_ns: int | None = None
        """On a grid: no vector up to this time will come any more."""
        self.completed: Int64 = np.empty(0, np.int64)
        """Shape (m,): of each vector that was returned last, the number of the frame that completed it, counted from 0 over
        all frames of the stream; of those that only the end completes, the last frame's."""
        self._module = load(feature)
        if rate_hz is None and is_summary(self._module):
            frame_by_frame = [name for name in names("csi") if not is_summary(load(name))]
            raise UsageError(
                f"{feature} is a change in time, and no frame by itself has one",
                f"choose a feature of single frames: {', '.join(frame_by_frame)}",
            )
        self._slow_hz, self._asked_grid = slow_hz, rate_hz is not None
        self._gridded = rate_hz is not None and self._module.KIND == "csi"
        self._ready: Parameters = {}
        self._pushed = 0
        self._numbers: list[Int64] = []
        self._waiting: list[Recording] = []
        self._context: Recording | None = None
        self._despike: Despike | None = None
        self._grid = Grid(self.rate_hz)
        self._windows = _Windows(self._module, self.rate_hz) if is_summary(self._module) else None
        self._frames_before = getattr(self._module, "CONTEXT", 0)
        self._position = 0

    def anew(self) -> "VectorStream":
        """One that measures the same, for a stream that begins anew."""
        rate_hz = self.rate_hz if self._asked_grid else None
        return VectorStream(self.feature, parameters=self.parameters, rate_hz=rate_hz, slow_hz=self._slow_hz)

    @property
    def on_grid(self) -> bool:
        """Whether vectors come at an even rate in time; else one comes with each frame."""
        return self._gridded

    @property
    def vectors_hz(self) -> float | None:
        """Vectors a second: those of the grid, else as many as the first frames; None before these, or without times."""
        return self.rate_hz if self.on_grid else self.frame_rate_hz

    @property
    def counted_hz(self) -> float:
        """Vectors a second that false alarms are counted by."""
        return self.rate_hz if self.on_grid else max(COUNTED_HZ, self.frame_rate_hz or 0.0)

    def push(self, piece: Recording) -> Track:
        """Take the next frames; return the vectors they complete.

        Raises:
            FormatError: the feature is of another kind of stream, or needs what the stream lacks, or the parameters that
                were given are damaged.
        """
        if piece.info.kind != self._module.KIND:
            raise _wrong_kind(self.feature, piece)
        numbers = np.arange(self._pushed, self._pushed + len(piece))
        self._pushed += len(piece)
        piece, numbers = _usable(piece, numbers)
        self.completed = np.empty(0, np.int64)
        if len(piece) == 0:
            return _none()
        if self._despike is not None:
            return self._vectors(piece, numbers)
        self._waiting.append(piece)
        self._numbers.append(numbers)
        if sum(map(len, self._waiting)) >= LOOK_AT:
            return self._begin()
        # a piece belongs to whoever read it, who may write over it
        self._waiting[-1] = detached(piece)
        return _none()

    def finish(self) -> Track:
        """The vectors that the end completes."""
        first = self._begin() if self._waiting else _none()
        if self._despike is not None and self.on_grid:
            last = self._summarised(*self._grid.push(*self._despike.finish()))
            first = Track.joined([first, last, self._summarised(*self._grid.finish())])
        self.completed = np.full(len(first.time_ns), self._pushed - 1)
        return first

    def _begin(self) -> Track:
        """Decide on the first frames, then take them."""
        seen: Any = concatenate(cast(list[CsiRecording], self._waiting))
        numbers = np.concatenate(self._numbers)
        self._waiting, self._numbers = [], []
        look = seen.take(slice(LOOK_AT))
        self.start_ns = int(look.time_ns[0])
        if self.on_grid and seen.info.clock == "none":
            raise FormatError(
                f"{seen.info.source} has no times, and {self.feature} needs them",
                "give the rate at which it was recorded with --frame-rate",
            )
        passed_s = int(look.time_ns[-1] - look.time_ns[0]) / 1e9
        self.frame_rate_hz = (len(look) - 1) / passed_s if passed_s > 0 else None
        self._gridded &= (self.frame_rate_hz or math.inf) >= self._slow_hz
        if self.parameters:
            self._try(look)
        else:
            # a feature that fits nothing still looks whether the stream has what it needs
            self.parameters = self._module.fit(look)
        self._ready = _as_arrays(self.parameters)
        half_width = round(HALF_WINDOW_S * (self.frame_rate_hz or 0.0))
        self._despike = Despike(min(max(1, half_width), MOST_DESPIKED))
        # nothing of the first frames can be known before the last of them has come
        return self._vectors(seen, np.maximum(numbers, numbers[: len(look)][-1]))

    def _try(self, look: Recording) -> None:
        """Find out whether the parameters that were given are whole."""
        assert self.parameters is not None
        try:
            self._module.vectors(look, self.parameters)
        except (LookupError, TypeError, ValueError) as error:
            raise FormatError(
                f"the parameters of {self.feature} that were given are damaged: {error}", "capture the signature anew"
            ) from None

    def _vectors(self, piece: Recording, numbers: Int64) -> Track:
        """The vectors that these frames complete, and which frame each."""
        assert self._despike is not None
        if self.on_grid:
            times, rows = self._despike.push(piece.time_ns, self._module.vectors(piece, self._ready))
            track = self._summarised(*self._grid.push(times, rows))
            completed = self._grid.completed
            if self._windows is not None:
                completed = completed[self._windows.completed]
            # for each row that leaves the running median one has come
            self.completed = numbers[len(numbers) - len(rows) :][completed]
            return track
        context = self._frames_before
        joined: Any = concatenate(cast(list[CsiRecording], [self._context, piece])) if self._context else piece
        rows = self._module.vectors(joined, self._ready)[context:]
        times = joined.time_ns[context:]
        if context:
            self._context = detached(joined.take(slice(len(joined) - context, None)))
        if piece.info.clock == "none":
            times = np.arange(self._position, self._position + len(rows), dtype=np.int64)
        self._position += len(rows)
        self.completed = numbers[len(numbers) - len(rows) :]
        return Track(times, rows)

    def _summarised(self, times: Int64, rows: Float64) -> Track:
        if len(times):
            self.reached_ns = int(times[-1]) - (self._windows.lag_ns if self._windows is not None else 0)
        return self._windows.push(times, rows) if self._windows is not None else Track(times, rows)


class _Windows:
    """Sliding windows over the grid, which do not reach across what the grid could not bridge."""

    def __init__(self, module: Any, rate_hz: float) -> None:
        self._module = cast(Summary, module)
        self._rate_hz = rate_hz
        self._samples = max(2, round(self._module.SUMMARY_S * rate_hz))
        self._period_ns = round(1e9 / rate_hz)
        self._times = np.empty(0, np.int64)
        self._rows: Float64 | None = None
        self.completed: npt.NDArray[np.intp] = np.empty(0, np.intp)
        """Of each window that the last push returned, which of its samples completed it."""
        self.lag_ns = -((1 - self._samples) * self._period_ns // 2)
        """From the middle of a window to its last sample."""

    def push(self, times: Int64, rows: Float64) -> Track:
        self.completed = np.empty(0, np.intp)
        if len(rows) == 0:
            return _none()
        self._times = np.concatenate([self._times, times])
        self._rows = rows if self._rows is None else np.concatenate([self._rows, rows])
        count = len(self._times) - self._samples + 1
        if count <= 0:
            return _none()
        windows = np.lib.stride_tricks.sliding_window_view(self._rows, self._samples, axis=0)
        first, last = self._times[:count], self._times[self._samples - 1 :]
        whole = last - first == (self._samples - 1) * self._period_ns
        self._times, self._rows = self._times[count:], self._rows[count:]
        self.completed = np.flatnonzero(whole) + len(rows) - count
        return Track(
            ((first + last) // 2)[whole], self._module.summarise(np.ascontiguousarray(windows[whole]), self._rate_hz)
        )


def _usable(piece: Recording, numbers: Int64) -> tuple[Recording, Int64]:
    """The frames that vectors are made of, with their numbers: texts that are not empty, samples that are finite."""
    if isinstance(piece, TokenRecording):
        keep = piece.text != ""
    elif isinstance(piece, CsiRecording):
        finite = np.isfinite(piece.csi)
        if np.logical_and.reduce(finite):
            return piece, numbers
        keep = np.ones(len(piece), np.bool_)
        keep[np.searchsorted(piece.offsets, np.flatnonzero(~finite), "right") - 1] = False
    else:
        return piece, numbers
    return piece.take(keep), numbers[keep]


def _as_arrays(parameters: Parameters) -> Parameters:
    """Parameters whose lists of numbers are arrays, which every frame needs."""
    arrays = {name: np.asarray(value) for name, value in parameters.items() if isinstance(value, list)}
    return {**parameters, **{name: array for name, array in arrays.items() if array.dtype.kind in "if"}}


def _none() -> Track:
    return Track(np.empty(0, np.int64), np.empty((0, 0)))


def _wrong_kind(feature: str, piece: Recording) -> FormatError:
    return FormatError(
        f"{piece.info.source} is a {piece.info.kind} stream, and {feature} is a feature of {load(feature).KIND} streams",
        f"features of {piece.info.kind} streams are {', '.join(names(piece.info.kind))}",
    )
