"""The picture of a matrix of distances on a terminal: its dendrogram beside it, in the order of the clusters."""

import sys
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING

from midstream_cli.cli import console
from midstream_cli.cli.canvas import tree
from midstream_cli.cli.pictures import HEAT, SHADES, heatmap, width

if TYPE_CHECKING:
    from midstream_cli.compare.many.cluster import Clusters
    from midstream_cli.frames import Float64

MOST_LABELLED = 40
"""Of more sequences, lines for each would not fit a screen."""
WIDEST_NAME = 24


def matrix(distances: "Float64", names: Sequence[str], clusters: "Clusters") -> list[str]:
    """Distances of all pairs, shape (n, n), a line a sequence: its cluster, its name, its place in the tree, its row."""
    import numpy as np

    order = clusters.order.tolist()
    ordered = distances[np.ix_(order, order)]
    if len(order) > MOST_LABELLED:
        return [f"distances of {len(order)} sequences in the order of their clusters", *heatmap(ordered, width())]
    short = shortened(names)
    gutter = min(WIDEST_NAME, max(map(len, short)))
    cell = 2 if width() - gutter - 4 - 2 * len(order) >= 12 else 1
    room = width() - gutter - 4 - cell * len(order)
    branches = tree(clusters.merges, order, min(24, room - 2)) if room >= 8 else [""] * len(order)
    trunk = max(map(len, branches))
    lines = []
    for i, branch, row in zip(order, branches, nearness(ordered), strict=True):
        cut = short[i] if len(short[i]) <= gutter else "…" + short[i][1 - gutter :]
        lines.append(f"{clusters.labels[i] + 1:>2} {cut.ljust(gutter)} {branch.ljust(trunk)} {cells(row, cell)}")
    far = float(ordered.max(initial=0.0))
    return [*lines, f"   {scale(far)}"]


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


def scale(far: float) -> str:
    """What the blocks mean."""
    steps = cells([i / 4 for i in range(4, -1, -1)], 2)
    return f"distance 0 {steps} {far:.3g}"


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
