"""Signatures recognised in a stream of vectors from their first vectors on, against a background that is learnt."""

import math
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from midstream_cli.compare.kernels import likelihood, recognition, usual
from midstream_cli.compare.live.groups import other_dims
from midstream_cli.compare.recognition.arrays import Arrays
from midstream_cli.compare.recognition.candidates import Candidate, Match, Recognition, logistic
from midstream_cli.compare.recognition.templates import Templates, usual_threshold
from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.errors import SignatureError, UsageError
from midstream_cli.frames import Float64

State = Literal["learning", "steady", "unsettled"]

USUAL_RATE_HZ = 30.0
"""Vectors a second, where nobody says."""
FEW = 16
"""Signatures that are sorted faster one by one."""
CONNECTED = ("_take", "_moved", "_all", "_s", "_k")
"""What is found again from the arrays."""
_NONE = np.empty(0)
_evidence = attrgetter("evidence")


class Recogniser:
    """Recognises signatures in a stream of vectors, in bounded memory; however the stream is cut, the same.

    Each signature is its displacement from its own background, the stream is its displacement from a baseline that follows
    it slowly and not while something moves; both are whitened by the same model of the background. A signature is told
    once its evidence reaches its threshold, and is so far beyond that for all others that it is right 99 times in 100; and
    not again before its evidence has fallen to half of that.

    Without a stored background the first 64 vectors are taken for idle, and nothing is told meanwhile; where 16 numbers or
    more each go on as they did before, it is unsettled, and later vectors are. A stored one is trusted
    once it has explained eight vectors, and given up if it does not explain sixteen before. Vectors with a
    number that is not finite, or beyond 1e250, are passed over and counted.
    """

    def __init__(
        self,
        signatures: Sequence[Signature],
        *,
        dims: int | None = None,
        rate_hz: float | None = None,
        false_alarms_per_day: float = 24.0,
    ) -> None:
        """Lay out the signatures.

        Args:
            signatures: all of the same feature; without any, motion is told and nothing else.
            dims: numbers of a vector, where there is no signature.
            rate_hz: vectors a second, for what false alarms are counted by; by default 30.
            false_alarms_per_day: of all signatures together, on a background that is stationary; a signature that was
                calibrated has its own threshold.

        Raises:
            SignatureError: there is none, and no `dims`; or their vectors are not alike, or not finite.
            UsageError: a number is out of its range.
        """
        rate = USUAL_RATE_HZ if rate_hz is None else rate_hz
        if not (0 < rate < math.inf and 0 < false_alarms_per_day < math.inf):
            raise UsageError(
                f"{false_alarms_per_day} false alarms a day of {rate} vectors a second cannot be",
                "give numbers above 0",
            )
        if not signatures and dims is None:
            raise SignatureError("there is no signature to recognise", "midstream capture-signature makes one")
        self.dims = dims if dims is not None else signatures[0].vectors.shape[1]
        if self.dims < 1:
            raise UsageError(f"vectors of {self.dims} numbers cannot be watched", "give 1 at least")
        for signature in signatures:
            if signature.vectors.shape[1] != self.dims:
                raise other_dims(signature, self.dims)
        self.threshold = usual_threshold(rate, false_alarms_per_day, len(signatures))
        """Evidence, in nats, from which a signature is told that has no threshold of its own."""
        self._templates = Templates(signatures, self.dims, self.threshold)
        self._arrays = Arrays(self._templates, rate, self.threshold)
        self._counts: dict[float, int] = {}
        self._none = [
            Candidate(which, 0.0, logistic(-limit), False, 0.0, -1)
            for which, limit in enumerate(self._templates.thresholds.tolist())
        ]
        self._connect()

    def _connect(self) -> None:
        """Have at hand what each vector needs."""
        held = self._arrays
        self._s, self._k = held.s, held.k
        self._all = (held.s, held.m, held.t, held.c, held.k, held.p, held.ring)
        # whoever lets go of the interpreter for microseconds may wait for it for milliseconds
        self._take = recognition.advance.function(hold_gil=True)
        self._moved = recognition.moved.function(hold_gil=True)

    def __getstate__(self) -> dict[str, Any]:
        """All that it knows; machine code is found again."""
        return {name: value for name, value in vars(self).items() if name not in CONNECTED}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._connect()

    @property
    def position(self) -> int:
        """Vectors so far, those passed over included."""
        return int(self._s[usual.CLOCK])

    @property
    def skipped(self) -> int:
        """Vectors passed over, as they were not finite."""
        return int(self._s[usual.SKIPPED])

    @property
    def baseline_age(self) -> int:
        """Vectors since the baseline last learnt; -1 before it is known."""
        return int(self._s[usual.AGE])

    @property
    def frozen(self) -> bool:
        """Whether something moves, so that the baseline does not learn."""
        return bool(self._s[usual.FROZEN] > 0)

    @property
    def suppressed(self) -> bool:
        """Whether matches are held back, as the background is not steady."""
        return bool(self._s[usual.SUPPRESSED] > 0)

    @property
    def state(self) -> State:
        """Of the background."""
        if self.suppressed:
            return "unsettled"
        if not self._templates.names and (self._s[usual.KNOWN] <= 0 or self._s[usual.TRUST] < usual.TRUSTED):
            return "learning"
        return "steady"

    @property
    def motion(self) -> float:
        """Evidence that something moves, whatever it is, in nats; something does from the threshold on."""
        return float(self._moved(self._s))

    @property
    def moving(self) -> bool:
        """Whether something moves: from when the evidence reached the threshold until it is over."""
        return bool(self._s[usual.STIRRED] > 0)

    @property
    def unknown(self) -> float:
        """How probable motion is that no signature is of, after the latest vector, 0 to 1."""
        return float(self._s[usual.UNKNOWN])

    @property
    def quiet(self) -> bool:
        """Whether nothing speaks for any signature."""
        return bool(self._s[usual.EVIDENCE] <= 0.0)

    def update(self, vector: npt.ArrayLike) -> Recognition:
        """Take the next vector, shape (dims,).

        Raises:
            UsageError: it has another shape.
        """
        self.take(vector)
        matched, best, evidence, margin, start, unknown = self._s[usual.MATCHED : usual.UNKNOWN + 1].tolist()
        return Recognition(int(matched), int(best), evidence, margin, int(start), unknown)

    def take(self, vector: npt.ArrayLike) -> None:
        """Take the next vector as `update` does, and say nothing of it: for whoever asks what little he needs.

        Raises:
            UsageError: it has another shape.
        """
        if not self._templates.names and isinstance(vector, np.ndarray) and vector.shape == (self.dims,):
            try:
                due = self._take(vector, *self._all, _NONE) & 3
            except TypeError:
                self.take(np.array(vector, np.float64))
                return
            if due:
                self._arrays.attend(due)
            return
        given = np.asarray(vector, np.float64)
        if given.size != self.dims or given.ndim > 1:
            raise UsageError(f"a vector of shape {given.shape} is none of {self.dims} numbers", f"give ({self.dims},)")
        self.extend(given.reshape(1, -1))

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
        best, greatest, margin = self._s[usual.BEST : usual.START].tolist()
        if greatest <= 0.0:
            return self._none[:k]
        table = self._k.reshape(-1, likelihood.SIGNATURE)
        order = range(len(table)) if len(table) < FEW else np.argsort(-self.evidences, kind="stable")[:k]
        found = []
        for which in order:
            row = table[which].tolist()
            own, over = row[likelihood.REACHED], row[likelihood.REACHED] - row[likelihood.THRESHOLD]
            ahead = margin if which == best else own - greatest
            start = int(row[likelihood.BEGUN]) if own > 0.0 else -1
            found.append(Candidate(int(which), own, logistic(over), over >= 0.0, ahead, start))
        found.sort(key=_evidence, reverse=True)
        return found[:k]

    @property
    def evidences(self) -> Float64:
        """For each signature after the latest vector, shape (signatures,), whatever the threshold is, and held back or not."""
        return self._k[likelihood.REACHED :: likelihood.SIGNATURE][: len(self._none)].copy()

    def interrupt(self) -> None:
        """Take note that the stream was silent: nothing that was under way goes on, and the baseline stays."""
        recognition.end_paths(self._s, self._k, self._arrays.p)

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
            taken = self._take(flat[at * self.dims : until * self.dims], *self._all, notes[at * signatures :])
            at += taken >> 2
            if taken & 3:
                self._arrays.attend(taken & 3)
            if s[usual.MATCHED] >= 0:
                which, _, evidence, margin, start = s[usual.MATCHED : usual.UNKNOWN].tolist()
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
        self._s[usual.EQUAL], self._s[usual.OTHER] = math.log(0.9 / share), math.log(0.1)
