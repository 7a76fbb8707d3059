"""Signatures recognised in a stream of vectors from their first vectors on, against a background that is learnt."""

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels import recognition as paths
from midstream_cli.compare.kernels import usual as kernels
from midstream_cli.compare.live.groups import other_dims
from midstream_cli.compare.recognition.background import Model, shape
from midstream_cli.compare.recognition.templates import Templates, threshold
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import SignatureError, UsageError
from midstream_cli.frames import Float64

State = Literal["learning", "steady", "unsettled"]

USUAL_RATE_HZ = 30.0
"""Vectors a second, where nobody says."""
LEARNING, TRUSTED, KEPT, REFRESH = 64, 256, 1024, 4096
"""Idle vectors for the first model of a stream, for one that is better than that of the signatures' backgrounds, for the best
one, and from then on between one and the next."""
ODD, LEAST_ODD = 256, 32
"""Odd vectors that are kept, and those that tell their shape."""
PRIOR = 16
"""Vectors that the mean of a stored background is worth."""
BASELINE_S, PATIENCE_S, BLOCK_S = 20.0, 120.0, 2.0
LEAST_ENTER, BEYOND = 3.0, 30.0
"""What unknown motion costs, and how far evidence goes beyond the threshold."""
ODDS_OF_NAMES = -30.0
_NONE = np.empty(0)


class Recognition(NamedTuple):
    """What is known after a vector."""

    matched: int
    """The signature that this vector identified, as a position among the signatures; else -1."""
    best: int
    """The signature that most speaks for; of equal ones the first."""
    evidence: float
    """For it: logarithm of the likelihood ratio to background or unknown motion, in nats; 0 where nothing speaks for it."""
    margin: float
    """Beyond the second best."""
    start: int
    """Position of the vector that it began with, those passed over counted; -1 where nothing speaks for it."""
    unknown: float
    """How probable motion is that no signature is of, 0 to 1."""


class Match(NamedTuple):
    """A signature that was identified."""

    position: int
    """Of the vector that identified it."""
    signature: int
    evidence: float
    margin: float
    start: int


class Candidate(NamedTuple):
    """What speaks for a signature."""

    signature: int
    evidence: float
    """In nats; 0 where nothing does."""
    score: float
    """Logistic function of the evidence beyond its threshold."""
    above_threshold: bool
    margin: float
    """Beyond the best other signature; of those that are not the best below 0."""
    start: int
    """Position of the vector that it began with, or -1."""


