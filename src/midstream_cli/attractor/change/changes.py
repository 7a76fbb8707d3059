"""What a detector of change is doing, and what it tells."""

from enum import StrEnum
from typing import NamedTuple

from midstream_cli.frames import Float64, Int64


class State(StrEnum):
    """What a detector is doing."""

    LEARNING = "learning"
    """It sees what is usual, and raises no alarm."""
    IDLE = "idle"
    """Nothing unusual."""
    TRANSIENT = "transient"
    """A change is under way."""


class ChangeKind(StrEnum):
    """What has happened."""

    MOTION = "motion"
    """The channels do what they did not do before: an alarm."""
    GAIN = "gain"
    """All channels changed by one factor, and nothing else did: an alarm of its own."""
    SETTLED = "settled"
    """It is over: things are as they were."""
    ADOPTED = "adopted"
    """It is over: a new level is quiet enough to be the usual one from now on."""
    RELEARNING = "relearning"
    """It lasted so long that what is usual is learnt anew."""


class Change(NamedTuple):
    """Something that a frame brought."""

    kind: ChangeKind
    frame: int
    """Position of the frame in the stream, frames that were passed over included."""
    began: int
    """The first frame that speaks for it, by the lag that speaks loudest; that of its end where it ends."""
    statistic: float
    """Deviations from what is usual, of a normal number."""
    threshold: float
    """What the statistic had to exceed."""
    gain: float
    """The factor by which all channels together are off their means; 1 where it is not split off."""

    @property
    def is_alarm(self) -> bool:
        """Whether something began."""
        return self.kind in {ChangeKind.MOTION, ChangeKind.GAIN}


class Trace(NamedTuple):
    """What a detector thought of each frame."""

    state: Int64
    """Shape (n,): 0 learning, 1 idle, 2 transient."""
    statistic: Float64
    """Shape (n,): what is compared with the threshold; of a frame passed over, that of the frame before."""
    threshold: Float64
    """Shape (n,)."""
    gain: Float64
    """Shape (n,)."""
    changes: list[Change]
