"""What moves in a room without being a person: a door on its hinge, and a fan."""

import numpy as np

from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.room import DOOR_HEIGHT_M, DOOR_WIDTH_M, Room

OPEN_RAD = np.deg2rad(80.0)

PANEL_M2, BLADE_M2 = 0.12, 0.3
"""Radar cross sections of a piece of the door, and of a blade."""

BLADE_M = 0.45
BLADES = 3


def door(room: Room, opened: Float64) -> tuple[Float64, Float64]:
    """The pieces of a door that swings into the room: positions, shape (6, n, 3), and cross sections, (6, 1).

    Args:
        opened: shape (n,), from 0 for closed to 1 for open.
    """
    widths = np.array([0.35, 0.65, 0.95])[:, None] * DOOR_WIDTH_M
    x = room.hinge[0] + widths * np.sin(opened * OPEN_RAD)
    y = room.hinge[1] + widths * np.cos(opened * OPEN_RAD)
    rows = [np.stack([x, y, np.full_like(x, part * DOOR_HEIGHT_M)], axis=-1) for part in (0.3, 0.7)]
    return np.concatenate(rows), np.full((6, 1), PANEL_M2)


def fan(room: Room, turns: Float64) -> tuple[Float64, Float64]:
    """The tips of a fan's blades: positions, shape (3, n, 3), and cross sections, (3, 1).

    The blades look alike, so that everything repeats with every blade, not with every turn.

    Args:
        turns: shape (n,), how far it has turned.
    """
    angle = 2 * np.pi * (turns + np.arange(BLADES)[:, None] / BLADES)
    around = np.stack([np.cos(angle), np.sin(angle), np.zeros_like(angle)], axis=-1)
    return room.fan + BLADE_M * around, np.full((BLADES, 1), BLADE_M2)
