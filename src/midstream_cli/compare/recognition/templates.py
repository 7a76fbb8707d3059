"""Signatures laid out to be recognised: displacements from their backgrounds, thresholds, where a path may begin."""

import math
from collections.abc import Sequence

import numpy as np

from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import SignatureError
from midstream_cli.frames import Float64, Int64
from midstream_cli.streams.features import is_categorical, load, names

DAY_S = 86_400.0
LEAST_SHARE = 1e-3
"""No channel has a unit below this share of the signatures' displacements."""
SPREAD = 0.1
"""Deviation of each number from what the strength of a motion explains, as a share of the whole."""
LEAST_BENDS, SHORT_NOISE = 3, 0.3
"""Rows that tell their noise, and the variance of that of a take where they are fewer."""
BETWEEN = 1.0 / 12.0
"""Variance of a moment between two rows."""
FAINT, FAINTER = 1.0, 0.04
"""A row is faint that the background brings by itself, and whose energy is so small a part of the greatest row's."""


class Templates:
    """What a recogniser knows of its signatures, whatever the background of the stream is."""

    def __init__(self, signatures: Sequence[Signature], dims: int, limit: float) -> None:
        """Lay them out one after the other.

        Raises:
            SignatureError: vectors are not finite, or there are none.
        """
        for signature in signatures:
            if signature.length == 0 or not np.isfinite(signature.vectors).all():
                raise SignatureError(
                    f"{signature.path or signature.id} has no vectors, or some that are not finite", "capture it anew"
                )
        kind = signatures[0].feature_kind if signatures else ""
        self.names = kind in names() and is_categorical(load(kind))
        self.lengths: Int64 = np.array([signature.length for signature in signatures], np.int64)
        self.firsts: Int64 = np.cumsum(self.lengths) - self.lengths
        self.background = pooled([each.background for each in signatures if each.background is not None])
        self.rows: Float64 = np.concatenate([np.empty((0, dims)), *(signature.vectors for signature in signatures)])
        if not self.names:
            displaced = (_displaced(signature, self.background) for signature in signatures)
            self.rows = np.concatenate([self.rows[:0], *displaced])
        greatest = float(np.abs(self.rows).max(initial=0.0)) or 1.0
        size = greatest * math.sqrt(float(np.square(self.rows / greatest).sum()) / max(1, self.rows.size))
        self.least: Float64 = np.full(self.rows.shape[1], LEAST_SHARE * size)
        self.thresholds: Float64 = np.array([_own(signature, limit) for signature in signatures])
        self.takes = [max(1, signature.takes) for signature in signatures]

    def measured(self, whitened: Float64) -> tuple[Float64, Float64, Float64, Int64, Float64]:
        """What follows of whitened rows, shape (rows, dims).

        Returns:
            The rows, drawn towards none as far as they are noise of the takes; their energy; how far off a path may be; and of
            each signature the last row that a path may begin with, and the variance of that noise.
        """
        white, dims = whitened.copy(), whitened.shape[1]
        blur, entry = np.zeros(len(white)), np.zeros(len(self.lengths), np.int64)
        bare = np.zeros(len(self.lengths))
        for which, (first, length) in enumerate(zip(self.firsts.tolist(), self.lengths.tolist(), strict=True)):
            own = slice(first, first + length)
            bare[which] = take_noise(white[own], self.takes[which])
            energy = np.square(white[own]).sum(axis=1)
            white[own] *= np.maximum(0.0, 1.0 - bare[which] * dims / np.maximum(energy, bare[which] * dims + 1e-300))[
                :, None
            ]
            square = np.square(white[own]).sum(axis=1)
            blur[own] = SPREAD**2 * square
            if length > 1:
                steps = np.square(np.diff(white[own], axis=0)).sum(axis=1)
                beside = np.concatenate([steps[:1], 0.5 * (steps[1:] + steps[:-1]), steps[-1:]])
                blur[own] += BETWEEN * np.maximum(0.0, beside - 2.0 * bare[which] * dims)
            noise = dims * (FAINT + math.sqrt(8.0 / dims))
            clear = np.flatnonzero((energy >= noise) | (energy >= FAINTER * energy.max()))
            entry[which] = clear[0] if len(clear) else 0
        return white, np.square(white).sum(axis=1), blur, entry, bare


def take_noise(white: Float64, takes: int) -> float:
    """Variance of the noise in whitened rows, shape (length, dims): what bends from row to row, as motions do little.

    At most what as many takes as they are the mean of can have.
    """
    if len(white) < LEAST_BENDS:
        return SHORT_NOISE / takes
    bends = np.square(np.diff(white, 2, axis=0)).mean(axis=1) / 6.0
    return min(1.0 / takes, float(np.median(bends)))


def usual_threshold(rate_hz: float, false_alarms_per_day: float, signatures: int) -> float:
    """Evidence that a stationary background brings so rarely, in nats: the bound of E. S. Page's test, over all signatures."""
    return max(1.0, math.log(rate_hz * DAY_S / false_alarms_per_day) + math.log(max(1, signatures)))


def pooled(backgrounds: Sequence[Background]) -> Background | None:
    """One background for several; of none, None."""
    apart: list[Background] = []
    for background in backgrounds:
        if not any(background is other or background.agrees(other) for other in apart):
            apart.append(background)
    if len(apart) < 2:
        return apart[0] if apart else None
    mean: Float64 = np.mean([each.mean for each in apart], axis=0)
    covariance: Float64 = np.mean([_covariance(each) for each in apart], axis=0)
    return Background(
        mean,
        np.sqrt(np.diag(covariance)),
        covariance=covariance,
        correlation=max(each.correlation for each in apart),
        count=sum(each.count or 0 for each in apart) or None,
    )


def _covariance(background: Background) -> Float64:
    """Shape (dims, dims); of a background that says nothing of it, that of independent channels."""
    return np.diag(np.square(background.deviation)) if background.covariance is None else background.covariance


def _displaced(signature: Signature, shared: Background | None) -> Float64:
    background = signature.background or shared
    return signature.vectors if background is None else signature.vectors - background.mean


def _own(signature: Signature, limit: float) -> float:
    return limit if signature.evidence_threshold is None else signature.evidence_threshold
