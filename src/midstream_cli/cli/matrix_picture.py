"""The picture of a matrix of distances on a terminal: its dendrogram beside it, in the order of the clusters."""

import sys
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from midstream_cli.cli import console
from midstream_cli.cli.canvas import tree
from midstream_cli.cli.pictures import HEAT, SHADES, squeezed, width

if TYPE_CHECKING:
    from midstream_cli.compare.many.cluster import Clusters
    from midstream_cli.frames import Float64, Int64

MOST_LABELLED = 60
"""Of more sequences, a line each would be more than one can look at."""
WIDEST_NAME, NARROWEST_NAME = 24, 8
MOST_ROWS = 30
"""Lines for sequences that have none of their own; each is two columns' worth."""


def matrix(distances: "Float64", names: Sequence[str], clusters: "Clusters", meaning: str) -> list[str]:
    """Distances of all pairs, shape (n, n), a line a sequence: its cluster, its name, its place in the tree, its row.

    Args:
        meaning: what the distances are.
    """
    import numpy as np

    order = clusters.order.tolist()
    ordered = distances[np.ix_(order, order)]
    legend = f"   {scale(float(ordered.max(initial=0.0)), meaning)}"
    if len(order) > min(MOST_LABELLED, width() - 4 - NARROWEST_NAME):
        return [*_summed_up(ordered, clusters.labels[order] + 1), legend]
    short = shortened(names)
    gutter = min(WIDEST_NAME, max(map(len, short)), width() - 4 - len(order))
    cell = 2 if width() - gutter - 4 - 2 * len(order) >= 12 else 1
    room = width() - gutter - 4 - cell * len(order)
    branches = tree(clusters.merges, order, min(24, room - 2)) if room >= 8 else [""] * len(order)
    trunk = max(map(len, branches))
    lines = []
    for i, branch, row in zip(order, branches, nearness(ordered), strict=True):
        cut = short[i] if len(short[i]) <= gutter else "…" + short[i][1 - gutter :]
        lines.append(f"{clusters.labels[i] + 1:>2} {cut.ljust(gutter)} {branch.ljust(trunk)} {cells(row, cell)}")
    return [*lines, legend]


def _summed_up(ordered: "Float64", labels: "Int64") -> list[str]:
    """The means of blocks of a matrix that is too large for a line a sequence, with the clusters of each line."""
    import numpy as np

    n = len(ordered)
    rows = min(n, MOST_ROWS)
    level = np.array(nearness(ordered))
    level = squeezed(squeezed(level, min(n, 2 * rows, width() - 8)).T, rows).T
    edges = np.linspace(0, n, rows + 1).astype(int)
    firsts, lasts = labels[edges[:-1]].tolist(), labels[edges[1:] - 1].tolist()
    inside = [f"{first}" if first == last else f"{first}-{last}" for first, last in zip(firsts, lasts, strict=True)]
    gutter = max(map(len, inside))
    head = f"{n} sequences in the order of their clusters, about {n / rows:.2g} a line"
    return [head, *(f"{name:>{gutter}} {cells(row, 1)}" for name, row in zip(inside, level.tolist(), strict=True))]


def nearness(distances: "Float64") -> "list[list[float]]":
    """1 for equal, 0 for the farthest."""
    far = float(distances.max(initial=0.0)) or 1.0
    rows: list[list[float]] = (1.0 - distances / far).tolist()
    return rows


def cells(row: Sequence[float], columns: int) -> str:
    """Levels from 0 to 1 as blocks, each so many columns wide."""
    if not console.colourful(sys.stdout):
        return "".join(SHADES[round(level * (len(SHADES) - 1))] * columns for level in row).rstrip()
    blocks = [f"\x1b[48;5;{HEAT[round(level * (len(HEAT) - 1))]}m{' ' * columns}" for level in row]
    return "".join(blocks) + "\x1b[0m"


def scale(far: float, meaning: str) -> str:
    """What the blocks mean."""
    steps = cells([i / 4 for i in range(4, -1, -1)], 2)
    return f"{meaning} 0 {steps} {far:.3g}"


def shortened(names: Sequence[str]) -> list[str]:
    """Names without the folders and the endings that all of them share."""
    paths = [PurePath(name) for name in names]
    if any("://" in name for name in names) or len(names) < 2:
        return list(names)
    folders = [path.parts[:-1] for path in paths]
    shared = 0
    while all(len(parts) > shared and parts[shared] == folders[0][shared] for parts in folders):
        shared += 1
    ends = {"".join(path.suffixes[-2:]) for path in paths}
    end = ends.pop() if len(ends) == 1 else ""
    return [str(PurePath(*path.parts[shared:])).removesuffix(end) for path in paths]
