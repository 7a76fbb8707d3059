"""Real channel state as vectors: backgrounds, motions put onto them, walking spliced to empty rooms, hours made of seconds.

Everything is an amplitude of each carrying subcarrier over the frame's root mean square, and that root mean square apart:
motions are added to the first, gain is the second. Lanes turn both into the vectors of a feature as midstream's
`VectorStream` does, and tell which frame completed each vector.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.streams.amplitude import bands, carrying, fit_subcarriers
from midstream_cli.streams.despike import HALF_WINDOW_S, Despike
from midstream_cli.streams.features import doppler
from midstream_cli.streams.grid import Grid
from midstream_cli.streams.select import one_link
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.vectors import LOOK_AT, MOST_DESPIKED, RATE_HZ, VectorStream

Float64 = npt.NDArray[np.float64]
Int64 = npt.NDArray[np.int64]

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "csi"
FILES = {
    "empty room 1": ("pulse/vacio_01.csv", None),
    "empty room 2": ("pulse/vacio_02.csv", None),
    "walking 1": ("pulse/mov_01.csv", None),
    "walking 4": ("pulse/mov_04.csv", None),
    "RuView node 1": ("ruview/pretrain-1775182186.csi.jsonl", "1"),
    "RuView node 2": ("ruview/pretrain-1775182186.csi.jsonl", "2"),
    "CSIKit fast2": ("csikit/example_fast2_100hz_pitraffic.csv", None),
    "CSIKit 100 Hz": ("csikit/example_100hz_pitraffic.csv", None),
    "HKU": ("hernandez/hku_my-experiment-file.csv", None),
    "Rikesh": ("hernandez/rikesh_example_csi.csv", None),
}
BACKGROUNDS = [name for name in FILES if not name.startswith("walking")]
EMPTY, WALKING = ("empty room 1", "empty room 2"), ("walking 1", "walking 4")
BLOCK_S, FADE_S = 10.0, 0.5
"""Of hours made of blocks of a recording: the length of a block, and how long one goes over into the next."""
LENGTH, WARP, GAIN = 16, (0.7, 1.4), 0.15
"""Vectors of a motion, how much it is stretched, and by how much its strength is off."""
SHAPES, WAVES = 6, 5
"""Motions of a library; waves over the subcarriers of which each is made."""


class Frames(NamedTuple):
    """Channel state of one link: n frames of d subcarriers."""

    time_ns: Int64
    relative: Float64
    """Shape (n, d): amplitudes over the frame's root mean square."""
    level: Float64
    """Shape (n,): that root mean square."""

    @property
    def seconds(self) -> float:
        """From the first frame to the last."""
        return float(self.time_ns[-1] - self.time_ns[0]) / 1e9

    @property
    def rate_hz(self) -> float:
        """Frames a second, on average."""
        return (len(self.time_ns) - 1) / self.seconds

    def part(self, begin_s: float, end_s: float) -> Self:
        """The frames of [begin, end) seconds after the first."""
        since = (self.time_ns - self.time_ns[0]) / 1e9
        inside = (since >= begin_s) & (since < end_s)
        return self._replace(time_ns=self.time_ns[inside], relative=self.relative[inside], level=self.level[inside])

    def then(self, other: Self) -> Self:
        """These frames and, one usual interval later, those."""
        step = int(np.median(np.diff(self.time_ns)))
        return self._replace(
            time_ns=np.concatenate([self.time_ns, other.time_ns - other.time_ns[0] + self.time_ns[-1] + step]),
            relative=np.concatenate([self.relative, other.relative]),
            level=np.concatenate([self.level, other.level]),
        )


@cache
def recording(name: str) -> CsiRecording:
    """One of the files, as midstream reads it."""
    path, node = FILES[name]
    with open_source(str(DATA / path)) as source:
        pieces = [each for each in one_link(source.pieces, Tally(), node=node) if isinstance(each, CsiRecording)]
    return concatenate(pieces)


@cache
def frames(name: str) -> Frames:
    """One of the files."""
    taken = recording(name)
    amplitudes = np.abs(carrying(taken, fit_subcarriers(taken.take(slice(LOOK_AT))))).astype(np.float64)
    level = np.sqrt((amplitudes**2).mean(axis=1))
    return Frames(taken.time_ns, amplitudes / np.where(level > 0, level, 1.0)[:, None], level)


class Lane(NamedTuple):
    """A way from frames to vectors."""

    feature: str
    on_grid: bool

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.feature}, {'32 Hz grid' if self.on_grid else 'each frame'}"

    def rate_hz(self, given: Frames) -> float:
        """Vectors a second."""
        return RATE_HZ if self.on_grid else given.rate_hz


class Vectors(NamedTuple):
    """What a lane makes of frames."""

    values: Float64
    """Shape (m, dims)."""
    done: Int64
    """Shape (m,): position of the frame that completed each."""
    at_ns: Int64
    """Shape (m,): the middle of what each describes."""


