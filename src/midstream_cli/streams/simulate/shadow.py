"""What a body in the way takes from the paths that pass it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Float64
from midstream_cli.streams.simulate.propagation import Images

RADIUS_M = 0.3
"""Half a body's width and half a first Fresnel zone, about."""

BLUR_M = 0.05
"""A head is round: over this height a path comes out of the shadow."""


@dataclass(frozen=True, slots=True, eq=False)
class Legs:
    """The straight pieces of the paths that meet at most one wall."""

    start: Float64
    """Shape (legs, 3)."""
    end: Float64
    path: npt.NDArray[np.int64]
    """Shape (legs,): which path the piece belongs to; 0 is the direct one."""


def legs(sender: Images, receiver: Float64) -> Legs:
    """The direct path, and the two pieces of each path over one wall, cut at the wall."""
    antenna = sender.positions[0]
    pieces: list[tuple[Any, Any, int]] = [(antenna, receiver, 0)]
    for path in np.flatnonzero(sender.bounces == 1).tolist():
        image = sender.positions[path]
        axis = int(np.argmax(np.abs(image - antenna)))
        wall = (image[axis] + antenna[axis]) / 2
        bend = receiver + (wall - receiver[axis]) / (image[axis] - receiver[axis]) * (image - receiver)
        pieces += [(antenna, bend, path), (bend, receiver, path)]
    starts, ends, paths = zip(*pieces, strict=True)
    return Legs(np.array(starts), np.array(ends), np.array(paths))


def passed(trunk: Float64, height_m: Float64, depth: Float64, ways: Legs) -> npt.NDArray[np.float32]:
    """The share of the amplitude that gets past an upright body on each path, shape (n, paths).

    A smooth stand-in for diffraction around a cylinder: the loss is `depth` for a body amid the path, and falls off as
    a Gaussian of its distance from it, where the path does not pass over its head.

    Args:
        trunk: shape (n, 2), where the vertical axis of the body stands.
        height_m: shape (n,).
        depth: shape (n,), the share of the amplitude lost in the middle of the shadow; 0 for no body.
    """
    along = ways.end - ways.start
    from_start = trunk[:, None] - ways.start[:, :2]
    reach = (from_start * along[:, :2]).sum(axis=-1) / np.maximum((along[:, :2] ** 2).sum(axis=-1), 1e-12)
    nearest = ways.start + np.clip(reach, 0.0, 1.0)[..., None] * along
    distance2 = ((trunk[:, None] - nearest[..., :2]) ** 2).sum(axis=-1)
    under = 0.5 - 0.5 * np.tanh((nearest[..., 2] - height_m[:, None]) / BLUR_M)
    loss = depth[:, None] * np.exp(-distance2 / RADIUS_M**2) * under
    share = np.ones((len(trunk), int(ways.path.max()) + 1), np.float32)
    for path, leg in zip(ways.path.tolist(), loss.T, strict=True):
        share[:, path] *= 1 - leg
    return share
