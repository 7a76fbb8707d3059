"""What pictures of sequences show: one curve for many dimensions, and how far apart positions are."""

from typing import TYPE_CHECKING, NamedTuple

from midstream_cli.cli.pictures import squeezed

if TYPE_CHECKING:
    from midstream_cli.compare.named import Named
    from midstream_cli.frames import Float64, Int64


class Curves(NamedTuple):
    """Sequences as curves on one scale."""

    values: "list[Float64]"
    """Each of shape (n,)."""
    name: str
    """What their values are."""


def curves(sequences: "list[Named]", units: str) -> Curves:
    """One number a position: the only dimension, or the direction in which all sequences together vary most.

    Args:
        units: what the vectors are expressed in: `background` or `feature`.
    """
    import numpy as np

    feature = sequences[0].feature or "value"
    scale = " (deviations of the background)" if units == "background" else ""
    dims = sequences[0].values.shape[1]
    if dims == 1:
        return Curves([each.values[:, 0] for each in sequences], f"{feature}{scale}")
    together = np.concatenate([each.values for each in sequences])
    together = together[np.isfinite(together).all(axis=1)]
    mean = together.mean(axis=0)
    spread = together - mean
    _, directions = np.linalg.eigh(spread.T @ spread)
    main = directions[:, -1] * (np.sign(directions[:, -1].sum()) or 1.0)
    return Curves([(each.values - mean) @ main for each in sequences], f"{feature}, main direction of {dims}{scale}")


def local_costs(a: "Float64", b: "Float64", rows: int, columns: int) -> "Float64":
    """Euclidean distances between stretches of two sequences of vectors, at most (rows, columns) of them."""
    import numpy as np

    first, second = squeezed(a.T, rows).T, squeezed(b.T, columns).T
    squares = (first * first).sum(axis=1)[:, None] + (second * second).sum(axis=1) - 2 * first @ second.T
    costs: Float64 = np.sqrt(np.maximum(squares, 0.0))
    return costs


def equal_shares(a: "Float64", b: "Float64", rows: int, columns: int) -> "Float64":
    """Of stretches of two sequences of names, at most (rows, columns) of them, the share of positions that are equal."""
    import numpy as np

    both, ids = np.unique(np.concatenate([a, b]), return_inverse=True)

    def shares(names: "Int64", most: int) -> "Float64":
        stretches = min(most, len(names))
        at = np.arange(len(names)) * stretches // len(names)
        held = np.zeros((stretches, len(both)))
        np.add.at(held, (at, names), 1.0)
        held /= held.sum(axis=1, keepdims=True)
        return held

    equal: Float64 = shares(ids[: len(a)], rows) @ shares(ids[len(a) :], columns).T
    return equal
