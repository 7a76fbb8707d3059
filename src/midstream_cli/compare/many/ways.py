"""What a convention asks of kernels that compare many pairs, and what the costs that they accumulate mean in it."""

from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.warping import magnitude
from midstream_cli.compare.warping.convention import Convention
from midstream_cli.compare.warping.window import limits, whole
from midstream_cli.frames import Float64

EVEN = ("midstream", "dtw-python")
"""Conventions whose windows are bands of one width, whatever the lengths."""


class Way(NamedTuple):
    """How cells and steps count."""

    step_pattern: str
    euclidean: bool
    """Local costs are distances, else their squares."""
    window: int | None = None
    """Positions may differ by so many at most."""


def way_of(known: Convention, window: float | None, n: int, m: int) -> Way | Literal["uneven"]:
    """What the kernels do for sequences of these lengths; uneven, where the window is no band of one width.

    Raises:
        UsageError: the convention has no such window.
    """
    width = None
    if window is not None:
        _, final = limits(known.name, "sakoe-chiba", window, n, m, 0)
        if n != m and known.name not in EVEN:
            return "uneven"
        width = whole(window) if known.name in EVEN else int(final[0])
    return Way(known.step_pattern, known.metric == "euclidean", width)


def vanished(costs: Float64, known: Convention) -> npt.NDArray[np.bool_]:
    """Costs so small that squares may have been lost on the way to them."""
    squared = known.metric == "squared"
    return costs < 2.0 ** (-2 * magnitude.ORDINARY - 100 if squared else -magnitude.ORDINARY - 50)


def distances_of(costs: Float64, exponent: int, known: Convention) -> Float64:
    """Distances, as the convention has them, of sequences that a power of two was taken out of.

    Raises:
        UsageError: one is too large, or too small, for a number.
    """
    if known.rooted:
        return magnitude.unscaled(np.sqrt(costs), exponent)
    return magnitude.unscaled(costs, 2 * exponent if known.metric == "squared" else exponent)


def share(n: npt.NDArray[np.int64], m: npt.NDArray[np.int64], known: Convention) -> Float64:
    """What distances are divided by to be normalised: 1 for `symmetric1`, whose paths have no measure in common.

    Args:
        n: shape (rows,): lengths.
        m: shape (columns,).

    Returns:
        Shape (rows, columns).
    """
    if known.step_pattern == "symmetric2":
        return np.add.outer(n, m).astype(np.float64)
    whole = n if known.step_pattern == "asymmetric" else np.ones(len(n))
    return np.repeat(whole.astype(np.float64)[:, None], len(m), axis=1)
