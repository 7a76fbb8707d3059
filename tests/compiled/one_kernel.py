"""One small kernel, for tests of how machine code is built and kept."""

from midstream_cli.compiled.kernel import F1, kernel
from midstream_cli.compiled.vectors import bits, load

L = 8


@kernel
def lower(x: F1, y: F1) -> int:
    """Which of eight numbers are below others, the first the lowest bit."""
    return bits(load(x, 0, L) < load(y, 0, L))
