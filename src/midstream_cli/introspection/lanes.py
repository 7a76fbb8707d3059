"""One feature of a stream: its vectors, each from the frame on that completed it, and what listens to them."""

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.live.regimes import Moment, RegimeWatch
from midstream_cli.attractor.live.rules import Regime
from midstream_cli.compare.live.groups import other_dims
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.frames import Float64, Int64
from midstream_cli.recordings import Recording
from midstream_cli.streams import features
from midstream_cli.streams.vectors import COUNTED_HZ, SILENCE_NS, VectorStream

REMEMBERED = 4096
"""Vectors whose times are known: a match that began before has no start in seconds."""

STILL_S = 2.0
"""How long nothing must have moved for it to be over."""

NEVER = 1 << 62

NOTHING = Moment(Regime.UNKNOWN, False, 0.0, float("nan"), 0.0)


class Baseline(NamedTuple):
    """How what is usual is known."""

    age_s: float | None = None
    """Since it last learnt; None before it is known."""
    frozen: bool = False
    state: str = "none"
    suppressed: bool = False
    unknown: float | None = None
    """How probable motion is that no signature is of; None without signatures."""


class Lane:
    """Vectors of one feature, and what is known of them: a regime, or how near signatures are, or both."""

    def __init__(
        self,
        stream: VectorStream,
        *,
        signatures: Sequence[Signature] = (),
        false_alarms_per_day: float = 24.0,
    ) -> None:
        self.stream = stream
        self.regimes = False
        """Whether this is the lane that tells regimes."""
        self.motion = False
        """Whether this is the lane that tells of changes."""
        self.signatures = list(signatures)
        self.alarms_per_day = false_alarms_per_day
        self.timed = True
        """Vectors have times, not positions only."""
        self.moment = NOTHING
        self.watch: RegimeWatch | None = None
        self.recogniser: Recogniser | None = None
        self.changes: Lane | None = None
        """The lane that tells this one's regimes of changes; None where they are told by themselves."""
        self.taken = 0
        """Vectors so far."""
        self.unlearnt = 0
        """Vectors since the detector of change last learnt."""
        self.unknown = 0.0
        """How probable motion is that no signature is of."""
        self._still = NEVER
        """Vectors since something moved."""
        self._times: Int64 = np.zeros(REMEMBERED, np.int64)
        self._last_ns = 0
        self._waiting: deque[tuple[int, int, Float64]] = deque()
        """Of each vector that came with the latest frames: which of them completed it, its time, its numbers."""
        self.rate_hz = COUNTED_HZ
        """Vectors a second, as far as it is known."""

    @property
    def moving(self) -> bool:
        """Whether something moves, or did a moment ago: who walks stands still between two steps."""
        return self._still < STILL_S * self.rate_hz

    @property
    def change_score(self) -> float:
        """How much speaks for a change; 1 is where it is told."""
        if self.regimes and self.changes is None:
            return self.watch.change_score if self.watch is not None else 0.0
        return self.recogniser.motion / self.recogniser.threshold if self.recogniser is not None else 0.0

    def push(self, piece: Recording) -> None:
        """Take frames; their vectors wait for `advance`."""
        stream = self.stream
        times, rows = stream.push(piece)
        self.timed = piece.info.clock != "none"
        if self.taken == 0:
            self.rate_hz = stream.vectors_hz or COUNTED_HZ
        if len(times):
            self._waiting.extend(zip(stream.completed.tolist(), times.tolist(), rows, strict=True))

    def restart(self) -> None:
        """Measure the stream anew: its clock has begun anew, and nothing goes on that went on before."""
        self.stream = self.stream.anew()
        self._waiting.clear()
        self.watch, self.moment, self._still = None, NOTHING, NEVER
        if self.recogniser is not None:
            self.recogniser.interrupt()

    def advance(self, position: int) -> bool:
        """Take the vectors that the frame at this position completed; return whether there was one."""
        waiting, before = self._waiting, self.taken
        while waiting and waiting[0][0] <= position:
            _, time_ns, vector = waiting.popleft()
            self._take(time_ns, vector)
        return self.taken > before

    @property
    def quiet(self) -> bool:
        """Whether nothing speaks for any signature."""
        return self.recogniser is not None and self.recogniser.quiet

    def baseline(self) -> Baseline:
        """How what is usual is known: by what recognises signatures, or, without any, by what tells of changes."""
        unknown = self.unknown if self.signatures else None
        recogniser, watch = self.recogniser, self.watch
        if recogniser is not None:
            age = recogniser.baseline_age
            age_s = age / self.rate_hz if age >= 0 else None
            return Baseline(age_s, recogniser.frozen, recogniser.state, recogniser.suppressed, unknown)
        if watch is None or not watch.ready:
            return Baseline(None, watch is not None and watch.changing, "learning", False, unknown)
        return Baseline(self.unlearnt / self.rate_hz, watch.changing, "steady", False, unknown)

    def start_s(self, start: int, origin_ns: int) -> float | None:
        """When the vector of this number began, in seconds since `origin_ns`; None where that is forgotten."""
        back = self.taken - start
        if not 0 < back <= REMEMBERED:
            return None
        half_ns = round(0.5e9 / self.rate_hz) if self.stream.on_grid else 0
        return (int(self._times[start % REMEMBERED]) - half_ns - origin_ns) / 1e9

    def _take(self, time_ns: int, vector: np.ndarray) -> None:
        silent = self.taken > 0 and self.timed and time_ns - self._last_ns > SILENCE_NS
        if self.regimes:
            if self.watch is None or silent:
                self.watch = RegimeWatch(
                    len(vector),
                    rate_hz=self.stream.counted_hz,
                    false_alarms_per_hour=self.alarms_per_day / 24.0,
                    own_detector=self.changes is None,
                )
            self.moment = self.watch.update(vector, changing=self.changes is not None and self.changes.moving)
            self.unlearnt = self.unlearnt + 1 if self.watch.changing else 0
        if self.signatures or self.motion:
            if self.recogniser is None:
                self.recogniser = self._recogniser(len(vector))
            elif silent:
                self.recogniser.interrupt()
            self.recogniser.take(vector)
            self.unknown = self.recogniser.unknown
            self._still = 0 if self.recogniser.moving else self._still + 1
        self._times[self.taken % REMEMBERED] = self._last_ns = time_ns
        self.taken += 1

    def _recogniser(self, dims: int) -> Recogniser:
        for signature in self.signatures:
            if signature.vectors.shape[1] != dims:
                raise other_dims(signature, dims)
        return Recogniser(
            self.signatures, dims=dims, rate_hz=self.stream.counted_hz, false_alarms_per_day=self.alarms_per_day
        )


def warm() -> None:
    """Have the kernels at hand: built while frames come, they would keep these waiting for half a minute, once a machine."""
    RegimeWatch()
    Recogniser([], dims=1)


def is_named(feature: str) -> bool:
    """Whether a feature's numbers are names."""
    return features.is_categorical(features.load(feature))
