"""All that a recogniser has learnt and is at, laid out for its kernel."""

import numpy as np

from midstream_cli.compare.kernels import likelihood as rows
from midstream_cli.compare.kernels import recognition as paths
from midstream_cli.compare.kernels import usual as kernels
from midstream_cli.compare.kernels.adapting import RELEARN
from midstream_cli.compare.recognition.background import Model, alike, shape
from midstream_cli.compare.recognition.templates import Templates
from midstream_cli.compiled.vectors import aligned
from midstream_cli.frames import Float64

LEARNING, ENOUGH, KEPT, REFRESH = 64, 256, 1024, 4096
"""Idle vectors for the first model of a stream, for one that is better than that of the signatures' backgrounds, for the best
one, and from then on between one and the next."""
ODD, LEAST_ODD = 256, 32
"""Odd vectors that are kept, and those that tell their shape."""
PRIOR = 16
"""Vectors that the mean of a stored background is worth."""
BASELINE_S, PATIENCE_S, BLOCK_S = 20.0, 120.0, 1.0
MANY, SMOOTH = 16, 0.2
"""Where so many numbers of a vector are so much like those of the one before, something moves: receiver noise is white."""
LEAST_ENTER, BEYOND = 3.0, 30.0
"""What unknown motion costs, and how far evidence goes beyond the threshold."""


