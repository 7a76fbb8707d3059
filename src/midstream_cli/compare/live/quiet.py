"""How much evidence for signatures a stream brings in which none of them occurs, and how much each brings itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from midstream_cli.compare.live.groups import Group, grouped, other_dims
from midstream_cli.compare.recognition.calibrate import Peaks
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.recognition.templates import pooled
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.frames import Float64, Int64
from midstream_cli.recordings import Recording
from midstream_cli.streams.features import is_categorical, load
from midstream_cli.streams.vectors import SILENCE_NS, Track

FAR = 100.0
"""Nats that are asked for while evidence is measured, so that nothing is told, and nothing below them is cut off."""

LOOK_EVERY = 32
"""Vectors from one look at whether the background is steady to the next."""


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """What one stream brought for one signature, while its background was steady."""

    signature_id: str
    positions: Int64
    """Shape (n,): of separate peaks, in vectors of a steady background."""
    heights: Float64
    """Shape (n,): nats."""
    vectors: int
    """Of a steady background."""
    seconds: float
    unsettled: float
    """Share of the vectors at which the background was not steady."""
    own: float
    """Nats that the signature brings when it is added to this background."""
    usual: float
    """Nats that are asked for without a calibration."""
    highest_s: float | None
    """When the most came, in seconds since the stream began; null where it has no times, or brought nothing."""


class Quiet:
    """Measures the evidence that a stream without motion brings for signatures, in memory for its peaks only."""

    def __init__(self, signatures: Sequence[Signature], false_alarms_per_day: float) -> None:
        """Group the signatures by what they need measured.

        Args:
            false_alarms_per_day: what is going to be asked for of all of them together.

        Raises:
            SignatureError: there is none, or they are of different kinds of stream.
        """
        self._signatures = list(signatures)
        self._parts = [_Part(group, false_alarms_per_day) for group in grouped(signatures, every_frame=True)]

    def push(self, piece: Recording) -> None:
        """Take the next frames of one link.

        Raises:
            SignatureError: signatures have vectors of another size than the stream.
            FormatError: signatures are of another kind of stream.
        """
        for part in self._parts:
            part.timed = piece.info.clock != "none"
            part.take(part.group.stream.push(piece))

    def finish(self) -> list[Brought]:
        """What the stream brought, in the order of the signatures; it is over."""
        for part in self._parts:
            part.take(part.group.stream.finish())
        found = {each.signature_id: each for part in self._parts for each in part.brought()}
        return [found[signature.id] for signature in self._signatures]


class _Part:
    """The signatures that are measured alike."""

    def __init__(self, group: Group, false_alarms_per_day: float) -> None:
        self.group = group
        self.timed = False
        self._alarms = false_alarms_per_day
        self._recogniser: Recogniser | None = None
        self._peaks = [Peaks(signature.length) for signature in group.signatures]
        self._highest: list[tuple[float, int | None]] = [(0.0, None)] * len(group.signatures)
        self._latest = Track.joined([])
        self._vectors = self._unsettled = 0
        self._seconds = 0.0

    def take(self, track: Track) -> None:
        """Take vectors that follow one another."""
        if len(track.time_ns) == 0:
            return
        if self._recogniser is None:
            self._recogniser = self._begin(track.values.shape[1])
        before = self._latest.time_ns[-1:] if len(self._latest.time_ns) else track.time_ns[:1]
        steps = np.diff(np.concatenate([before, track.time_ns]))
        silent = np.flatnonzero(steps > SILENCE_NS) if self.timed else np.empty(0, np.int64)
        for stretch in np.split(np.arange(len(steps)), silent):
            if len(stretch) == 0:
                continue
            if steps[stretch[0]] > SILENCE_NS and self.timed:
                self._recogniser.interrupt()
            for first in range(0, len(stretch), LOOK_EVERY):
                inside = slice(stretch[first], stretch[min(first + LOOK_EVERY, len(stretch)) - 1] + 1)
                self._note(Track(track.time_ns[inside], track.values[inside]), steps[inside])
        joined = Track.joined([self._latest, track])
        self._latest = Track(joined.time_ns[-self.group.reach :], joined.values[-self.group.reach :])

    def _begin(self, dims: int) -> Recogniser:
        for signature in self.group.signatures:
            if signature.vectors.shape[1] != dims:
                raise other_dims(signature, dims)
        far = [replace(signature, evidence_threshold=FAR) for signature in self.group.signatures]
        return Recogniser(far, rate_hz=self.group.stream.counted_hz, false_alarms_per_day=self._alarms)

    def _note(self, track: Track, steps: Int64) -> None:
        """Take a few vectors; while the background is not steady, nothing is told, so that nothing counts."""
        assert self._recogniser is not None
        evidence = self._recogniser.trace(track.values)
        if self._recogniser.state != "steady":
            self._unsettled += len(evidence) * (self._recogniser.state == "unsettled")
            return
        self._vectors += len(evidence)
        heard = float(steps[steps <= SILENCE_NS].sum()) / 1e9
        self._seconds += heard if self.timed else len(evidence) / self.group.stream.counted_hz
        for which, peaks in enumerate(self._peaks):
            peaks.push(np.ascontiguousarray(evidence[:, which]))
            at = int(evidence[:, which].argmax())
            if evidence[at, which] > self._highest[which][0]:
                self._highest[which] = float(evidence[at, which]), int(track.time_ns[at])

    def brought(self) -> list[Brought]:
        """What came of each signature."""
        own = self._own()
        found = []
        for which, signature in enumerate(self.group.signatures):
            positions, heights = self._peaks[which].found()
            found.append(
                Brought(
                    signature.id,
                    positions,
                    heights,
                    self._vectors,
                    self._seconds,
                    self._unsettled / max(1, self._unsettled + self._vectors),
                    own[which],
                    self._recogniser.threshold if self._recogniser else FAR,
                    self._since_start(self._highest[which][1]),
                )
            )
        return found

    def _since_start(self, time_ns: int | None) -> float | None:
        start_ns = self.group.stream.start_ns
        if time_ns is None or start_ns is None or not self.timed:
            return None
        return (time_ns - start_ns) / 1e9

    def _own(self) -> list[float]:
        """The evidence of each signature for itself, on the latest vectors of the stream."""
        recogniser, idle = self._recogniser, self._latest.values
        if recogniser is None:
            return [0.0] * len(self.group.signatures)
        known = [signature.background for signature in self.group.signatures if signature.background is not None]
        shared, named = pooled(known), is_categorical(load(self.group.stream.feature))
        found = []
        for which, signature in enumerate(self.group.signatures):
            rows, background = signature.vectors, signature.background or shared
            if not named:
                rows = np.resize(idle, rows.shape) + rows - (0.0 if background is None else background.mean)
            recogniser.extend(idle)
            recogniser.interrupt()
            found.append(float(recogniser.trace(rows)[:, which].max()))
            recogniser.interrupt()
        return found
