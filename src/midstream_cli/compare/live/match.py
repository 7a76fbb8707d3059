"""Every window of a stream against every signature of a library."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from midstream_cli.compare.live.groups import Group, grouped, other_dims, sender
from midstream_cli.compare.many import batch
from midstream_cli.compare.names import edit_batch
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.frames import Float64, Frame, Int64, StreamInfo
from midstream_cli.recordings import Recording, of_frames
from midstream_cli.results import Match
from midstream_cli.streams import features
from midstream_cli.streams.vectors import RATE_HZ


def distances(signature: Signature, windows: Float64) -> Float64:
    """How far each of many windows, shape (count, length, dims), is from a signature, shape (count,).

    Names are compared by normalised edit distance, everything else by normalised DTW in units of the background.
    """
    if _is_categorical(signature):
        return _edits([signature], windows)[:, 0]
    template = signature.whiten(signature.vectors)
    return batch.distances(signature.whiten(windows), [template], window=signature.window)[:, 0]


def _is_categorical(signature: Signature) -> bool:
    return bool(signature.feature_kind) and features.is_categorical(features.load(signature.feature_kind))


def _edits(signatures: Sequence[Signature], windows: Float64) -> Float64:
    """Normalised edit distances, shape (windows, signatures)."""
    names = windows[:, :, 0].astype(np.int64)
    templates = [signature.vectors[:, 0].astype(np.int64) for signature in signatures]
    longest = np.maximum(names.shape[1], [len(template) for template in templates])
    return edit_batch.distances(names, templates) / longest


class MatchSignatures:
    """Compares the last vectors before each multiple of `hop_s` with each signature, and ranks the signatures.

    A window is as long as the signature it is compared with; windows across or after a silence that could not be bridged
    are left out, and so are those with a missing number. Tokens and plain numbers are counted in vectors, and `hop_s` is
    then a number of vectors.
    """

    def __init__(
        self,
        signatures: Sequence[Signature],
        *,
        hop_s: float | None = None,
        top: int = 3,
        info: StreamInfo | None = None,
    ) -> None:
        """Group the signatures by what they need measured.

        Args:
            hop_s: distance of windows; by default half the shortest signature. It is at least one vector.
            top: signatures reported for each window.
            info: what is known of the stream where it comes frame by frame; a recording tells it itself.

        Raises:
            SignatureError: there is none, or they are of different kinds of stream.
        """
        self._groups = grouped(signatures)
        self._top = top
        self._hop = _hop(self._groups, hop_s)
        self._step = 0
        """Slots passed so far."""
        self._info = info or StreamInfo()
        self._node: str | None = None

    @classmethod
    def example(cls) -> "MatchSignatures":
        """A small instance."""
        ramp = np.linspace(0.0, 1.0, 8)[:, None]
        signature = Signature("ramp", "ramp", ramp, "mean-amplitude", window=2, rate_hz=RATE_HZ)
        return cls([signature], hop_s=0.25, info=StreamInfo(source="example"))

    def update(self, frame: Frame) -> Sequence[Match]:
        """Take one frame."""
        return self.extend(of_frames(self._info, [frame]))

    def extend(self, recording: Recording) -> Sequence[Match]:
        """Take the frames of a recording of one link."""
        if len(recording) == 0:
            return ()
        if self._node is None:
            self._info, self._node = recording.info, sender(recording)
        for group in self._groups:
            group.add(group.stream.push(recording))
        return self._ready(last=False)

    def finish(self) -> Sequence[Match]:
        """The windows that the end completes."""
        for group in self._groups:
            group.add(group.stream.finish())
        return self._ready(last=True)

    def _ready(self, *, last: bool) -> list[Match]:
        """All windows whose vectors have come, in the order of time."""
        reached = [group.reached for group in self._groups]
        if None in reached:
            return []
        # nothing comes after the last vector, so that it is the last before every end within a period
        until = min((at or 0) + (group.period if last else 0) for at, group in zip(reached, self._groups, strict=True))
        ends = self._ends(until)
        matches = self._ranked([found for group in self._groups for found in self._compare(group, ends)], len(ends))
        for group in self._groups:
            group.forget_before(until)
        return matches

    def _ends(self, until: int) -> Int64:
        """Where windows end from the last slot on, as far as vectors have come."""
        start = self._start_ns if self._groups[0].stream.on_grid else 0
        begun, self._step = self._step, max(self._step, (until - start) // self._hop)
        if self._step == begun:
            return np.empty(0, np.int64)
        # only slots that a vector is in: a silence of years has too many
        slots = np.unique(np.concatenate([(group.clock - start) // self._hop + 1 for group in self._groups]))
        return start + slots[(slots > begun) & (slots <= self._step)] * self._hop

    @property
    def _start_ns(self) -> int:
        """Time of the first frame."""
        return next((group.stream.start_ns for group in self._groups if group.stream.start_ns is not None), 0)

    def _compare(self, group: Group, ends: Int64) -> "list[_Found]":
        """Distances of the windows that end before each of `ends`, per signature."""
        clock, values = group.clock, group.kept.values
        if len(clock) == 0 or len(ends) == 0:
            return []
        stops = np.searchsorted(clock, ends)
        bad = np.concatenate([[0], np.cumsum(~np.isfinite(values).all(axis=1))])
        found = []
        for alike in _alike(group.signatures):
            length = alike[0].length
            starts = stops - length
            first, final = clock[np.maximum(starts, 0)], clock[np.maximum(stops, 1) - 1]
            unbroken = final - first == (length - 1) * group.period
            which = np.flatnonzero((starts >= 0) & unbroken & (ends - final <= group.period))
            for signature in alike:
                if len(which) and values.shape[1] != signature.vectors.shape[1]:
                    raise other_dims(signature, values.shape[1])
            which = which[bad[stops[which]] == bad[starts[which]]]
            if len(which):
                apart = _distances(alike, values, starts[which])
                found += [
                    _Found(signature, which, apart[:, k], starts[which], group) for k, signature in enumerate(alike)
                ]
        return found

    def _ranked(self, found: "list[_Found]", slots: int) -> list[Match]:
        by_slot: list[list[tuple[float, str, _Found, int]]] = [[] for _ in range(slots)]
        for each in found:
            for i, slot in enumerate(each.slots.tolist()):
                by_slot[slot].append((float(each.distances[i]), each.signature.id, each, i))
        return [
            self._match(rank, distance, each, i)
            for candidates in by_slot
            for rank, (distance, _, each, i) in enumerate(sorted(candidates, key=lambda c: c[:2])[: self._top], 1)
        ]

    def _match(self, rank: int, distance: float, found: "_Found", i: int) -> Match:
        signature, group = found.signature, found.group
        first = int(found.starts[i])
        begin, end = group.kept.time_ns[first], group.kept.time_ns[first + signature.length - 1]
        timed = self._info.clock != "none"
        origin = self._start_ns if self._info.start_ns is None else self._info.start_ns
        half_period = 0.5 / group.stream.rate_hz if group.stream.on_grid else 0.0
        score = 1.0 / (1.0 + distance)
        return Match(
            path=self._info.source,
            node=self._node or "",
            start_s=(int(begin) - origin) / 1e9 - half_period if timed else None,
            end_s=(int(end) - origin) / 1e9 + half_period if timed else None,
            start_frame=group.position + first,
            end_frame=group.position + first + signature.length,
            rank=rank,
            signature_id=signature.id,
            label=signature.label,
            distance=distance,
            score=score,
            above_threshold=score >= signature.promotion_threshold,
        )


@dataclass(slots=True)
class _Found:
    """Distances of some windows from one signature."""

    signature: Signature
    slots: Int64
    """Which of the windows asked for."""
    distances: Float64
    starts: Int64
    """Where each begins in what the group keeps."""
    group: Group


def _alike(signatures: Sequence[Signature]) -> list[list[Signature]]:
    """Signatures of one length, in units of one background."""
    grouped: dict[object, list[Signature]] = {}
    for signature in signatures:
        known = signature.background
        units = None if known is None else (known.mean.tobytes(), known.deviation.tobytes())
        grouped.setdefault((signature.length, signature.vectors.shape, units), []).append(signature)
    return list(grouped.values())


def _distances(signatures: Sequence[Signature], values: Float64, starts: Int64) -> Float64:
    """How far windows of a stream are from signatures of one length and background, shape (windows, signatures)."""
    first = signatures[0]
    if _is_categorical(first):
        windows = values[starts[:, None] + np.arange(first.length)]
        return _edits(signatures, windows)
    return batch.distances(
        batch.Windows(first.whiten(values), starts, first.length),
        [first.whiten(signature.vectors) for signature in signatures],
        window=[signature.window for signature in signatures],
    )


def _hop(groups: Sequence[Group], hop_s: float | None) -> int:
    """Distance of windows in nanoseconds, or in vectors where they are counted."""
    if hop_s is None:
        return min(max(1, signature.length // 2) * group.period for group in groups for signature in group.signatures)
    least = min(group.period for group in groups)
    return max(least, round(hop_s * 1e9) if groups[0].stream.on_grid else round(hop_s))
