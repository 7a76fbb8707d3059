"""What comes out where two sequences are compared: how far they are apart, and what of them belongs together."""

from typing import NamedTuple

from midstream_cli.frames import Int64


class Alignment(NamedTuple):
    """How far two sequences are apart when warped onto each other."""

    distance: float
    """The sum of local distances along the best path, diagonal steps counted twice; or as the convention has it."""
    normalised: float
    """`distance / (n + m)`, a mean local distance; with steps `asymmetric` over n; NaN with `symmetric1`, whose paths
    of different lengths have no measure in common."""
    path: Int64 | None = None
    """Shape (steps, 2): the positions that belong together, in order."""
    paths: tuple[Int64, ...] = ()
    """One for each dimension, where they are aligned independently."""


made = tuple.__new__
"""Makes an alignment in a third of the time that its own name takes."""
