"""Which regime a series is in, with a probability for each, and no answer where none is sure enough."""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.attractor.regime.indicators import NAMES, Indicators, indicators
from midstream_cli.attractor.regime.types import AttractorType
from midstream_cli.frames import Float64, Int64

TABLE = "regimes.json"
"""Made by `scripts/regimes.py`."""


class Classification(NamedTuple):
    """The regime of a series, and how sure that is."""

    attractor_type: AttractorType
    """`UNKNOWN` where no regime is likely enough."""
    confidence: float
    """The probability of the likeliest regime: how often it is right where it is said as surely."""
    probabilities: Mapping[AttractorType, float]
    """Of the five regimes; their sum is 1."""
    reason: str = ""
    """Why the regime is unknown."""


class Table(NamedTuple):
    """Trees in one row of nodes each; `child` of a leaf is the leaf itself, and its threshold beyond every value."""

    root: Int64
    feature: Int64
    threshold: Float64
    child: Int64
    """Where a value below the threshold goes on; one that is not below, one node further."""
    shares: Float64
    """Shape (nodes, 5): of the training series in a leaf, how many were of each regime."""
    depth: int
    regimes: tuple[AttractorType, ...]
    sharpness: float
    """Log probabilities are multiplied by this; found on systems that were left out."""
    level: Float64
    """Shape (5,): added to log probabilities; found there, too."""
    least: float
    """The confidence below which the regime is unknown."""


def classify(x: npt.ArrayLike | Indicators) -> Classification:
    """The regime of a series of shape (n,), or of indicators that are known already.

    The indicators have an embedding of their own, of the same size for every series.

    Raises:
        InsufficientData: fewer than 100 samples.
        UsageError: values that are not finite, or more than one column.
    """
    found = x if isinstance(x, Indicators) else indicators(x)
    known = table()
    if found.constant:
        shares = np.array([float(each is AttractorType.POINT) for each in known.regimes])
    else:
        shares = probabilities(found.values, known)
    best = int(np.argmax(shares))
    confidence = float(shares[best])
    each = dict(zip(known.regimes, shares.tolist(), strict=True))
    if confidence < known.least:
        first, second = np.argsort(-shares)[:2]
        reason = (
            f"the motion is {known.regimes[first].value} at {shares[first]:.0%} and "
            f"{known.regimes[second].value} at {shares[second]:.0%}: too close to say"
        )
        return Classification(AttractorType.UNKNOWN, confidence, each, reason)
    return Classification(known.regimes[best], confidence, each)


def probabilities(values: Float64, known: Table) -> Float64:
    """Calibrated probabilities of the five regimes; indicators of shape (..., indicators), probabilities of (..., 5)."""
    rows = values.reshape(-1, values.shape[-1])
    node = np.broadcast_to(known.root, (len(rows), len(known.root)))
    at = np.arange(len(rows))[:, None]
    for _ in range(known.depth):
        node = known.child[node] + (rows[at, known.feature[node]] >= known.threshold[node])
    logs = known.sharpness * np.log(known.shares[node].mean(axis=1) + 1e-3) + known.level
    shares = np.exp(logs - logs.max(axis=1, keepdims=True))
    return np.asarray((shares / shares.sum(axis=1, keepdims=True)).reshape(*values.shape[:-1], -1))


@cache
def table() -> Table:
    """The trained table that comes along."""
    return read(json.loads(files("midstream_cli.attractor.regime").joinpath(TABLE).read_text(encoding="utf-8")))


def read(said: dict[str, Any]) -> Table:
    """A table from the JSON object that `scripts/regimes.py` writes.

    Raises:
        ValueError: it was made for other indicators.
    """
    if tuple(said["indicators"]) != NAMES:
        raise ValueError("the table of regimes was made for other indicators: run scripts/regimes.py")
    features = [each for tree in said["trees"] for each in tree["feature"]]
    count = len(features)
    feature, threshold = np.array(features), np.full(count, np.inf)
    child, shares = np.arange(count), np.zeros((count, len(said["regimes"])))
    root = np.cumsum([0, *(len(tree["feature"]) for tree in said["trees"])])
    inner = feature >= 0
    threshold[inner] = [each for tree in said["trees"] for each in tree["threshold"]]
    for start, end in pairwise(root):
        splits = inner[start:end]
        # children stand in pairs in the order of the nodes that they come from
        child[start:end][splits] = start + 1 + 2 * np.arange(splits.sum())
    shares[~inner] = [each for tree in said["trees"] for each in tree["shares"]]
    shares[~inner] /= shares[~inner].sum(axis=1, keepdims=True)
    return Table(
        root[:-1],
        np.where(inner, feature, 0),
        threshold,
        child,
        shares,
        int(said["depth"]),
        tuple(AttractorType(each) for each in said["regimes"]),
        float(said["sharpness"]),
        np.array(said["level"], float),
        float(said["least"]),
    )
