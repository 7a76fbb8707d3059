"""A number with how sure it is."""

from typing import NamedTuple


class Estimate(NamedTuple):
    """What was estimated, and between which bounds the truth lies nine times in ten."""

    value: float
    low: float
    high: float

    def scaled(self, factor: float) -> "Estimate":
        """The same in another unit; the factor is positive."""
        return Estimate(self.value * factor, self.low * factor, self.high * factor)
