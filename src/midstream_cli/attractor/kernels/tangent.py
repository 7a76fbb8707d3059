"""How a map stretches small boxes that it carries along a series: the diagonal of repeated QR decompositions."""

import math

from midstream_cli.compiled.kernel import F1, F2, F3, inline, kernel

TINY = 1e-300


@inline
def _straighten(frame: F2, image: F2, i: int) -> float:
    """Edge i of the box's image without what lies along the edges before it, as edge i of the frame; and how long it was."""
    inputs = frame.shape[0]
    # twice is enough: what rounding leaves of the other directions after the first time goes in the second
    for _ in range(2):
        for j in range(i):
            along = 0.0
            for k in range(inputs):
                along += image[i, k] * frame[j, k]
            for k in range(inputs):
                image[i, k] -= along * frame[j, k]
    square = 0.0
    for k in range(inputs):
        square += image[i, k] * image[i, k]
    size = math.sqrt(square)
    for k in range(inputs):
        frame[i, k] = image[i, k] / size if size > TINY else 0.0
    return size


@kernel
def growths(gradients: F3, frame: F2, image: F2, out: F2) -> None:
    """The logarithm of how much each edge of a box grows at each step.

    Args:
        gradients: shape (steps, channels, inputs): how the newest values change with all that the state is made of,
            oldest first. The other values of the next state are the newer ones of this.
        frame: shape (inputs, inputs): the edges in rows, at first orthogonal; and what they are after the last step.
        image: scratch of the same shape.
        out: shape (steps, inputs), replaced.

    Source: G. Benettin, L. Galgani, A. Giorgilli, J.-M. Strelcyn, "Lyapunov characteristic exponents for smooth dynamical
    systems", Meccanica 15, 1980.
    """
    steps, channels, inputs = gradients.shape
    kept = inputs - channels
    for t in range(steps):
        for i in range(inputs):
            for k in range(kept):
                image[i, k] = frame[i, k + channels]
            for c in range(channels):
                total = 0.0
                for k in range(inputs):
                    total += gradients[t, c, k] * frame[i, k]
                image[i, kept + c] = total
        for i in range(inputs):
            out[t, i] = math.log(max(_straighten(frame, image, i), TINY))


@kernel
def normal_bands(gradients: F3, rows: F1, weight: float, bands: F2, slopes: F1, errors: F2) -> None:
    """Add the squared errors of a map's forecasts to the normal equations of the series that it forecasts.

    Args:
        gradients: shape (steps, channels, inputs), as above.
        rows: where in the series the state of each step begins, in values; whole numbers.
        weight: of a squared error.
        bands: shape (inputs + channels, values): the lower bands of the matrix, added to.
        slopes: shape (values,): the right-hand side, added to.
        errors: shape (steps, channels): what followed, less what was forecast.
    """
    steps, channels, inputs = gradients.shape
    for t in range(steps):
        at = int(rows[t])
        for c in range(channels):
            error = weight * errors[t, c]
            for i in range(inputs):
                pull = gradients[t, c, i]
                slopes[at + i] += pull * error
                for j in range(i, inputs):
                    bands[j - i, at + i] += weight * pull * gradients[t, c, j]
                bands[inputs + c - i, at + i] -= weight * pull
            slopes[at + inputs + c] -= error
            bands[0, at + inputs + c] += weight
