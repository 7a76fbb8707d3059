"""All that a recogniser has learnt and is at, laid out for its kernel."""

import numpy as np

from midstream_cli.compare.kernels import likelihood, recognition, usual
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
"""How slowly the baseline follows, how long a motion may last before it is the background, and of how much time it is told
whether that is steady: short, as recordings of seconds are to have some, too (`benchmarks/watch_real.py steady`)."""
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
        size, count = usual.padded(d), len(templates.rows)
        self.s: Float64 = aligned(usual.NUMBERS)
        self.m: Float64 = aligned((usual.WHITENING + 2 * d) * size)
        self.t: Float64 = aligned(count * size)
        self.c: Float64 = aligned(count * likelihood.ROW)
        self.k: Float64 = aligned(max(1, len(templates.lengths)) * likelihood.SIGNATURE)
        self.p: Float64 = aligned(2 * count)
        self.ring: Float64 = aligned(0 if templates.names else (KEPT + ODD) * d)
        s = self.s
        s[[usual.DIMS, usual.COUNT, usual.NAMES]] = d, len(templates.lengths), templates.names
        s[[usual.LEVEL, usual.USED, usual.WEIGHT]] = 1.0
        s[[usual.AGE, usual.MATCHED, usual.START]] = -1.0
        s[usual.ENTER] = LEAST_ENTER + max(0.0, limit - LEAST_ENTER) / d
        s[usual.ODDS] = -s[usual.ENTER]
        s[usual.CAP] = max([limit, *templates.thresholds.tolist()]) + BEYOND
        s[usual.PATIENCE] = max(256.0, round(PATIENCE_S * rate))
        s[usual.SLOW] = 1.0 / max(256.0, BASELINE_S * rate)
        s[[usual.ROOM, usual.DUE]] = KEPT, LEARNING
        s[[usual.ODD_ROOM, usual.ODD_DUE]] = ODD, LEAST_ODD
        s[usual.LIMIT], s[usual.BLOCK] = limit, max(32.0, round(BLOCK_S * rate))
        s[usual.TRUST] = usual.TRUSTED
        table = self.k.reshape(-1, likelihood.SIGNATURE)
        table[:, likelihood.THRESHOLD], table[:, likelihood.BEGUN], table[:, likelihood.LAST] = limit, -1.0, -1.0
        table = table[: len(templates.lengths)]
        table[:, likelihood.FIRST], table[:, likelihood.LENGTH] = templates.firsts, templates.lengths
        table[:, likelihood.THRESHOLD] = templates.thresholds
        if templates.names:
            self.t.reshape(count, size)[:, 0] = templates.rows[:, 0]
        elif templates.background is not None:
            s[usual.LEARNT], s[usual.DUE], s[usual.TRUST] = PRIOR, ENOUGH, 0.0
            self._adopt(Model.stored(templates.background, least=templates.least), 1.0)

    def attend(self, due: int) -> None:
        """Make the model of the background anew, or begin to learn another background."""
        s = self.s
        if due == RELEARN:
            # what has lasted so long is the background, whatever it is like
            self._refused = 0 if s[usual.TRUST] < usual.TRUSTED else int(s[usual.PATIENCE])
            s[[usual.KNOWN, usual.PLACE, usual.FILLED, usual.LEARNT, usual.SINCE, usual.FROZEN]] = 0.0
            s[[usual.ODD_PLACE, usual.ODD_FILLED, usual.ODD_SINCE, usual.SHAPED]] = 0.0
            s[usual.DUE], s[usual.AGE], s[usual.TRUST] = LEARNING, -1.0, usual.TRUSTED
            s[usual.ODD_DUE] = LEAST_ODD
            recognition.end_paths(s, self.k, self.p)
            return
        if s[usual.SINCE] >= s[usual.DUE]:
            self._model_anew()
        if s[usual.ODD_FILLED] >= LEAST_ODD:
            self._shape_anew()

    def _model_anew(self) -> None:
        """Make the model from the idle vectors that are kept."""
        s, least = self.s, self._templates.least
        filled, place = int(s[usual.FILLED]), int(s[usual.PLACE])
        ring = self.ring[: KEPT * self.dims].reshape(KEPT, self.dims)
        kept = np.roll(ring, -place, axis=0) if filled == KEPT else ring[:filled]
        if s[usual.KNOWN] > 0:
            model = Model.of(kept, least=least, around=self._mean())
            model = Model(self._mean(), model.unit, model.whitening, model.correlation)
        elif self._moves(kept):
            s[[usual.PLACE, usual.FILLED, usual.SINCE, usual.LEARNT]] = 0.0
            s[usual.SUPPRESSED] = 1.0
            return
        else:
            s[usual.SUPPRESSED] = 0.0
            model = Model.of(kept, least=least)
            ring[:filled] -= model.mean
        self._adopt(model, unseen(kept, least) if filled < KEPT else 1.0)
        s[usual.DUE] = min(s[usual.LEARNT], KEPT) if s[usual.LEARNT] < KEPT else REFRESH

    def _moves(self, vectors: Float64) -> bool:
        """Whether the first vectors are no background, as each is like the one before it; for as long as that may last."""
        if self.dims < MANY or alike(vectors) < SMOOTH or self._refused >= self.s[usual.PATIENCE]:
            return False
        self._refused += len(vectors)
        return True

    def _shape_anew(self) -> None:
        """Make the shape of odd vectors from those that are kept."""
        s, d, size = self.s, self.dims, usual.padded(self.dims)
        first, filled = KEPT * d, int(s[usual.ODD_FILLED])
        odd = self.ring[first : first + filled * d].reshape(filled, d)
        matrix = self.m.reshape(-1, size)
        scaled = odd * matrix[usual.INVERSE, :d]
        white = scaled @ matrix[usual.WHITENING : usual.WHITENING + d, :d]
        matrix[usual.WHITENING + d :, :d] = shape(white).T
        s[[usual.SHAPED, usual.ODD_SINCE]] = 1.0, 0.0
        s[usual.ODD_DUE] = filled

    def _mean(self) -> Float64:
        at = usual.MEAN * usual.padded(self.dims)
        return self.m[at : at + self.dims].copy()

    def _adopt(self, model: Model, level: float) -> None:
        """Whiten by a model from now on."""
        s, d, size = self.s, self.dims, usual.padded(self.dims)
        matrix = self.m.reshape(-1, size)
        matrix[usual.MEAN, :d] = model.mean
        matrix[usual.INVERSE, :d] = 1.0 / model.unit
        matrix[usual.WHITENING : usual.WHITENING + d, :d] = model.whitening.T
        s[[usual.KNOWN, usual.LEVEL, usual.USED]] = 1.0, level, level
        s[usual.WEIGHT] = 1.0 / model.correlation
        s[[usual.SINCE, usual.STRETCH]] = 0.0
        constants = self.c.reshape(-1, likelihood.ROW)
        white, square, blur, entry, bare = self._templates.measured(model.whiten(self._templates.rows))
        self.t.reshape(-1, size)[:, :d] = white
        constants[:, likelihood.SQUARE], constants[:, likelihood.BLUR] = square, blur
        table = self.k.reshape(-1, likelihood.SIGNATURE)[: len(entry)]
        table[:, likelihood.ENTRY], table[:, likelihood.BARE] = entry, bare
        recognition.lay(s, self.c, self.k)


def unseen(vectors: Float64, least: Float64) -> float:
    """The energy that vectors have in a model of the other half of them, over the one they have in their own; nearer 1 by half."""
    half = len(vectors) // 2
    model = Model.of(vectors[:half], least=least)
    energy = np.square(model.whiten(vectors[half:] - model.mean)).mean(axis=1)
    return min(4.0, max(1.0, 0.5 + 0.5 * float(np.median(energy))))
