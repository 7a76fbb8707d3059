"""A room with a WiFi link in it: its walls, furniture, door, chair and fan, and where the antennas stand."""

from dataclasses import dataclass

import numpy as np

from midstream_cli.errors import UsageError
from midstream_cli.frames import Float64

SIZE_M = (5.0, 4.0, 2.6)
SMALLEST_M, LARGEST_M = (3.0, 3.0, 2.2), (12.0, 12.0, 4.0)

MOST_NODES = 16

MARGIN_M = 0.6
"""Who walks keeps so far from the walls."""

PIECES = 8
"""Of furniture."""

CHAIR_M = 0.8
"""Between the chair and the receiver, across the link."""

DOOR_WIDTH_M, DOOR_HEIGHT_M = 0.8, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Room:
    """A box from the origin to `size_m`; lengths in metres, heights along the third axis."""

    size_m: Float64
    reflection: Float64
    """Shape (3, 2): amplitude reflection coefficients of the near and the far wall of each axis."""
    direct: float
    """The share of the amplitude that what stands between the antennas lets through on the direct path."""
    receiver: Float64
    """Shape (3,)."""
    senders: Float64
    """Shape (nodes, 3)."""
    furniture: Float64
    """Shape (pieces, 3)."""
    furniture_m2: Float64
    """Shape (pieces,): their radar cross sections."""
    chair: Float64
    """Shape (2,), on the floor."""
    hinge: Float64
    """Shape (2,): the door hangs here in the wall x = 0, and when closed reaches from here along that wall."""
    fan: Float64
    """Shape (3,): the hub of a fan under the ceiling."""

    @property
    def doorway(self) -> Float64:
        """Where one stands who has just come in, shape (2,)."""
        return self.hinge + np.array([1.1, 0.25]) * DOOR_WIDTH_M

    @property
    def heading_on_chair(self) -> float:
        """Where one looks who sits on the chair, in radians from the first axis: between the antennas."""
        ways = np.array([self.receiver, self.senders[0]])[:, :2] - self.chair
        x, y = (ways / np.linalg.norm(ways, axis=1, keepdims=True)).sum(axis=0)
        return float(np.arctan2(y, x))


def build(seed: int, size_m: tuple[float, float, float] = SIZE_M, nodes: int = 1) -> Room:
    """The room of this number: the same one every time, whatever happens in it.

    Walls send back about half of the power, so that a channel of 20 MHz is not flat, and the direct path is obstructed,
    as it is in rooms people live in (Andersen, Nielsen, Pedersen, Bauch, Dietrich, "Room electromagnetics", IEEE
    Antennas and Propagation Magazine 49(2), 2007).

    Raises:
        UsageError: a size that no room has, or too many nodes.
    """
    if not all(low <= size <= high for low, size, high in zip(SMALLEST_M, size_m, LARGEST_M, strict=True)):
        raise UsageError(
            "a room of " + " x ".join(f"{size:g}" for size in size_m) + " m is not one this model knows",
            "walls may be 3 to 12 m long and 2.2 to 4 m high",
        )
    if not 1 <= nodes <= MOST_NODES:
        raise UsageError(f"{nodes} nodes are not possible", f"a room has 1 to {MOST_NODES} of them")
    random = np.random.default_rng((seed, 0x600D))
    size = np.array(size_m)
    reflection = -random.uniform(0.65, 0.85, (3, 2))
    direct = random.uniform(0.2, 0.4)
    receiver = size * random.uniform((0.8, 0.35, 0.3), (0.88, 0.65, 0.5))
    furniture = size * random.uniform((0.05, 0.05, 0.1), (0.95, 0.95, 0.5), (PIECES, 3))
    furniture_m2 = random.uniform(0.1, 0.6, PIECES)
    hinge = np.array([0.0, size[1] * random.uniform(0.55, 0.7)])
    fan = size * [0.5, 0.5, 1.0] - [0.0, 0.0, 0.3]
    # one at a time, so that a further node leaves the others where they are
    senders = np.array([size * random.uniform((0.06, 0.15, 0.3), (0.2, 0.45, 0.5)) for _ in range(nodes)])
    chair = receiver[:2] + np.array([0.0, CHAIR_M if receiver[1] < size[1] / 2 else -CHAIR_M])
    return Room(size, reflection, direct, receiver, senders, furniture, furniture_m2, chair, hinge, fan)
