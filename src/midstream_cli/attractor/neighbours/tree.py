"""Points sorted into a tree of boxes, in which neighbours are found without looking at all of them."""

from typing import NamedTuple

import numpy as np

from midstream_cli.attractor.kernels import kd_tree
from midstream_cli.attractor.kernels.kd_tree import WIDE
from midstream_cli.compiled.vectors import aligned
from midstream_cli.frames import Float64, Int64

LEAF = 32
"""Points in a leaf at most."""


class Tree(NamedTuple):
    """Points sorted into leaves, and the boxes around them, eight side by side."""

    nodes: Float64
    leaves: Float64
    order: Int64
    """Shape (n,); the points, leaf by leaf."""
    halvings: int
    """There are 2 to this power leaves."""
    room: int
    """Points that a leaf has room for."""
    inner: int
    """Boxes whose children are kept."""


def grown(points: Float64) -> Tree:
    """A tree of points, shape (n, dims), finite; n is at least 1. Takes 2 to 4 times the memory of the points."""
    n, dims = points.shape
    halvings = max(-(-n // LEAF) - 1, 0).bit_length()
    fullest = -(-n // (1 << halvings))
    room = -(-fullest // WIDE) * WIDE
    inner = 0
    if halvings:
        row = 1 << (halvings % 3 or 3)
        inner = 1
        while row < 1 << halvings:
            inner += row
            row *= WIDE
    nodes, leaves = aligned(2 * inner * (dims + 1) * WIDE), aligned((dims + 1) * room << halvings)
    nodes.fill(np.inf)
    leaves.fill(np.inf)
    rows = np.empty((n, dims + 1))
    rows[:, :dims] = points
    rows[:, dims] = np.arange(n)
    kd_tree.build(rows, halvings, room, nodes, leaves, np.empty(2 * dims + 2))
    return Tree(nodes, leaves, rows[:, dims].astype(np.int64), halvings, room, inner)
