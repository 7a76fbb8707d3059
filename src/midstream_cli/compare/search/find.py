"""A short sequence found in a long recorded stream: the stretches that resemble it, exactly.

Of all stretches of the stream the nearest is found first, then the nearest of all that share no frame with it, and so on:
a definition over the whole recording. A live search (`spring`) must decide earlier: of stretches that overlap in a chain
it reports the nearest of the chain so far, and what overlaps that is given up, where here a part may still be nearest of
what is left. So the same stream may give other matches there, in order of time.
"""

import math
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.search.candidates import Search
from midstream_cli.compare.search.phrase import Phrases
from midstream_cli.compare.search.profile import standardised
from midstream_cli.compare.search.stretches import Stretch, disjoint, nearest
from midstream_cli.compare.warping.convention import Convention, chosen
from midstream_cli.compare.warping.dtw import dtw, sequence
from midstream_cli.compare.warping.values import numbers
from midstream_cli.compare.warping.window import limits
from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

ALGORITHMS = ("dtw", "euclidean", "edit")


def find(
    query: npt.ArrayLike | Sequence[Hashable],
    stream: npt.ArrayLike | Sequence[Hashable],
    *,
    k: int | None = 1,
    threshold: float | None = None,
    window: float | None = None,
    step_pattern: str | None = None,
    metric: str | None = None,
    convention: str | None = None,
    normalise: bool = False,
    algorithm: str = "dtw",
    alignment: bool = False,
    overlapping: bool = False,
) -> list[Stretch]:
    """Stretches of a stream that resemble a query, the nearest first.

    With `dtw`, a stretch has any length, and its distance is that of `dtw` from the query. With `normalise`, and with
    `euclidean`, it is as long as the query. With `edit`, query and stream are names, and a stretch has any length but none.

    Of stretches that are equally near, the one that ends first is taken, and of those the shortest. The stretches share no
    frame, nor does one hold a frame that is not finite, or 2^500 times greater than both the query and the stream's
    smallest frame.

    Args:
        query: shape (n,) or (n, dims); or names.
        stream: shape (frames,) or (frames, dims); or names.
        k: how many at most; None for all that the threshold allows.
        threshold: the greatest distance.
        window: positions in the query and in the stretch may differ by so many at most (Sakoe-Chiba); None for any.
        step_pattern: symmetric2 counts diagonal steps twice; symmetric1 once; asymmetric counts each of the query's vectors
            once and may skip every other frame.
        metric: what local distances are: euclidean, or squared.
        convention: the library whose step pattern, metric and root count; see `dtw`.
        normalise: query and stretch are compared each less its mean and over its standard deviation, dimension by
            dimension; what is constant is all zeros then.
        algorithm: dtw, euclidean or edit.
        alignment: find the paths too.
        overlapping: for each frame, the nearest stretch that ends there is taken, whatever others share its frames.

    Returns:
        `normalised` is the distance over the number of both's vectors with symmetric2, over the query's with symmetric1 and
        asymmetric; the root mean square with euclidean; the share of the longer with edit.

    Raises:
        UsageError: query or stream are empty, or of different dimensions; the query is not finite; a name is unknown, or an
            option does not fit; the stream is shorter than a query that is compared with windows; all are too far for
            a number.
    """
    _check(algorithm, k, threshold, window, normalise, (step_pattern, metric, convention))
    most = math.inf if threshold is None else float(threshold)
    if algorithm == "edit":
        return _phrases(_listed(query), _listed(stream), k, most, overlapping, alignment)
    wanted, given = _sequences(query, stream, windows=normalise or algorithm == "euclidean")
    measure = _measure(algorithm, step_pattern, metric, convention)
    width = _width(measure, window, len(wanted), normalise)
    search = Search(wanted, given, measure, width, windows=algorithm == "euclidean", normalise=normalise)
    found = search.found(k, most, overlapping)
    if not alignment:
        return found
    settings = {"convention": convention, "step_pattern": step_pattern, "metric": metric, "window": window}
    given_settings = {name: value for name, value in settings.items() if value is not None}
    return [replace(each, path=_path(wanted, given, each, algorithm, normalise, given_settings)) for each in found]


