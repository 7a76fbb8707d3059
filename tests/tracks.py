"""Vectors of whole streams, to compare with."""

from collections.abc import Iterable

from midstream_cli.recordings import Recording
from midstream_cli.streams.vectors import Track, VectorStream


def collect(pieces: Iterable[Recording], stream: VectorStream) -> Track:
    """All vectors of a stream that ends."""
    tracks = [stream.push(piece) for piece in pieces]
    return Track.joined([*tracks, stream.finish()])
