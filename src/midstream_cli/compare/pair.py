"""Two sequences compared as wholes, whatever they are."""

import math
from dataclasses import dataclass
from typing import Literal

from midstream_cli.compare import edit
from midstream_cli.compare.dtw import dtw
from midstream_cli.compare.euclidean import euclidean
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64
from midstream_cli.results import Comparison
from midstream_cli.streams.features import Parameters

Algorithm = Literal["dtw", "euclidean", "lcs", "edit"]
ALGORITHMS: tuple[Algorithm, ...] = ("dtw", "euclidean", "lcs", "edit")


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """A sequence of vectors, shape (n, dims), and what it is."""

    name: str
    feature: str
    values: Float64
    categorical: bool = False
    """The numbers stand for names."""
    parameters: Parameters | None = None
    """What the feature was fitted to."""
    rate_hz: float | None = None
    """Vectors a second, where they come at an even rate."""


def compare(a: Named, b: Named, algorithm: Algorithm | None = None, window: int | None = None) -> Comparison:
    """Compare two sequences of the same feature; by default names by edit distance, everything else by DTW.

    Raises:
        UsageError: they hold different features, or at different rates, or the algorithm does not exist or does not fit
            them.
    """
    if algorithm is not None and algorithm not in ALGORITHMS:
        raise UsageError(f"no algorithm is called {algorithm!r}", f"known are {', '.join(ALGORITHMS)}")
    if a.feature != b.feature:
        raise UsageError(
            f"{a.name} holds {a.feature or 'no named feature'}, {b.name} holds {b.feature or 'no named feature'}",
            "compare sequences of one feature, or choose one with --feature",
        )
    if a.rate_hz is not None and b.rate_hz is not None and not math.isclose(a.rate_hz, b.rate_hz):
        raise UsageError(
            f"{a.name} has {a.rate_hz:g} vectors a second, {b.name} {b.rate_hz:g}",
            "capture both at one rate, with --rate",
        )
    categorical = a.categorical or b.categorical
    chosen = algorithm or ("edit" if categorical else "dtw")
    if categorical and chosen in ("dtw", "euclidean"):
        raise UsageError(f"{a.feature} are names, which {chosen} cannot compare", "choose --algorithm edit or lcs")
    if not categorical and chosen in ("lcs", "edit"):
        raise UsageError(
            f"{a.feature} are measured numbers, hardly ever equal, which {chosen} needs",
            "choose --algorithm dtw or euclidean",
        )
    if chosen in ("lcs", "edit"):
        kernel = edit.lcs if chosen == "lcs" else edit.edit_distance
        edits = kernel(a.values[:, 0].tolist(), b.values[:, 0].tolist())
        return _row(a, b, chosen, edits.distance, edits.normalised, edits.path.tolist())
    aligned = (
        euclidean(a.values, b.values)
        if chosen == "euclidean"
        else dtw(a.values, b.values, window=window, alignment=True)
    )
    return _row(
        a, b, chosen, aligned.distance, aligned.normalised, aligned.path.tolist() if aligned.path is not None else []
    )


def _row(a: Named, b: Named, algorithm: str, distance: float, normalised: float, path: list[list[int]]) -> Comparison:
    return Comparison(
        a=a.name,
        b=b.name,
        feature=a.feature,
        algorithm=algorithm,
        length_a=len(a.values),
        length_b=len(b.values),
        distance=float(distance),
        normalised=float(normalised),
        alignment=path,
    )
