"""Signatures grouped by what they need measured: a stream is turned into vectors once for all that are alike."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.errors import SignatureError
from midstream_cli.frames import Int64, node_name
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording
from midstream_cli.streams.features import is_summary, load
from midstream_cli.streams.vectors import RATE_HZ, Track, VectorStream


@dataclass(slots=True)
class Group:
    """Signatures that are measured alike, and the vectors of the stream that they still need."""

    signatures: list[Signature]
    stream: VectorStream
    kept: Track = field(default_factory=lambda: Track(np.empty(0, np.int64), np.empty((0, 0))))
    position: int = 0
    """How many vectors came before those that are kept."""

    @property
    def reach(self) -> int:
        """Vectors of the longest signature."""
        return max(signature.length for signature in self.signatures)

    @property
    def period(self) -> int:
        """From vector to vector: nanoseconds on a grid, else 1."""
        return round(1e9 / self.stream.rate_hz) if self.stream.on_grid else 1

    @property
    def clock(self) -> Int64:
        """By what windows are placed: times on a grid, else positions."""
        if self.stream.on_grid:
            return self.kept.time_ns
        return np.arange(self.position, self.position + len(self.kept.time_ns))

    @property
    def reached(self) -> int | None:
        """What comes from now on is later on that clock."""
        if self.stream.on_grid:
            return self.stream.reached_ns
        return self.position + len(self.kept.time_ns) - 1 if self.position or len(self.kept.time_ns) else None

    def add(self, track: Track) -> None:
        """Take the vectors that come next."""
        if len(track.time_ns):
            self.kept = Track.joined([self.kept, track])

    def forget_before(self, end: int) -> None:
        """Drop what no window can need that ends later than that."""
        spare = int(np.searchsorted(self.clock, end)) - self.reach
        if spare > 0:
            self.kept = Track(self.kept.time_ns[spare:], self.kept.values[spare:])
            self.position += spare


def grouped(signatures: Sequence[Signature], *, every_frame: bool = False) -> list[Group]:
    """Signatures by what they need measured.

    Args:
        every_frame: channel state of signatures that name no rate is measured frame by frame; else at the usual rate.

    Raises:
        SignatureError: there is none, or they are of different kinds of stream.
    """
    alike: dict[str, list[Signature]] = {}
    for signature in signatures:
        feature = signature.feature_kind or "columns"
        measured = json.dumps([feature, signature.rate_hz, signature.parameters], sort_keys=True)
        alike.setdefault(measured, []).append(signature)
    groups = []
    for members in alike.values():
        first = members[0]
        feature = first.feature_kind or "columns"
        usual = None if every_frame and not is_summary(load(feature)) else RATE_HZ
        stream = VectorStream(feature, parameters=first.parameters, rate_hz=first.rate_hz or usual)
        groups.append(Group(members, stream))
    if not groups:
        raise SignatureError("there is no signature to compare with", "midstream capture-signature makes one")
    if len({load(group.stream.feature).KIND for group in groups}) > 1:
        kinds = sorted({signature.feature_kind for signature in signatures})
        raise SignatureError(
            f"signatures of different kinds of stream are mixed: {', '.join(kinds)}", "keep a folder for each kind"
        )
    return groups


def sender(recording: Recording) -> str:
    """Who sent the frames of one link."""
    if isinstance(recording, CsiRecording):
        return node_name(int(recording.node[0]))
    return str(int(recording.choice[0])) if isinstance(recording, TokenRecording) else ""


def other_dims(signature: Signature, dims: int) -> SignatureError:
    """A signature whose vectors are not like the stream's."""
    return SignatureError(
        f"{signature.path or signature.id} has vectors of {signature.vectors.shape[1]} dimensions, the stream's have {dims}",
        "capture the signature from a stream with the same layout, with midstream capture-signature",
    )