def _check(
    algorithm: str,
    k: int | None,
    threshold: float | None,
    window: float | None,
    normalise: bool,
    of_dtw: tuple[str | None, ...],
) -> None:
    if algorithm not in ALGORITHMS:
        raise UsageError(f"no algorithm is called {algorithm!r}", f"known are {', '.join(ALGORITHMS)}")
    if k is None and threshold is None:
        raise UsageError("neither a number of stretches nor a threshold is given", "give k, or threshold, or both")
    if k is not None and k < 1:
        raise UsageError(f"{k} stretches cannot be found", "ask for one at least")
    if threshold is not None and not threshold >= 0:
        raise UsageError(f"a threshold of {threshold} allows nothing", "distances begin at 0")
    if algorithm != "dtw" and (window is not None or any(option is not None for option in of_dtw)):
        raise UsageError(f"{algorithm} has no window, steps or metric", "leave them out, or choose dtw")
    if algorithm == "edit" and normalise:
        raise UsageError("names have no mean and no deviation", "leave normalise out")


def _measure(algorithm: str, step_pattern: str | None, metric: str | None, convention: str | None) -> Convention:
    if algorithm == "euclidean":
        return chosen("tslearn", None, None)
    return chosen(convention, step_pattern, metric)


def _width(measure: Convention, window: float | None, n: int, normalise: bool) -> int | None:
    """By how much positions may differ."""
    if measure.step_pattern == "asymmetric" and (normalise or window is not None):
        raise UsageError(
            "asymmetric steps have no window here", "choose symmetric1 or symmetric2, or leave the window out"
        )
    if window is None:
        return None
    if normalise:
        return int(limits(measure.name, "sakoe-chiba", window, n, n, 0)[1][0])
    if measure.name not in {"midstream", "dtw-python"} or not float(window).is_integer() or window < 0:
        raise UsageError(
            f"a window of {window} as {measure.name} has it means nothing to stretches of any length",
            "say what you mean with step_pattern and metric and a whole number, and leave the convention out",
        )
    return int(window)


def _listed(names: Any) -> list[Hashable]:
    listed = list(names)
    try:
        set(listed)
    except TypeError as error:
        raise UsageError(
            f"what cannot be hashed is no name: {error}", "give numbers, texts or tuples of them"
        ) from None
    return listed


def _sequences(query: Any, stream: Any, *, windows: bool) -> tuple[Float64, Float64]:
    """Query and stream as arrays of shape (n, dims) and (frames, dims)."""
    wanted = sequence(query, "the query")
    given = numbers(stream, "the stream")
    given = given[:, None] if given.ndim == 1 else given
    if given.ndim != 2 or given.size == 0:
        raise UsageError("the stream is empty", "it needs at least one vector of one dimension")
    if wanted.shape[1] != given.shape[1]:
        raise UsageError(
            f"a query of {wanted.shape[1]} dimensions cannot be found in a stream of {given.shape[1]}",
            "compare what was measured with the same feature",
        )
    if windows and len(wanted) > len(given):
        raise UsageError(
            f"a query of {len(wanted)} vectors is longer than the stream of {len(given)}",
            "search for a part of it, or with dtw and without normalise, which takes stretches of any length",
        )
    return wanted, given


def _path(
    query: Float64, stream: Float64, found: Stretch, algorithm: str, normalise: bool, settings: dict[str, Any]
) -> npt.NDArray[np.intp]:
    stretch = stream[found.start : found.end]
    if algorithm == "euclidean":
        places = np.arange(len(query), dtype=np.intp)
        return np.stack([places, places + found.start], axis=1)
    if normalise:
        query, stretch = standardised(query), standardised(stretch)
    path = dtw(query, stretch, alignment=True, **settings).path
    assert path is not None
    return np.stack([path[:, 0], path[:, 1] + found.start], axis=1)


def _phrases(
    query: list[Hashable], stream: list[Hashable], k: int | None, threshold: float, overlapping: bool, alignment: bool
) -> list[Stretch]:
    if not query or not stream:
        raise UsageError("the query or the stream holds no name", "each needs one at least")
    from midstream_cli.compare.names import edit

    found = (nearest if overlapping else disjoint)(Phrases(query, stream), k, threshold)
    return [
        Stretch(
            start,
            end,
            distance,
            distance / max(len(query), end - start),
            edit.edit_distance(query, stream[start:end]).path + np.array([0, start]) if alignment else None,
        )
        for start, end, distance in found
    ]
