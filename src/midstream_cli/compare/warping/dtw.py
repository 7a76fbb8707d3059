"""Dynamic time warping of two sequences: exact, in the convention of whichever library is meant.

By default a diagonal step counts twice, so that the distance over n + m is per step (H. Sakoe, S. Chiba, "Dynamic
programming algorithm optimization for spoken word recognition", IEEE Trans. ASSP 26, 1978: symmetric form P = 0, here
`symmetric2`). The first pair counts once, as in the pattern of that name in dtw-python (T. Giorgino, J. Stat. Soft. 31(7),
2009), not twice as in the paper.
"""

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.warping import magnitude, short
from midstream_cli.compare.warping.accumulation import Found, Plan, accumulated
from midstream_cli.compare.warping.alignment import Alignment as Alignment  # noqa: PLC0414 - what `dtw` returns comes from here too
from midstream_cli.compare.warping.alignment import made
from midstream_cli.compare.warping.convention import Convention, chosen
from midstream_cli.compare.warping.values import numbers
from midstream_cli.compare.warping.window import allows, limits
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64, Int64

StepPattern = Literal["symmetric1", "symmetric2", "asymmetric"]
Metric = Literal["euclidean", "squared"]
Library = Literal["midstream", "dtw-python", "dtaidistance", "aeon", "tslearn"]
Shape = Literal["sakoe-chiba", "itakura"]


def dtw(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    window: float | None = None,
    step_pattern: StepPattern | None = None,
    convention: Library | None = None,
    alignment: bool = False,
    window_shape: Shape = "sakoe-chiba",
    open_begin: bool = False,
    open_end: bool = False,
    metric: Metric | None = None,
    independent: bool = False,
) -> Alignment:
    """Align two sequences of shape (n,) or (n, dims).

    Args:
        window: positions may differ by so many at most; of an Itakura parallelogram the largest slope, 2 if not given; in
            a convention, what the number means there. None for any path.
        step_pattern: `symmetric2`, `symmetric1` or `asymmetric`, as dtw-python defines them.
        convention: the library whose number is wanted, for the same arguments.
        alignment: find the path too.
        window_shape: `sakoe-chiba` or `itakura`.
        open_begin: the path may begin anywhere in the second sequence.
        open_end: it may end anywhere there: with `symmetric2` where the distance per step is least, with an open begin
            or other steps where the distance is least. With both ends open, the normalised distance of `symmetric2` is
            over n and the vectors that were met.
        metric: the local cost: `euclidean` distance, or `squared`.
        independent: each dimension is aligned on its own, and the distances added.

    Raises:
        UsageError: a sequence is empty, holds NaN, or has other dimensions than the other; the window leaves no path; a
            name is unknown, or the convention has no such thing; the alignment would be too large to hold, or the
            distance too large or too small for a number.
    """
    if window is None and window_shape == "sakoe-chiba" and not (open_begin or open_end or independent):
        how = short.HOW.get((convention, step_pattern, metric))
        if how is not None and alignment:
            found = short.with_path(a, b, how)
            if found is not None:
                return found
        elif how is not None:
            try:
                cost = short.pair(a, b, short.scratch, how[0])
            except TypeError:
                cost = short.other_kind(a, b, how[0])
            if cost >= 0.0:
                if how[1]:
                    cost = math.sqrt(cost)
                return made(Alignment, (cost, cost / (len(a) + len(b)) if how[2] else math.nan, None, ()))  # type: ignore[arg-type]
    return _align(
        a,
        b,
        chosen(convention, step_pattern, metric),
        window,
        window_shape,
        alignment,
        open_begin,
        open_end,
        independent,
    )


def distance(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    *,
    window: float | None = None,
    step_pattern: StepPattern | None = None,
    convention: Library | None = None,
    metric: Metric | None = None,
    **options: Any,
) -> float:
    """The distance of `dtw` alone, for loops over short sequences; it takes the same arguments."""
    if window is None and not options:
        how = short.HOW.get((convention, step_pattern, metric))
        if how is not None:
            try:
                cost = short.pair(a, b, short.scratch, how[0])
            except TypeError:
                cost = short.other_kind(a, b, how[0])
            if cost >= 0.0:
                return math.sqrt(cost) if how[1] else cost
    return dtw(a, b, window=window, step_pattern=step_pattern, convention=convention, metric=metric, **options).distance


