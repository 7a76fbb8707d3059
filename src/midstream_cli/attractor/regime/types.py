"""The kinds of motion that are told apart."""

from enum import StrEnum


class AttractorType(StrEnum):
    """Where a motion ends up, or `UNKNOWN` where the data cannot tell."""

    POINT = "point"
    """It comes to rest."""
    LIMIT_CYCLE = "limit_cycle"
    """It repeats itself; an invariant circle of a map is seen as one, too."""
    TORUS = "torus"
    """Two or more rhythms without a period in common: it nearly repeats itself, and never does."""
    STRANGE = "strange"
    """Deterministic chaos."""
    NOISE = "noise"
    """Driven by chance: no law of few dimensions predicts it better than a linear one."""
    UNKNOWN = "unknown"

    @property
    def seed_name(self) -> str:
        """What temporal-attractor-studio would call it; what it has no name for is its Unknown."""
        return _SEED_NAMES.get(self.value, "Unknown")


_SEED_NAMES = {"point": "PointAttractor", "limit_cycle": "LimitCycle", "strange": "StrangeAttractor"}
