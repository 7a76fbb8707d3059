"""The places in a recording that resemble a query, with their times."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.method import Method, Settled, settle
from midstream_cli.compare.named import Named
from midstream_cli.compare.search.find import find
from midstream_cli.compare.search.stretches import Stretch
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from midstream_cli.results import Place

Z_NORMALISE = "z-normalise"
ALGORITHMS = ("dtw", "euclidean", "edit")


def places(
    query: Named,
    stream: Named,
    method: Method | None = None,
    *,
    top: int | None = 3,
    threshold: float | None = None,
) -> list[Place]:
    """The stretches of a recording that are nearest to a query, the nearest first; no two share a vector.

    A signature is warped within its own window, where the method says none. With the transform `z-normalise`, which is
    the last where there are several, each stretch is normalised by itself. No stretch reaches across a silence.

    Args:
        top: how many at most; None for all that the threshold allows.
        threshold: the greatest normalised distance.

    Raises:
        UsageError: query and recording do not fit one another, or not the method.
    """
    method = method or Method()
    if method.algorithm is not None and method.algorithm not in ALGORITHMS:
        raise UsageError(f"{method.algorithm} finds nothing", f"choose one of {', '.join(ALGORITHMS)}")
    normalises = Z_NORMALISE in method.transforms
    if Z_NORMALISE in method.transforms[:-1]:
        raise UsageError(
            "what is found is z-normalised by itself, after all else", "let z-normalise be the last transform"
        )
    transforms = tuple(name for name in method.transforms if name != Z_NORMALISE)
    settled = settle([query, stream], replace(method, transforms=transforms))
    nearest = _found(settled, top, math.inf if top is None and threshold is not None else None, normalises)
    found = [one for one in nearest if threshold is None or one.normalised <= threshold]
    convention = f"{settled.convention}; each stretch z-normalised" if normalises else settled.convention
    half_s = 0.5 / stream.rate_hz if stream.rate_hz else 0.0
    return [
        Place(
            path=stream.name,
            query=query.name,
            feature=query.feature,
            rank=rank,
            start_s=None if stream.time_s is None else float(stream.time_s[one.start]) - half_s,
            end_s=None if stream.time_s is None else float(stream.time_s[one.end - 1]) + half_s,
            start_frame=one.start,
            end_frame=one.end,
            distance=one.distance,
            normalised=one.normalised,
            algorithm=settled.algorithm,
            convention=convention,
        )
        for rank, one in enumerate(found, 1)
    ]


def _found(settled: Settled, top: int | None, most: float | None, normalises: bool) -> list[Stretch]:
    """The stretches, by the positions of the recording's vectors."""
    query, stream = settled.sequences
    if settled.algorithm == "edit":
        return find(query.values[:, 0].tolist(), stream.values[:, 0].tolist(), k=top, threshold=most, algorithm="edit")
    values, positions = _unbroken(stream)
    settings: dict[str, Any] = settled.settings
    if settled.algorithm == "dtw" and query.signature is not None and not settings.keys() & {"window", "convention"}:
        settings = settings | {"window": query.signature.window}
    settings = {"k": top, "threshold": most, "algorithm": settled.algorithm, "normalise": normalises} | settings
    found = find(query.values, values, **settings)
    return [replace(one, start=int(positions[one.start]), end=int(positions[one.end - 1]) + 1) for one in found]


def _unbroken(stream: Named) -> tuple[Float64, npt.NDArray[np.intp]]:
    """Vectors with one that is not finite in each silence, and the positions at which they came."""
    positions = np.arange(len(stream.values))
    if stream.rate_hz is None or stream.time_s is None:
        return stream.values, positions
    silences = np.flatnonzero(np.diff(stream.time_s) > 1.5 / stream.rate_hz) + 1
    return np.insert(stream.values, silences, np.nan, axis=0), np.insert(positions, silences, -1)
