"""The stretches of a stream that a query may be found in, whatever the measure."""

import math

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.search.memory import Take, lent
from midstream_cli.compare.search.profile import Profile, Windows, moderate
from midstream_cli.compare.search.stretches import Candidates, Stretch, disjoint, nearest
from midstream_cli.compare.search.subsequence import PATTERNS, BandedEnds, Ends
from midstream_cli.compare.warping.convention import Convention
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

ORDINARY = 400
"""Squares of numbers up to 2 to this power, and of their last digits down to minus this, are numbers too."""

FAR = 2.0**500
"""Squares of numbers up to this can be summed; frames beyond it, next to a query of ordinary numbers, are gaps."""


class Search:
    """A query and a stream, brought to a magnitude whose squares are numbers."""

    def __init__(
        self,
        query: Float64,
        stream: Float64,
        measure: Convention,
        width: int | None,
        *,
        windows: bool,
        normalise: bool,
    ) -> None:
        """Set frames aside that are not finite, or far too great.

        Args:
            query: shape (n, dims), finite.
            stream: shape (frames, dims).
            measure: what a distance is.
            width: of a Sakoe-Chiba band.
            windows: stretches are as long as the query, and compared position by position.
            normalise: they are as long, and each is compared in its own scale.

        Raises:
            UsageError: no frame is left.
        """
        self._measure, self._width, self._windows, self._normalise = measure, width, windows, normalise
        self._squared = measure.metric == "squared"
        self._taken = 0
        finite, greatest = _finite(stream)
        if normalise:
            stream = moderate(stream, greatest)
        else:
            self._taken = _taken(query, stream, finite, greatest)
            if self._taken:
                query, stream = np.ldexp(query, -self._taken), np.ldexp(stream, -self._taken)
            if greatest > FAR:
                finite = finite & (np.abs(stream) <= FAR).all(axis=1)
                if not finite.any():
                    raise UsageError("query and stream are too far apart for a number", "check their values")
        if not finite.all():
            stream = np.where(finite[:, None], stream, 0.0)
        self._query, self._stream, self._spans = query, stream, _spans(finite)

    def found(self, k: int | None, threshold: float, overlapping: bool) -> list[Stretch]:
        """The stretches, in the values' own unit; arguments as of `find`.

        Raises:
            UsageError: a distance is too large for a number.
        """
        rooted, squared = self._measure.rooted, self._squared and not self._measure.rooted
        limit = _over(threshold, self._taken * (2 if squared else 1))
        limit = limit * limit if rooted else limit
        with lent() as take:
            taken = (nearest if overlapping else disjoint)(self._candidates(k, limit, overlapping, take), k, limit)
        distances = np.array([distance for *_, distance in taken])
        distances = _put_back(np.sqrt(distances) if rooted else distances, self._taken * (2 if squared else 1))
        return [
            Stretch(start, end, distance, distance / self._growth(end - start))
            for (start, end, _), distance in zip(taken, distances.tolist(), strict=True)
        ]

    def _candidates(self, k: int | None, limit: float, overlapping: bool, take: Take) -> Candidates:
        query, stream, spans = self._query, self._stream, self._spans
        pattern, rooted = self._measure.step_pattern, not self._squared
        if self._windows:
            return Profile(query, stream, spans, take, normalise=self._normalise).euclidean()
        if self._normalise:
            return self._own_scale(Profile(query, stream, spans, take, normalise=True), k, limit, overlapping)
        if self._width is not None:
            return BandedEnds(query, stream, spans, pattern, rooted, self._width)
        return Ends(query, stream, spans, pattern, rooted, take)

    def _own_scale(self, profile: Profile, k: int | None, limit: float, overlapping: bool) -> Windows:
        width = profile.n if self._width is None else self._width
        pattern, rooted = PATTERNS[self._measure.step_pattern], not self._squared
        if k is None or k == 1 or overlapping:
            return profile.warped(width, pattern, rooted=rooted, bound=limit, k=k)
        # of windows that share no frame, each that is taken rules out two
        return profile.warped(width, pattern, rooted=rooted, bound=limit, k=2 * k - 1, cell=profile.n)

    def _growth(self, length: int) -> float:
        """What the distance of a stretch grows with."""
        n = len(self._query)
        if self._windows:
            return math.sqrt(n)
        return float(n + length if self._measure.step_pattern == "symmetric2" else n)


def _put_back(distances: Float64, taken: int) -> Float64:
    """Distances with a power of two put back.

    Raises:
        UsageError: one is too large, or too small but not 0, for a number.
    """
    if taken == 0:
        return distances
    with np.errstate(over="ignore", under="ignore"):
        found: Float64 = np.ldexp(distances, taken)
    if np.isinf(found).any() or ((found == 0) & (distances > 0)).any():
        raise UsageError("a distance is too large or too small for a number", "multiply all values by the same number")
    return found


def _over(threshold: float, taken: int) -> float:
    """A threshold without a power of two; beyond all numbers, it allows everything."""
    try:
        return math.ldexp(threshold, -taken)
    except OverflowError:
        return math.inf


def _finite(stream: Float64) -> tuple[npt.NDArray[np.bool_], float]:
    """Which frames are finite, and the greatest finite number without its sign."""
    greatest = max(float(stream.max()), -float(stream.min()))
    if math.isfinite(greatest):
        return np.ones(len(stream), np.bool_), greatest
    finite: npt.NDArray[np.bool_] = np.asarray(np.isfinite(stream).all(axis=1))
    return finite, float(np.abs(stream[finite]).max(initial=0.0))


def _taken(query: Float64, stream: Float64, finite: npt.NDArray[np.bool_], greatest: float) -> int:
    """The power of two that is taken out of the query and the stream; 0 for ordinary numbers."""
    size = float(np.abs(query).max())
    ordinary = 2.0**ORDINARY
    if 1 / ordinary < size < ordinary and greatest < ordinary:
        return 0
    smallest = float(np.abs(stream[finite]).max(axis=1).min(initial=math.inf))
    exponent = math.frexp(max(size, smallest if smallest < math.inf else 0.0) or greatest)[1]
    return exponent if abs(exponent) > ORDINARY else 0


def _spans(finite: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Runs of finite frames: the first of each, and the one after its last."""
    if finite.all():
        return [(0, len(finite))]
    edges = np.flatnonzero(np.diff(finite.astype(np.int8), prepend=0, append=0))
    return [(low, high) for low, high in edges.reshape(-1, 2).tolist()]
