"""Vectors of whole streams, to compare with, and signatures of what is in them."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.recordings import Recording
from midstream_cli.streams.vectors import Track, VectorStream


def collect(pieces: Iterable[Recording], stream: VectorStream) -> Track:
    """All vectors of a stream that ends."""
    tracks = [stream.push(piece) for piece in pieces]
    return Track.joined([*tracks, stream.finish()])


def sign(name: str, feature: str, length: int, dims: int, seed: int = 1, **changed: Any) -> Signature:
    """A signature drawn at random, near what the strategies' streams look like."""
    random = np.random.default_rng(seed)
    centre = {"doppler": -3.0, "bands8": 1.0, "amplitude-l2": 1.0, "mean-amplitude": 20.0}.get(feature, 0.0)
    vectors = random.normal(centre, 0.3, (length, dims))
    return Signature(name, f"label of {name}", vectors, feature, **({"window": max(1, length // 8)} | changed))
