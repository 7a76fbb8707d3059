"""How a scene is played and received: everything that can be set."""

import math
from dataclasses import dataclass

from midstream_cli.errors import UsageError
from midstream_cli.streams.simulate.radio import ORDERS
from midstream_cli.streams.simulate.room import SIZE_M

FASTEST_HZ = 2000.0
"""More packets than this do not fit into the air."""


@dataclass(frozen=True, slots=True)
class Setup:
    """The same setup gives the same frames every time."""

    duration_s: float = 60.0
    """A scene that is over begins anew; `inf` never ends."""
    rate_hz: float = 100.0
    """Packets a second of each sender."""
    seed: int = 1
    """Of everything random that is not the room."""
    room: int = 1
    """The number of the room: in one room, all scenes have one and the same background."""
    size_m: tuple[float, float, float] = SIZE_M
    nodes: int = 1
    """Senders; they take turns."""
    snr_db: float = 20.0
    """Mean ratio of signal to noise in the empty room; boards a few metres apart have 15 to 25 dB."""
    loss: float = 0.0
    """The share of packets that get lost, often a few in a row."""
    gain_steps: bool = True
    """Whether the receiver's gain control is at work."""
    secondary: str = "above"
    """Where the secondary channel lies, `none` or `above`: it decides the order of the subcarriers."""
    breathing_hz: float = 0.25
    booted_s: float = 30.0
    """How long the board had been running before; its clock wraps 4294.967296 s after it booted."""

    def __post_init__(self) -> None:
        """Refuse what cannot be.

        Raises:
            UsageError: a value is out of range.
        """
        for name, value, low, high in (
            ("duration", self.duration_s, 0.001, math.inf),
            ("rate", self.rate_hz, 0.001, FASTEST_HZ),
            ("snr", self.snr_db, -40.0, 120.0),
            ("loss", self.loss, 0.0, 0.99),
            ("breathing", self.breathing_hz, 0.0, 5.0),
            ("uptime", self.booted_s, 0.0, 1e9),
            ("seed", self.seed, 0, 2**63),
            ("room", self.room, 0, 2**31),
        ):
            if not low <= value <= high:
                raise UsageError(f"{name} cannot be {value:g}", f"choose from {low:g} to {high:g}")
        if self.secondary not in ORDERS:
            raise UsageError(f"no secondary channel lies {self.secondary!r}", f"it lies {' or '.join(ORDERS)}")