def vectors(lane: Lane, given: Frames) -> Vectors:
    """The vectors of a lane."""
    rows = given.relative * (given.level[:, None] if lane.feature == "amplitude" else 1.0)
    if lane.feature in ("bands8", "doppler"):
        rows = bands(rows, 8)
    if not lane.on_grid:
        return Vectors(rows, np.arange(len(rows)), given.time_ns)
    looked = given.time_ns[:LOOK_AT]
    half = min(max(1, round(HALF_WINDOW_S * (len(looked) - 1) / (int(looked[-1] - looked[0]) / 1e9))), MOST_DESPIKED)
    grid = Grid(RATE_HZ)
    times, values = grid.push(*Despike(half).push(given.time_ns, rows))
    done = grid.completed + half
    if lane.feature != "doppler":
        return Vectors(values, done, times)
    samples = round(doppler.SUMMARY_S * RATE_HZ)
    windows = np.lib.stride_tricks.sliding_window_view(values, samples, axis=0)
    whole = times[samples - 1 :] - times[: len(windows)] == (samples - 1) * grid.period_ns
    kept = doppler.summarise(np.ascontiguousarray(windows[whole]), RATE_HZ)
    middles = (times[samples - 1 :] + times[: len(windows)]) // 2
    return Vectors(kept, done[samples - 1 :][whole], middles[whole])


def as_midstream_does(name: str, feature: str) -> bool:
    """Whether the grid's lane of a file is what `VectorStream` makes of it, bit for bit but for what the end completes."""
    ours = vectors(Lane(feature, True), frames(name)).values
    theirs = VectorStream(feature).push(recording(name)).values
    return len(ours) == len(theirs) and np.allclose(ours, theirs, rtol=1e-12, atol=1e-12)


def hours(given: Frames, seconds: float, seed: list[int]) -> Frames:
    """A stream as long as asked for, of ten-second blocks of a recording drawn at random (H. R. Kuensch 1989).

    Half a second of two blocks goes over into one another, with weights whose squares add up to one, so that neither the
    mean nor the variance tells the joint; gain is taken from the nearer block.
    """
    random = np.random.default_rng(seed)
    size, fade = round(BLOCK_S * given.rate_hz), round(FADE_S * given.rate_hz)
    size = min(size, len(given.level) - fade)
    count = int(np.ceil(seconds * given.rate_hz / size))
    mean = given.relative.mean(axis=0)
    centred = given.relative - mean
    starts = random.integers(0, len(given.level) - size - fade + 1, count)
    steps = np.diff(given.time_ns, prepend=given.time_ns[0] - int(np.median(np.diff(given.time_ns))))
    out, level, step = np.empty((count * size, len(mean))), np.empty(count * size), np.empty(count * size, np.int64)
    angle = 0.5 * np.pi * (np.arange(fade) + 0.5)[:, None] / fade
    for i, start in enumerate(starts.tolist()):
        to = slice(i * size, (i + 1) * size)
        out[to], level[to], step[to] = (of[start : start + size] for of in (centred, given.level, steps))
        if i:
            before = starts[i - 1] + size
            out[to][:fade] *= np.sin(angle)
            out[to][:fade] += np.cos(angle) * centred[before : before + fade]
            level[to][: fade // 2] = given.level[before : before + fade // 2]
    return Frames(np.cumsum(step), out + mean, level)


class Motions(NamedTuple):
    """Six motions of one strength in time, which differ in what they do to which subcarrier."""

    waves: Float64
    """Shape (6, 2, waves): of each, its pattern over the subcarriers at the beginning and at the end."""
    basis: Float64
    """Shape (waves, dims)."""

    @classmethod
    def draw(cls, dims: int, seed: list[int]) -> Self:
        """Random ones, smooth over the subcarriers."""
        waves = min(WAVES, dims)
        at = (np.arange(dims) + 0.5) / dims
        basis = np.cos(np.pi * np.arange(waves)[:, None] * at)
        return cls(np.random.default_rng(seed).standard_normal((SHAPES, 2, waves)), basis)

    def of(self, which: int, phase: Float64) -> Float64:
        """Displacements of root mean square 1 at the peak, shape (n, dims), at phases from 0 to 1 of the motion."""
        begin, end = self.waves[which]
        turn = 0.5 * np.pi * phase[:, None]
        pattern = (np.cos(turn) * begin + np.sin(turn) * end) @ self.basis
        pattern /= np.sqrt((pattern**2).mean(axis=1, keepdims=True))
        return np.asarray(np.sin(np.pi * phase)[:, None] * pattern)


def phases(count: int) -> Float64:
    """Of a motion of so many vectors, none of which is still."""
    return np.arange(1, count + 1) / (count + 1)