class Recogniser:
    """Recognises signatures in a stream of vectors, in bounded memory; however the stream is cut, the same.

    Each signature is its displacement from its own background, the stream is its displacement from a baseline that follows
    it slowly and not while something moves; both are whitened by the same model of the background. A signature is told
    once its evidence reaches its threshold, and is so far beyond that for all others that it is right 99 times in 100; and
    not again before its evidence has fallen to half of that.

    Without a stored background the first 64 vectors are taken for idle, and nothing is told meanwhile. Vectors with a
    number that is not finite, or beyond 1e250, are passed over and counted.
    """

    def __init__(
        self,
        signatures: Sequence[Signature],
        *,
        rate_hz: float | None = None,
        false_alarms_per_day: float = 24.0,
    ) -> None:
        """Lay out the signatures.

        Args:
            signatures: all of the same feature.
            rate_hz: vectors a second, for what false alarms are counted by; by default 30.
            false_alarms_per_day: of all signatures together, on a background that is stationary; a signature that was
                calibrated has its own threshold.

        Raises:
            SignatureError: there is none, or their vectors are not alike, or not finite.
            UsageError: a number is out of its range.
        """
        rate = USUAL_RATE_HZ if rate_hz is None else rate_hz
        if not (0 < rate < math.inf and 0 < false_alarms_per_day < math.inf):
            raise UsageError(
                f"{false_alarms_per_day} false alarms a day of {rate} vectors a second cannot be",
                "give numbers above 0",
            )
        if not signatures:
            raise SignatureError("there is no signature to recognise", "midstream capture-signature makes one")
        self.dims = signatures[0].vectors.shape[1]
        for signature in signatures:
            if signature.vectors.shape[1] != self.dims:
                raise other_dims(signature, self.dims)
        self.threshold = threshold(rate, false_alarms_per_day, len(signatures))
        self._templates = Templates(signatures, self.threshold)

        self._lay_out(rate)
        self._take = paths.advance.function(hold_gil=True)

    def _lay_out(self, rate: float) -> None:
        """Make the arrays that the kernel works on."""
        templates, d = self._templates, self.dims
        size, rows = kernels.padded(d), len(templates.rows)
        self._s: Float64 = aligned(kernels.NUMBERS)
        self._m: Float64 = aligned((kernels.WHITENING + 2 * d) * size)
        self._t: Float64 = aligned(rows * size)
        self._c: Float64 = aligned(rows * paths.ROW)
        self._k: Float64 = aligned(len(templates.lengths) * paths.SIGNATURE)
        self._p: Float64 = aligned(2 * rows)
        self._ring: Float64 = aligned(0 if templates.names else (KEPT + ODD) * d)
        s = self._s
        s[[kernels.DIMS, kernels.COUNT, kernels.NAMES]] = d, len(templates.lengths), templates.names
        s[[kernels.LEVEL, kernels.USED, kernels.WEIGHT]] = 1.0
        s[[kernels.AGE, kernels.MATCHED, kernels.START]] = -1.0
        s[kernels.ENTER] = LEAST_ENTER + max(0.0, self.threshold - LEAST_ENTER) / d
        s[kernels.ODDS] = ODDS_OF_NAMES if templates.names else -s[kernels.ENTER]
        s[kernels.CAP] = float(templates.thresholds.max()) + BEYOND
        s[kernels.PATIENCE] = max(256.0, round(PATIENCE_S * rate))
        s[kernels.SLOW] = 1.0 / max(256.0, BASELINE_S * rate)
        s[[kernels.ROOM, kernels.DUE]] = KEPT, LEARNING
        s[[kernels.ODD_ROOM, kernels.ODD_DUE]] = ODD, LEAST_ODD
        s[kernels.LIMIT], s[kernels.BLOCK] = self.threshold, max(32.0, round(BLOCK_S * rate))
        table = self._k.reshape(-1, paths.SIGNATURE)
        table[:, paths.FIRST], table[:, paths.LENGTH] = templates.firsts, templates.lengths
        table[:, paths.THRESHOLD], table[:, paths.BARE] = templates.thresholds, templates.bare
        table[:, paths.BEGUN] = table[:, paths.LAST] = -1.0
        if templates.names:
            self._t.reshape(rows, size)[:, 0] = templates.rows[:, 0]
            self._counts: dict[float, int] = {}
        elif templates.background is not None:
            s[kernels.LEARNT], s[kernels.DUE] = PRIOR, TRUSTED
            self._adopt(Model.stored(templates.background, least=templates.least), 1.0)

    def __getstate__(self) -> dict[str, Any]:
        """All that it knows; machine code is found again."""
        return {name: value for name, value in vars(self).items() if name != "_take"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._take = paths.advance.function(hold_gil=True)

    @property
    def position(self) -> int:
        """Vectors so far, those passed over included."""
        return int(self._s[kernels.CLOCK])

    @property
    def skipped(self) -> int:
        """Vectors passed over, as they were not finite."""
        return int(self._s[kernels.SKIPPED])

    @property
    def baseline_age(self) -> int:
        """Vectors since the baseline last learnt; -1 before it is known."""
        return int(self._s[kernels.AGE])

    @property
    def frozen(self) -> bool:
        """Whether something moves, so that the baseline does not learn."""
        return bool(self._s[kernels.FROZEN] > 0)

    @property
    def suppressed(self) -> bool:
        """Whether matches are held back, as the background is not steady."""
        return bool(self._s[kernels.SUPPRESSED] > 0)

    @property
    def state(self) -> State:
        """Of the background."""
        if not self._templates.names and self._s[kernels.KNOWN] <= 0:
            return "learning"
        return "unsettled" if self.suppressed else "steady"

    def update(self, vector: npt.ArrayLike) -> Recognition:
        """Take the next vector, shape (dims,).

        Raises:
            UsageError: it has another shape.
        """
        if not self._templates.names and isinstance(vector, np.ndarray) and vector.shape == (self.dims,):
            try:
                due = self._take(vector, self._s, self._m, self._t, self._c, self._k, self._p, self._ring, _NONE) & 3
            except TypeError:
                return self.update(np.array(vector, np.float64))
            if due:
                self._attend(due)
        else:
            given = np.asarray(vector, np.float64)
            if given.size != self.dims or given.ndim > 1:
                raise UsageError(
                    f"a vector of shape {given.shape} is none of {self.dims} numbers", f"give ({self.dims},)"
                )
            self.extend(given.reshape(1, -1))
        matched, best, evidence, margin, start, unknown = self._s[kernels.MATCHED : kernels.UNKNOWN + 1].tolist()
        return Recognition(int(matched), int(best), evidence, margin, int(start), unknown)

    def extend(self, vectors: npt.ArrayLike) -> list[Match]:
        """Take many vectors in order, shape (n, dims), or (n,) of numbers; return what they identify.

        Raises:
            UsageError: they have another shape.
        """
        return self._run(self._vectors(vectors), _NONE)

    def trace(self, vectors: npt.ArrayLike) -> Float64:
        """Take many vectors as `extend` does; the evidence for each signature after each, shape (n, signatures).

        Raises:
            UsageError: they have another shape.
        """
        given = self._vectors(vectors)
        found = np.zeros((len(given), len(self._templates.lengths)))
        self._run(given, found)
        return found

    def top(self, k: int = 5) -> list[Candidate]:
        """The signatures that most speaks for, best first; of equal ones the first first."""
        table = self._k.reshape(-1, paths.SIGNATURE)
        evidence = table[:, paths.REACHED]
        found = []
        best, margin = int(self._s[kernels.BEST]), float(self._s[kernels.MARGIN])
        greatest = float(self._s[kernels.EVIDENCE])
        order = np.argsort(-evidence, kind="stable")[:k].tolist() if greatest > 0 else range(min(k, len(table)))
        for which in order:
            own, limit, start = table[which, [paths.REACHED, paths.THRESHOLD, paths.BEGUN]].tolist()
            found.append(
                Candidate(
                    which,
                    own,
                    logistic(own - limit),
                    own >= limit,
                    margin if which == best else own - greatest,
                    int(start) if own > 0 else -1,
                )
            )
        return found

    @property
    def evidences(self) -> Float64:
        """For each signature after the latest vector, shape (signatures,), whatever the threshold is, and held back or not."""
        return self._k[paths.REACHED :: paths.SIGNATURE].copy()

    def interrupt(self) -> None:
        """Take note that the stream was silent: nothing that was under way goes on, and the baseline stays."""
        paths.end_paths(self._s, self._k, self._p)
        if self._templates.names:
            self._s[kernels.ODDS] = ODDS_OF_NAMES

    def _vectors(self, vectors: npt.ArrayLike) -> Float64:
        given = np.ascontiguousarray(vectors, np.float64)
        if given.ndim == 1 and self.dims == 1:
            given = given[:, None]
        if given.ndim != 2 or given.shape[1] != self.dims:
            raise UsageError(
                f"vectors of shape {given.shape} are none of {self.dims} numbers", f"give (n, {self.dims})"
            )
        return given

    def _run(self, given: Float64, trace: Float64) -> list[Match]:
        flat, notes, found, at, s = given.reshape(-1), trace.reshape(-1), list[Match](), 0, self._s
        signatures = len(self._templates.lengths)
        while at < len(given):
            until = at + 1 if self._templates.names else len(given)
            if self._templates.names:
                self._count(float(flat[at]))
            taken = self._take(
                flat[at * self.dims : until * self.dims], s, self._m, self._t, self._c, self._k, self._p, self._ring,
                notes[at * signatures :],
            )  # fmt: skip
            at += taken >> 2
            if taken & 3:
                self._attend(taken & 3)
            if s[kernels.MATCHED] >= 0:
                which, _, evidence, margin, start = s[kernels.MATCHED : kernels.UNKNOWN].tolist()
                found.append(Match(self.position - 1, int(which), evidence, margin, int(start)))
        return found

    def _count(self, name: float) -> None:
        """Count a name, and say what it is worth: the rarer it has been, the more."""
        if not math.isfinite(name):
            return
        times = self._counts.get(name, 0) + 1
        if times > 1 or len(self._counts) < 1 << 18:
            self._counts[name] = times
        share = times / (self.position - self.skipped + 1)
        self._s[kernels.EQUAL], self._s[kernels.OTHER] = math.log(0.9 / share), math.log(0.1)

    def _attend(self, due: int) -> None:
        """Make the model of the background anew, or begin to learn another background."""
        s = self._s
        if due == paths.RELEARN:
            s[[kernels.KNOWN, kernels.PLACE, kernels.FILLED, kernels.LEARNT, kernels.SINCE, kernels.FROZEN]] = 0.0
            s[[kernels.ODD_PLACE, kernels.ODD_FILLED, kernels.ODD_SINCE, kernels.SHAPED]] = 0.0
            s[kernels.DUE], s[kernels.AGE] = LEARNING, -1.0
            s[kernels.ODD_DUE] = LEAST_ODD
            paths.end_paths(s, self._k, self._p)
            return
        if s[kernels.SINCE] >= s[kernels.DUE]:
            self._model_anew()
        if s[kernels.ODD_FILLED] >= LEAST_ODD:
            self._shape_anew()

    def _model_anew(self) -> None:
        """Make the model from the idle vectors that are kept."""
        s, least = self._s, self._templates.least
        filled, place = int(s[kernels.FILLED]), int(s[kernels.PLACE])
        ring = self._ring[: KEPT * self.dims].reshape(KEPT, self.dims)
        kept = np.roll(ring, -place, axis=0) if filled == KEPT else ring[:filled]
        if s[kernels.KNOWN] > 0:
            model = Model.of(kept, least=least, around=self._mean())
            model = Model(self._mean(), model.unit, model.whitening, model.correlation)
        else:
            model = Model.of(kept, least=least)
            ring[:filled] -= model.mean
        self._adopt(model, unseen(kept, least) if filled < KEPT else 1.0)
        s[kernels.DUE] = min(s[kernels.LEARNT], KEPT) if s[kernels.LEARNT] < KEPT else REFRESH

    def _shape_anew(self) -> None:
        """Make the shape of odd vectors from those that are kept."""
        s, d, size = self._s, self.dims, kernels.padded(self.dims)
        first, filled = KEPT * d, int(s[kernels.ODD_FILLED])
        odd = self._ring[first : first + filled * d].reshape(filled, d)
        rows = self._m.reshape(-1, size)
        scaled = odd * rows[kernels.INVERSE, :d]
        white = scaled @ rows[kernels.WHITENING : kernels.WHITENING + d, :d]
        rows[kernels.WHITENING + d :, :d] = shape(white).T
        s[[kernels.SHAPED, kernels.ODD_SINCE]] = 1.0, 0.0
        s[kernels.ODD_DUE] = filled

    def _mean(self) -> Float64:
        at = kernels.MEAN * kernels.padded(self.dims)
        return self._m[at : at + self.dims].copy()

    def _adopt(self, model: Model, level: float) -> None:
        """Whiten by a model from now on."""
        s, d, size = self._s, self.dims, kernels.padded(self.dims)
        rows = self._m.reshape(-1, size)
        rows[kernels.MEAN, :d] = model.mean
        rows[kernels.INVERSE, :d] = 1.0 / model.unit
        rows[kernels.WHITENING : kernels.WHITENING + d, :d] = model.whitening.T
        s[[kernels.KNOWN, kernels.LEVEL, kernels.USED]] = 1.0, level, level
        s[kernels.WEIGHT] = 1.0 / model.correlation
        s[[kernels.SINCE, kernels.STRETCH]] = 0.0
        white = model.whiten(self._templates.rows)
        self._t.reshape(-1, size)[:, :d] = white
        constants = self._c.reshape(-1, paths.ROW)
        square, blur, entry = self._templates.measured(white)
        constants[:, paths.SQUARE], constants[:, paths.BLUR] = square, blur
        self._k.reshape(-1, paths.SIGNATURE)[:, paths.ENTRY] = entry
        paths.lay(s, self._c, self._k)


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), for any x."""
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0


def unseen(vectors: Float64, least: Float64) -> float:
    """The energy that vectors have in a model of the other half of them, over the one they have in their own; nearer 1 by half."""
    half = len(vectors) // 2
    model = Model.of(vectors[:half], least=least)
    energy = np.square(model.whiten(vectors[half:] - model.mean)).mean(axis=1)
    return min(4.0, max(1.0, 0.5 + 0.5 * float(np.median(energy))))