class Arrays:
    """The arrays of a recogniser, as `kernels.recognition` names them, and what is done to them once in many vectors."""

    def __init__(self, templates: Templates, rate: float, limit: float) -> None:
        """Lay them out.

        Args:
            rate: vectors a second.
            limit: the evidence at which signatures are told, in nats.
        """
        self._templates = templates
        self.dims = templates.rows.shape[1]
        self._refused = 0
        d = self.dims
        size, count = kernels.padded(d), len(templates.rows)
        self.s: Float64 = aligned(kernels.NUMBERS)
        self.m: Float64 = aligned((kernels.WHITENING + 2 * d) * size)
        self.t: Float64 = aligned(count * size)
        self.c: Float64 = aligned(count * rows.ROW)
        self.k: Float64 = aligned(max(1, len(templates.lengths)) * rows.SIGNATURE)
        self.p: Float64 = aligned(2 * count)
        self.ring: Float64 = aligned(0 if templates.names else (KEPT + ODD) * d)
        s = self.s
        s[[kernels.DIMS, kernels.COUNT, kernels.NAMES]] = d, len(templates.lengths), templates.names
        s[[kernels.LEVEL, kernels.USED, kernels.WEIGHT]] = 1.0
        s[[kernels.AGE, kernels.MATCHED, kernels.START]] = -1.0
        s[kernels.ENTER] = LEAST_ENTER + max(0.0, limit - LEAST_ENTER) / d
        s[kernels.ODDS] = -s[kernels.ENTER]
        s[kernels.CAP] = max([limit, *templates.thresholds.tolist()]) + BEYOND
        s[kernels.PATIENCE] = max(256.0, round(PATIENCE_S * rate))
        s[kernels.SLOW] = 1.0 / max(256.0, BASELINE_S * rate)
        s[[kernels.ROOM, kernels.DUE]] = KEPT, LEARNING
        s[[kernels.ODD_ROOM, kernels.ODD_DUE]] = ODD, LEAST_ODD
        s[kernels.LIMIT], s[kernels.BLOCK] = limit, max(32.0, round(BLOCK_S * rate))
        s[kernels.TRUST] = kernels.TRUSTED
        table = self.k.reshape(-1, rows.SIGNATURE)
        table[:, rows.THRESHOLD], table[:, rows.BEGUN], table[:, rows.LAST] = limit, -1.0, -1.0
        table = table[: len(templates.lengths)]
        table[:, rows.FIRST], table[:, rows.LENGTH] = templates.firsts, templates.lengths
        table[:, rows.THRESHOLD] = templates.thresholds
        if templates.names:
            self.t.reshape(count, size)[:, 0] = templates.rows[:, 0]
        elif templates.background is not None:
            s[kernels.LEARNT], s[kernels.DUE], s[kernels.TRUST] = PRIOR, ENOUGH, 0.0
            self._adopt(Model.stored(templates.background, least=templates.least), 1.0)

    def attend(self, due: int) -> None:
        """Make the model of the background anew, or begin to learn another background."""
        s = self.s
        if due == RELEARN:
            # what has lasted so long is the background, whatever it is like
            self._refused = 0 if s[kernels.TRUST] < kernels.TRUSTED else int(s[kernels.PATIENCE])
            s[[kernels.KNOWN, kernels.PLACE, kernels.FILLED, kernels.LEARNT, kernels.SINCE, kernels.FROZEN]] = 0.0
            s[[kernels.ODD_PLACE, kernels.ODD_FILLED, kernels.ODD_SINCE, kernels.SHAPED]] = 0.0
            s[kernels.DUE], s[kernels.AGE], s[kernels.TRUST] = LEARNING, -1.0, kernels.TRUSTED
            s[kernels.ODD_DUE] = LEAST_ODD
            paths.end_paths(s, self.k, self.p)
            return
        if s[kernels.SINCE] >= s[kernels.DUE]:
            self._model_anew()
        if s[kernels.ODD_FILLED] >= LEAST_ODD:
            self._shape_anew()

    def _model_anew(self) -> None:
        """Make the model from the idle vectors that are kept."""
        s, least = self.s, self._templates.least
        filled, place = int(s[kernels.FILLED]), int(s[kernels.PLACE])
        ring = self.ring[: KEPT * self.dims].reshape(KEPT, self.dims)
        kept = np.roll(ring, -place, axis=0) if filled == KEPT else ring[:filled]
        if s[kernels.KNOWN] > 0:
            model = Model.of(kept, least=least, around=self._mean())
            model = Model(self._mean(), model.unit, model.whitening, model.correlation)
        elif self._moves(kept):
            s[[kernels.PLACE, kernels.FILLED, kernels.SINCE, kernels.LEARNT]] = 0.0
            s[kernels.SUPPRESSED] = 1.0
            return
        else:
            s[kernels.SUPPRESSED] = 0.0
            model = Model.of(kept, least=least)
            ring[:filled] -= model.mean
        self._adopt(model, unseen(kept, least) if filled < KEPT else 1.0)
        s[kernels.DUE] = min(s[kernels.LEARNT], KEPT) if s[kernels.LEARNT] < KEPT else REFRESH

    def _moves(self, vectors: Float64) -> bool:
        """Whether the first vectors are no background, as each is like the one before it; for as long as that may last."""
        if self.dims < MANY or alike(vectors) < SMOOTH or self._refused >= self.s[kernels.PATIENCE]:
            return False
        self._refused += len(vectors)
        return True

    def _shape_anew(self) -> None:
        """Make the shape of odd vectors from those that are kept."""
        s, d, size = self.s, self.dims, kernels.padded(self.dims)
        first, filled = KEPT * d, int(s[kernels.ODD_FILLED])
        odd = self.ring[first : first + filled * d].reshape(filled, d)
        matrix = self.m.reshape(-1, size)
        scaled = odd * matrix[kernels.INVERSE, :d]
        white = scaled @ matrix[kernels.WHITENING : kernels.WHITENING + d, :d]
        matrix[kernels.WHITENING + d :, :d] = shape(white).T
        s[[kernels.SHAPED, kernels.ODD_SINCE]] = 1.0, 0.0
        s[kernels.ODD_DUE] = filled

    def _mean(self) -> Float64:
        at = kernels.MEAN * kernels.padded(self.dims)
        return self.m[at : at + self.dims].copy()

    def _adopt(self, model: Model, level: float) -> None:
        """Whiten by a model from now on."""
        s, d, size = self.s, self.dims, kernels.padded(self.dims)
        matrix = self.m.reshape(-1, size)
        matrix[kernels.MEAN, :d] = model.mean
        matrix[kernels.INVERSE, :d] = 1.0 / model.unit
        matrix[kernels.WHITENING : kernels.WHITENING + d, :d] = model.whitening.T
        s[[kernels.KNOWN, kernels.LEVEL, kernels.USED]] = 1.0, level, level
        s[kernels.WEIGHT] = 1.0 / model.correlation
        s[[kernels.SINCE, kernels.STRETCH]] = 0.0
        constants = self.c.reshape(-1, rows.ROW)
        white, square, blur, entry, bare = self._templates.measured(model.whiten(self._templates.rows))
        self.t.reshape(-1, size)[:, :d] = white
        constants[:, rows.SQUARE], constants[:, rows.BLUR] = square, blur
        table = self.k.reshape(-1, rows.SIGNATURE)[: len(entry)]
        table[:, rows.ENTRY], table[:, rows.BARE] = entry, bare
        paths.lay(s, self.c, self.k)


def unseen(vectors: Float64, least: Float64) -> float:
    """The energy that vectors have in a model of the other half of them, over the one they have in their own; nearer 1 by half."""
    half = len(vectors) // 2
    model = Model.of(vectors[:half], least=least)
    energy = np.square(model.whiten(vectors[half:] - model.mean)).mean(axis=1)
    return min(4.0, max(1.0, 0.5 + 0.5 * float(np.median(energy))))
