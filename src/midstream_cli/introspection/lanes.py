"""One feature of a stream: its vectors, each from the frame on that completed it, and what listens to them."""

from collections.abc import Sequence

import numpy as np

from midstream_cli.attractor.live.regimes import Moment, Regime, RegimeWatch
from midstream_cli.compare.live.groups import other_dims
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.frames import Int64
from midstream_cli.recordings import Recording
from midstream_cli.streams import features
from midstream_cli.streams.vectors import Track, VectorStream

SILENCE_NS = 1_000_000_000
"""After a longer one nothing goes on that went on before."""

FRAME_RATE_HZ = 30.0
"""Of streams that have no times; by at least as many, false alarms are counted."""

REMEMBERED = 4096
"""Vectors whose times are known: a match that began before has no start in seconds."""

STILL_S = 2.0
"""How long nothing must have moved for it to be over."""

NEVER = 1 << 62

NOTHING = Moment(Regime.UNKNOWN, False, 0.0, float("nan"), 0.0)


class Lane:
    """Vectors of one feature, and what is known of them: a regime, or how near signatures are, or both."""

    def __init__(
        self,
        stream: VectorStream,
        *,
        regimes: bool = False,
        motion: bool = False,
        signatures: Sequence[Signature] = (),
        false_alarms_per_day: float = 24.0,
    ) -> None:
        self.stream = stream
        self.regimes = regimes
        self.motion = motion
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
        self._track = Track.joined([])
        self._completed: Int64 = np.empty(0, np.int64)
        self._next = 0

    @property
    def rate_hz(self) -> float:
        """Vectors a second, as far as it is known."""
        if self.stream.on_grid:
            return self.stream.rate_hz or FRAME_RATE_HZ
        return self.stream.frame_rate_hz or FRAME_RATE_HZ

    @property
    def moving(self) -> bool:
        """Whether something moves, or did a moment ago: who walks stands still between two steps."""
        return self._still < STILL_S * self.rate_hz

    @property
    def change_score(self) -> float:
        """How much speaks for a change; 1 is where it is told."""
        if self.recogniser is not None:
            return self.recogniser.motion / self.recogniser.threshold
        return self.watch.change_score if self.watch is not None else 0.0

    def push(self, piece: Recording) -> None:
        """Take frames; their vectors wait for `advance`."""
        self.timed = piece.info.clock != "none"
        self._track = self.stream.push(piece)
        self._completed = self.stream.completed
        self._next = 0

    def advance(self, position: int) -> bool:
        """Take the vectors that the frame at this position completed; return whether there was one."""
        first = self._next
        while self._next < len(self._completed) and self._completed[self._next] <= position:
            self._take(int(self._track.time_ns[self._next]), self._track.values[self._next])
            self._next += 1
        return self._next > first

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
                    rate_hz=self._counted_hz,
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
            self.unknown = self.recogniser.update(vector).unknown
            self._still = 0 if self.recogniser.moving else self._still + 1
        self._times[self.taken % REMEMBERED] = self._last_ns = time_ns
        self.taken += 1

    @property
    def _counted_hz(self) -> float:
        return self.rate_hz if self.stream.on_grid else max(FRAME_RATE_HZ, self.rate_hz)

    def _recogniser(self, dims: int) -> Recogniser:
        for signature in self.signatures:
            if signature.vectors.shape[1] != dims:
                raise other_dims(signature, dims)
        return Recogniser(
            self.signatures, dims=dims, rate_hz=self._counted_hz, false_alarms_per_day=self.alarms_per_day
        )


def warm() -> None:
    """Have the kernels at hand: built while frames come, they would keep these waiting for half a minute, once a machine."""
    RegimeWatch()
    Recogniser([], dims=1)


def is_named(feature: str) -> bool:
    """Whether a feature's numbers are names."""
    return features.is_categorical(features.load(feature))