def _align(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    known: Convention,
    window: float | None,
    shape: Shape,
    alignment: bool,
    open_begin: bool,
    open_end: bool,
    independent: bool,
) -> Alignment:
    first, second = sequence(a, "the first sequence"), sequence(b, "the second sequence")
    if first.shape[1] != second.shape[1]:
        raise UsageError(
            f"vectors of {first.shape[1]} and of {second.shape[1]} dimensions cannot be compared",
            "compare what was measured with the same feature",
        )
    _check_ends(known, open_begin, open_end)
    n, m = len(first), len(second)
    plan = Plan(
        known.step_pattern,
        known.metric == "squared",
        # what of the second sequence was met is known from the path
        alignment or (open_begin and known.step_pattern == "symmetric2"),
        known.up_first,
        open_begin,
        open_end,
        known.step_pattern == "symmetric2" and not open_begin,
        _limits(known, shape, window, n, m, open_begin, open_end),
    )
    if not independent:
        found = accumulated(first, second, plan)
        short.arm()
        cost, normalised = _measured(found, known, n)
        return Alignment(cost, normalised, found.path if alignment else None)
    columns = [
        (np.ascontiguousarray(first[:, k : k + 1]), np.ascontiguousarray(second[:, k : k + 1]))
        for k in range(first.shape[1])
    ]
    each = [accumulated(x, y, plan) for x, y in columns]
    costs, shares = zip(*(_measured(found, known, n) for found in each), strict=True)
    paths = tuple(found.path for found in each if found.path is not None) if alignment else ()
    total = math.fsum(costs)
    return Alignment(total, math.fsum(shares), None, paths)


def _check_ends(known: Convention, open_begin: bool, open_end: bool) -> None:
    """Raise UsageError where the convention has no such open ends."""
    if not (open_begin or open_end):
        return
    if not known.open_ends:
        raise UsageError(f"{known.name} has no open begin or end", "leave the convention out")
    if known.name == "tslearn" and not (open_begin and open_end):
        raise UsageError("tslearn opens both ends or none", "open both, or leave the convention out")
    if known.name == "dtw-python" and open_begin and known.step_pattern != "asymmetric":
        raise UsageError(
            "dtw-python opens the begin with steps asymmetric only", "choose them, or leave the convention out"
        )
    if known.name == "dtw-python" and known.step_pattern == "symmetric1":
        raise UsageError("dtw-python opens no end with steps symmetric1", "choose others, or leave the convention out")


def _limits(
    known: Convention, shape: Shape, window: float | None, n: int, m: int, open_begin: bool, open_end: bool
) -> tuple[Int64, Int64] | None:
    """Columns of each row that a window leaves; None where it leaves all."""
    if shape == "sakoe-chiba" and window is None:
        return None
    closed = shape == "sakoe-chiba" and known.name in ("midstream", "dtw-python") and not (open_begin or open_end)
    if closed and window is not None and window < abs(n - m) and known.step_pattern != "asymmetric":
        raise UsageError(
            f"a window of {window} allows no path between {n} and {m} vectors",
            f"widen it to {abs(n - m)} at least, or leave it out",
        )
    before = int(known.name == "dtw-python" and open_begin)
    first, final = limits(known.name, shape, window, n, m, before)
    steps = known.step_pattern != "asymmetric"
    if (steps and not allows(first, final, m, open_begin=open_begin, open_end=open_end)) or not (first <= final).all():
        raise UsageError(
            f"a window of {window} allows no path between {n} and {m} vectors", "widen it, or leave it out"
        )
    return first, final


def _measured(found: Found, known: Convention, n: int) -> tuple[float, float]:
    """Distance and normalised distance."""
    cost, exponent = found.cost, found.exponent
    if known.rooted:
        cost, exponent = math.sqrt(cost), exponent // 2
    met = found.end + 1
    if found.path is not None and known.step_pattern == "symmetric2":
        met -= int(found.path[0, 1])
    share = {"symmetric1": math.nan, "symmetric2": float(n + met), "asymmetric": float(n)}[known.step_pattern]
    if not exponent:
        return cost, cost / share
    distance, normalised = magnitude.unscaled(np.array([cost, cost / share]), exponent).tolist()
    return distance, normalised


def sequence(values: npt.ArrayLike, name: str = "the sequence") -> Float64:
    """Values as a finite, non-empty array of shape (n, dims).

    Raises:
        UsageError: they cannot be.
    """
    array = numbers(values, name)
    if array.ndim == 1:
        array = array[:, None]
    if array.ndim != 2:
        raise UsageError(f"{name} has {array.ndim} axes", "give shape (n,) or (n, dims)")
    if array.size == 0:
        raise UsageError(f"{name} is empty", "it needs at least one vector of one dimension")
    if not np.isfinite(array).all():
        where = int(np.argmin(np.isfinite(array).all(axis=1)))
        raise UsageError(f"{name} has a value that is not finite, at position {where}", "leave such vectors out")
    return np.ascontiguousarray(array)
