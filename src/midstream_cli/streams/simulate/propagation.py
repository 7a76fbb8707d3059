"""How a radio wave gets from one place to another: straight, over walls, and by way of things that scatter it.

The channel of subcarrier k is a sum over paths of a exp(-j 2 pi f_k d / c), where d is the length of a path and a its
amplitude gain (Ma, Zhou, Wang, "WiFi sensing with channel state information: a survey", ACM Computing Surveys 52(3),
2019, equation 1). Lengths are in metres, frequencies in hertz, cross sections in square metres.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Complex64, Float64

SPEED_OF_LIGHT = 299_792_458.0

SPACING_HZ = 312_500.0
"""Between neighbouring subcarriers of 802.11a/g/n."""

EDGE = 26
"""The legacy training field occupies subcarriers -26..26; the one in the middle is not sent."""

NEAREST_M = 0.2
"""Nothing is nearer to an antenna than this: the formulas hold in the far field only."""


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The subcarriers of a channel."""

    frequencies: Float64
    """Shape (53,): of subcarriers -26..26."""
    nodes: Float64
    """Shape (14,): every fourth of them."""
    weights: Complex64
    """Shape (14, 53): takes a channel at the nodes to all subcarriers."""

    @classmethod
    def of(cls, centre_hz: float, longest_m: float) -> Self:
        """The band around a carrier, for paths of up to `longest_m`, which may be 100 m.

        The channel is a sum of exponentials with bounded delays and so smooth over the band: weights that fit every such
        exponential in the sense of least squares interpolate it to single precision.
        """
        frequencies = np.arange(-EDGE, EDGE + 1, dtype=np.float64) * SPACING_HZ + centre_hz
        delays = np.linspace(0.0, longest_m / SPEED_OF_LIGHT, 64)
        paths = np.exp(-2j * np.pi * np.outer(delays, frequencies - centre_hz))
        weights = np.linalg.lstsq(paths[:, ::4], paths, rcond=1e-8)[0]
        return cls(frequencies, frequencies[::4], weights.astype(np.complex64))


@dataclass(frozen=True, slots=True, eq=False)
class Images:
    """An antenna and its mirror images in the walls of a box-shaped room: each image is one way over the walls."""

    positions: Float64
    """Shape (images, 3)."""
    gains: Float64
    """Shape (images,): the product of the reflection coefficients of the walls met."""
    bounces: npt.NDArray[np.int64]
    """Shape (images,): how many walls are met; the antenna itself, with none, stands first."""


def images(antenna: Float64, size_m: Float64, reflection: Float64, order: int) -> Images:
    """The images of an antenna by up to `order` reflections.

    The image method, published for sound: Allen, Berkley, "Image method for efficiently simulating small-room
    acoustics", J. Acoust. Soc. Am. 65(4), 1979. Along one axis image i stands at i L + x, or i L + L - x for odd i; it
    is seen over |i| reflections, by turns in the far and the near wall.

    Args:
        antenna: shape (3,), inside the room, which reaches from 0 to `size_m`.
        reflection: shape (3, 2), the amplitude reflection coefficients of the near and the far wall of each axis.
    """
    steps = np.arange(-order, order + 1)
    cells = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    bounces = np.abs(cells).sum(axis=1)
    cells = cells[bounces <= order]
    cells = cells[np.argsort(np.abs(cells).sum(axis=1), kind="stable")]
    mirrored = np.where(cells % 2 == 0, antenna, size_m - antenna)
    count = np.abs(cells)
    first, second = (count + 1) // 2, count // 2
    near, far = np.where(cells > 0, second, first), np.where(cells > 0, first, second)
    gains = (reflection[:, 0] ** near * reflection[:, 1] ** far).prod(axis=1)
    return Images(cells * size_m + mirrored, gains, count.sum(axis=1))


def direct(sender: Images, receiver: Float64, frequencies: Float64) -> npt.NDArray[np.complex128]:
    """The channel of each path from the images of a sender to a receiver, shape (images, frequencies).

    The gain of free space is lambda / (4 pi d) in amplitude (Friis 1946, isotropic antennas).
    """
    lengths = np.linalg.norm(sender.positions - receiver, axis=1)[:, None]
    wavelengths = SPEED_OF_LIGHT / frequencies
    channel: npt.NDArray[np.complex128] = (
        sender.gains[:, None] * wavelengths / (4 * np.pi * lengths) * np.exp(-2j * np.pi * lengths / wavelengths)
    )
    return channel


def scattered(points: Float64, cross_sections: Float64, sender: Images, receiver: Images, band: Band) -> Complex64:
    """The channel by way of points that scatter the wave, each seen over every image of both antennas.

    The amplitude gain of one way is lambda sqrt(sigma) / ((4 pi)^(3/2) d1 d2), the root of the bistatic radar equation.
    It is a product of two ways in free space, so that the sums over the images of either antenna are taken apart.

    Args:
        points: shape (points, n, 3), where they are in each of n frames.
        cross_sections: shape (points, n) or (points, 1), the radar cross sections sigma.

    Returns:
        Shape (n, 53).
    """
    wavelength = SPEED_OF_LIGHT / band.frequencies[EDGE]
    lengths = np.stack([_lengths(points, antenna) for antenna in (sender, receiver)])
    gains = np.stack([sender.gains, receiver.gains])[..., None, None] * (wavelength / (4 * np.pi))
    phasors = phasor(lengths * (band.nodes[0] / SPEED_OF_LIGHT))
    phasors *= (gains / lengths).astype(np.float32)
    steps = phasor(lengths * ((band.nodes[1] - band.nodes[0]) / SPEED_OF_LIGHT))
    strengths = (np.sqrt(4 * np.pi * cross_sections) / wavelength).astype(np.float32)
    channel = np.empty((len(band.nodes), points.shape[1]), np.complex64)
    for at_node in channel:
        there, back = phasors.sum(axis=1)
        np.sum(there * back * strengths, axis=0, out=at_node)
        phasors *= steps
    return channel.T @ band.weights


def _lengths(points: Float64, antenna: Images) -> Float64:
    """Between all images of an antenna and all points, shape (images, points, n)."""
    squares = np.zeros((len(antenna.gains), *points.shape[:2]))
    for axis in range(3):
        squares += (points[..., axis] - antenna.positions[:, axis, None, None]) ** 2
    return np.maximum(np.sqrt(squares, out=squares), NEAREST_M, out=squares)


def phasor(cycles: Float64) -> Complex64:
    """exp(-j 2 pi cycles), in single precision once whole cycles are gone."""
    angles = ((np.floor(cycles) - cycles) * (2 * np.pi)).astype(np.float32)
    turned = np.empty(angles.shape, np.complex64)
    np.cos(angles, out=turned.real)
    np.sin(angles, out=turned.imag)
    return turned
