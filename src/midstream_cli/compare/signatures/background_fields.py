"""The background in a signature's file."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from midstream_cli.compare.signatures import fields
from midstream_cli.compare.signatures.correlation import from_correlations, to_correlations
from midstream_cli.compare.signatures.signature import Background
from midstream_cli.frames import Float64

DECIMALS = 6
"""Of correlations: a hundredth of what an hour of background tells them to."""


def as_json(background: Background) -> dict[str, Any]:
    """What is known of a background; of its covariance, the correlations below the diagonal, line by line."""
    found: dict[str, Any] = {
        "mean": [fields.rounded(value) for value in background.mean],
        "deviation": [fields.rounded(value) for value in background.deviation],
        "source": background.source,
        "seconds": round(background.seconds, 3),
    }
    if background.covariance is None:
        return found
    correlations = to_correlations(background.covariance, np.array(found["deviation"]))
    lines = np.clip(correlations, -1.0, 1.0).round(DECIMALS).tolist()
    return found | {
        "vectors": background.count,
        "correlation_time": fields.rounded(background.correlation, 6),
        "correlations": [line[:row] for row, line in enumerate(lines)][1:],
    }


def parse(content: Mapping[str, Any], dims: int, path: str) -> Background:
    """The background of vectors of so many dimensions; `path` is for messages.

    Raises:
        SignatureError: it is damaged.
    """
    try:
        mean, deviation = (fields.numbers(content[name]) for name in ("mean", "deviation"))
    except (KeyError, ValueError):
        raise fields.damaged(path, "its background lacks mean or deviation") from None
    if mean.shape != (dims,) or deviation.shape != (dims,) or not np.isfinite([mean, deviation]).all():
        raise fields.damaged(path, f"its background does not have {dims} finite dimensions as its vectors do")
    if (deviation < 0).any():
        raise fields.damaged(path, "its background has a negative deviation")
    seconds = content.get("seconds") or 0.0
    if not isinstance(seconds, int | float):
        raise fields.damaged(path, f"its background lasts {seconds!r} seconds")
    correlation = fields.number(content, "correlation_time", path)
    if correlation is not None and correlation < 1.0:
        raise fields.damaged(path, f"its background's correlation_time {correlation:g} is below 1")
    return Background(
        mean,
        deviation,
        str(content.get("source") or ""),
        float(seconds),
        _covariance(content.get("correlations"), deviation, path),
        correlation or 1.0,
        fields.count(content, "vectors", path, least=1),
    )


def _covariance(lines: Any, deviation: Float64, path: str) -> Float64 | None:
    """The covariance of the correlations below the diagonal, where there are any."""
    if lines is None:
        return None
    dims = len(deviation)
    if not isinstance(lines, list) or not all(isinstance(line, list) for line in lines):
        raise _unlike(dims, path)
    if [len(line) for line in lines] != list(range(1, dims)):
        raise _unlike(dims, path)
    correlations = np.eye(dims)
    if dims > 1:
        try:
            correlations[np.tril_indices(dims, -1)] = fields.numbers([value for line in lines for value in line])
        except ValueError:
            raise _unlike(dims, path) from None
    correlations += np.tril(correlations, -1).T
    if not (np.abs(correlations).max() <= 1.0 and _possible(correlations)):
        raise fields.damaged(path, "its background's correlations contradict one another")
    with np.errstate(over="ignore"):
        covariance = from_correlations(correlations, deviation)
    if not np.isfinite(covariance).all():
        raise fields.damaged(path, "its background's deviations are too large to be squared")
    return covariance


def _unlike(dims: int, path: str) -> Exception:
    return fields.damaged(path, f"its background's correlations are not {dims - 1} lines of 1, 2, ... numbers")


def _possible(correlations: Float64) -> bool:
    """Whether something can be correlated that way; rounding may leave eigenvalues a little below 0."""
    try:
        np.linalg.cholesky(correlations + len(correlations) * 10.0**-DECIMALS * np.eye(len(correlations)))
    except np.linalg.LinAlgError:
        return False
    return True
