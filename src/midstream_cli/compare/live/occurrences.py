"""Where signatures occur in a stream, at any length and speed, told as soon as it is certain."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.live.groups import Group, grouped, other_dims, sender
from midstream_cli.compare.live.spring import Spring, Subsequence
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.errors import SignatureError
from midstream_cli.frames import Frame, Int64, StreamInfo
from midstream_cli.recordings import Recording, of_frames
from midstream_cli.results import Occurrence
from midstream_cli.streams import features
from midstream_cli.streams.vectors import RATE_HZ, Track


class FindOccurrences:
    """Finds the stretches of a stream that signatures match: disjoint for each signature, of any length.

    What a match is, `Spring` defines. No stretch reaches across a silence that could not be bridged, or a missing
    number. Signatures do not compete: one stretch may be an occurrence of several.
    """

    def __init__(
        self, signatures: Sequence[Signature], *, threshold: float | None = None, info: StreamInfo | None = None
    ) -> None:
        """Group the signatures by what they need measured.

        Args:
            threshold: the greatest normalised distance of an occurrence; by default what each signature's promotion
                threshold allows.
            info: what is known of the stream where it comes frame by frame; a recording tells it itself.

        Raises:
            SignatureError: there is none, or they are of different kinds of stream, or of names, or they differ in their
                step pattern.
            UsageError: `Spring` does.
        """
        for signature in signatures:
            if features.is_categorical(features.load(signature.feature_kind or "columns")):
                raise SignatureError(
                    f"{signature.path or signature.id} is of {signature.feature_kind}, names without distances to warp by",
                    "compare windows with it instead, without --occurrences",
                )
        self._watches = [_Watch(group, _spring(group.signatures, threshold)) for group in grouped(signatures)]
        self._decided: list[_Decided] = []
        self._info = info or StreamInfo()
        self._node: str | None = None

    @classmethod
    def example(cls) -> "FindOccurrences":
        """A small instance."""
        ramp = np.linspace(15.0, 25.0, 6)[:, None]
        signature = Signature("ramp", "ramp", ramp, "mean-amplitude", promotion_threshold=0.4, rate_hz=RATE_HZ)
        return cls([signature], info=StreamInfo(source="example"))

    def update(self, frame: Frame) -> Sequence[Occurrence]:
        """Take one frame."""
        return self.extend(of_frames(self._info, [frame]))

    def extend(self, recording: Recording) -> Sequence[Occurrence]:
        """Take the frames of a recording of one link."""
        if len(recording) == 0:
            return ()
        if self._node is None:
            self._info, self._node = recording.info, sender(recording)
        for at, watch in enumerate(self._watches):
            self._decided += watch.take(watch.group.stream.push(recording), at)
        return self._told(min(watch.reached for watch in self._watches))

    def finish(self) -> Sequence[Occurrence]:
        """The occurrences that the end decides."""
        for at, watch in enumerate(self._watches):
            self._decided += watch.take(watch.group.stream.finish(), at)
            self._decided += watch.finish(at)
        return self._told(math.inf)

    def _told(self, until: float) -> list[Occurrence]:
        """What was decided up to a moment, in the order in which it was, whatever is measured sooner or later."""
        self._decided.sort()
        told = [each for each in self._decided if each.moment <= until]
        self._decided = self._decided[len(told) :]
        return [self._occurrence(each) for each in told]

    def _occurrence(self, decided: "_Decided") -> Occurrence:
        group, found = self._watches[decided.watch].group, decided.found
        signature = group.signatures[found.signature]
        timed = self._info.clock != "none"
        starts = (watch.group.stream.start_ns for watch in self._watches)
        origin = next((start for start in starts if start is not None), 0)
        origin = origin if self._info.start_ns is None else self._info.start_ns
        half_period = 0.5 / group.stream.rate_hz if group.stream.on_grid else 0.0
        return Occurrence(
            path=self._info.source,
            node=self._node or "",
            start_s=(decided.start_ns - origin) / 1e9 - half_period if timed else None,
            end_s=(decided.end_ns - origin) / 1e9 + half_period if timed else None,
            start_frame=found.start,
            end_frame=found.end,
            decided_frame=found.decided,
            signature_id=signature.id,
            label=signature.label,
            distance=found.normalised,
            score=1.0 / (1.0 + found.normalised),
        )


class _Decided(NamedTuple):
    """A match, and when it was certain: a time on a grid, else a position."""

    moment: float
    watch: int
    found: Subsequence
    start_ns: int
    end_ns: int


@dataclass(slots=True)
class _Watch:
    """Signatures that are measured alike, and the matcher that looks for them."""

    group: Group
    spring: Spring
    last_ns: int | None = None
    """Time of the last vector."""
    positions: Int64 = field(default_factory=lambda: np.empty(0, np.int64))
    """Of vectors that an occurrence can still begin or end with."""
    times: Int64 = field(default_factory=lambda: np.empty(0, np.int64))
    """When they were."""

    @property
    def reached(self) -> float:
        """What is decided from now on is decided later."""
        if not self.group.stream.on_grid:
            return self.spring.position - 1
        return -math.inf if self.group.stream.reached_ns is None else self.group.stream.reached_ns

    def take(self, track: Track, watch: int) -> list[_Decided]:
        """Look through the vectors that come next; `watch` is the place of this one among all."""
        if len(track.time_ns) == 0:
            return []
        for signature in self.group.signatures:
            if track.values.shape[1] != signature.vectors.shape[1]:
                raise other_dims(signature, track.values.shape[1])
        first = self.spring.position
        self.positions = np.concatenate([self.positions, np.arange(first, first + len(track.time_ns))])
        self.times = np.concatenate([self.times, track.time_ns])
        decided = []
        broken = self._broken(track.time_ns)
        for begin, end in pairwise(np.unique([0, *np.flatnonzero(broken), len(track.time_ns)]).tolist()):
            if broken[begin]:
                decided += [self._placed(found, watch, self._moment(first + begin)) for found in self.spring.finish()]
            for found in self.spring.extend(track.values[begin:end]):
                decided.append(self._placed(found, watch, self._moment(found.decided - 1)))
        self.last_ns = int(track.time_ns[-1])
        self._drop()
        return decided

    def finish(self, watch: int) -> list[_Decided]:
        """What the end decides."""
        return [self._placed(found, watch, math.inf) for found in self.spring.finish()]

    def _broken(self, at: Int64) -> npt.NDArray[np.bool_]:
        """Whether something is missing before each vector."""
        if not self.group.stream.on_grid:
            return np.zeros(len(at), np.bool_)
        last = int(at[0]) - self.group.period if self.last_ns is None else self.last_ns
        broken: npt.NDArray[np.bool_] = np.diff(at, prepend=last) != self.group.period
        return broken

    def _moment(self, position: int) -> float:
        """When a vector comes, on the clock by which what is decided is put in order."""
        return float(self._time(position) if self.group.stream.on_grid else position)

    def _time(self, position: int) -> int:
        return int(self.times[np.searchsorted(self.positions, position)])

    def _placed(self, found: Subsequence, watch: int, moment: float) -> _Decided:
        return _Decided(moment, watch, found, self._time(found.start), self._time(found.end - 1))

    def _drop(self) -> None:
        """Forget the times of vectors that no occurrence can begin or end with any more."""
        used = np.isin(self.positions, self.spring.in_use())
        self.positions, self.times = self.positions[used], self.times[used]


def _spring(signatures: Sequence[Signature], threshold: float | None) -> Spring:
    patterns = sorted({signature.step_pattern for signature in signatures})
    if len(patterns) > 1:
        raise SignatureError(
            f"signatures of different step patterns are mixed: {', '.join(patterns)}", "keep a folder for each"
        )
    return Spring(signatures, threshold=threshold, step_pattern=patterns[0])
