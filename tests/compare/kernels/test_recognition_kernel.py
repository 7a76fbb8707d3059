"""Evidence along warped paths, as compiled and as written, against the recursion in plain loops."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from midstream_cli.compare.kernels import likelihood as rows
from midstream_cli.compare.kernels import recognition, usual
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.frames import Float64
from strategies import few, seeds, some

STEP, STAY, SKIP, EARLY, LEAST_RATIO, GAIN = 0.45, 1.5, 2.0, 4, -4.0, 0.15


class Twin:
    """The evidence for each signature, vector by vector, from what the recogniser knows of the background."""

    def __init__(self, recogniser: Recogniser, signatures: list[Signature]) -> None:
        self.recogniser = recogniser
        self.signatures = signatures
        self.paths: list[dict[int, tuple[float, int]]] = [{} for _ in signatures]
        self.odds = float(recogniser._s[usual.ODDS])
        self.position = -1

    def log_density(self, z: Float64, t: Float64, which: int, row: int, level: float) -> float:
        """Of a vector, normal about a row whose strength is uncertain; without the power of 2 pi."""
        held, d = self.recogniser._arrays, len(z)
        at = (sum(s.length for s in self.signatures[:which]) + row) * rows.ROW
        bare = float(held.k[which * rows.SIGNATURE + rows.BARE])
        variance = 1.0 + bare * min(1.0, float(t @ t) / d) + held.c[at + rows.BLUR] / level / d
        covariance = variance * np.eye(d) + GAIN**2 * np.outer(t, t)
        off = z - t
        return float(-0.5 * (off @ np.linalg.solve(covariance, off) + np.linalg.slogdet(covariance)[1]))

    def take(self, vector: Float64) -> tuple[list[float], list[int]]:
        """Evidence for each signature, and where it began."""
        held, d = self.recogniser._arrays, len(vector)
        size, s = usual.padded(d), held.s
        matrix = held.m.reshape(-1, size)
        level = float(s[usual.USED])
        whitening = matrix[usual.WHITENING : usual.WHITENING + d, :d].T
        z = whitening @ ((vector - matrix[usual.MEAN, :d]) * matrix[usual.INVERSE, :d]) / math.sqrt(level)
        v = max(1.0, float(z @ z) / d)
        over = 0.5 * d * (v - 1.0 - math.log(v))
        if s[usual.SHAPED] and over > 1.0:
            shape = matrix[usual.WHITENING + d :, :d].T
            q = shape @ z
            over = max(over, 0.5 * d * (float(z @ z) / d - 1.0 - math.log(max(1.0, float(q @ q) / d))))
        # the best path through background and unknown motion: what each is ahead of the background alone
        idle, moved = max(0.0, self.odds - 3.0), max(-float(s[usual.ENTER]), self.odds - 0.5) + over
        rise = max(idle, moved) - max(0.0, self.odds)
        self.odds = moved - idle
        self.position += 1
        weight = float(s[usual.WEIGHT])
        evidence, begun = [], []
        for which, signature in enumerate(self.signatures):
            entry = int(held.k[which * rows.SIGNATURE + rows.ENTRY])
            latest = entry + (EARLY if over > 1.0 else 1)
            first, old, new = int(held.k[which * rows.SIGNATURE + rows.FIRST]), self.paths[which], {}
            for i in range(signature.length):
                t = held.t.reshape(-1, size)[first + i, :d] / math.sqrt(level)
                ways = []
                if i in old and self.position - old[i][1] < 4 * signature.length + 16:
                    ways.append((old[i][0] - STAY * weight, old[i][1]))
                ways += [(old[i - 1][0] - STEP * weight, old[i - 1][1])] if i - 1 in old else []
                ways += [(old[i - 2][0] - SKIP * weight, old[i - 2][1])] if i - 2 in old else []
                if not ways and i > latest:
                    continue
                ratio = self.log_density(z, t, which, i, level) + 0.5 * float(z @ z) - rise
                ratio = max(LEAST_RATIO, ratio)
                ends = [(max(score for score, _ in ways) + weight * ratio, max(ways)[1])] if ways else []
                ends += [(ratio - SKIP * max(0, i - entry), self.position)] if i <= latest else []
                if max(ends)[0] > 0:
                    new[i] = max(ends, key=lambda end: end[0])
            self.paths[which] = new
            best = max(new.values(), default=(0.0, -1), key=lambda end: end[0])
            evidence.append(best[0])
            begun.append(best[1])
        return evidence, begun


def library(seed: int, d: int, lengths: list[int], strength: float, *, stored: bool) -> list[Signature]:
    random = np.random.default_rng(seed)
    background = Background(random.normal(size=d), random.uniform(0.5, 2.0, d)) if stored else None
    return [
        Signature(
            str(n), "", strength * np.cumsum(random.normal(size=(n, d)), axis=0), background=background, takes=1 + n % 3
        )
        for n in lengths
    ]


@some
@given(
    seeds,
    st.integers(1, 20),
    st.lists(st.integers(1, 9), min_size=1, max_size=4),
    st.sampled_from([0.2, 1.0, 5.0]),
    st.booleans(),
)
@example(1, 1, [5], 5.0, True)
@example(2, 17, [1, 2, 9], 0.5, False)
def test_evidence_is_that_of_the_best_path(
    seed: int, d: int, lengths: list[int], strength: float, stored: bool
) -> None:
    random = np.random.default_rng(seed)
    signatures = library(seed, d, lengths, strength, stored=stored)
    recogniser = Recogniser(signatures)
    if not stored:
        recogniser.extend(random.normal(size=(80, d)))
        recogniser.interrupt()
    recogniser._s[usual.TRUST] = usual.TRUSTED
    twin = Twin(recogniser, signatures)
    twin.position = recogniser.position - 1
    moved = [signatures[i % len(signatures)].vectors for i in range(3)]
    stream = np.concatenate([piece for one in moved for piece in (random.normal(size=(6, d)), one)])
    for vector in stream + 0.3 * random.normal(size=stream.shape):
        evidence, begun = twin.take(vector)
        if max(evidence) > recogniser._s[usual.CAP]:
            break
        recogniser.update(vector)
        found = recogniser.evidences
        assert np.allclose(found, evidence, rtol=1e-9, atol=1e-8)
        for which, (one, start) in enumerate(zip(evidence, begun, strict=True)):
            assert one < 1e-7 or recogniser._k[which * rows.SIGNATURE + rows.BEGUN] == start


@few
@given(seeds, st.sampled_from([1, 3, 9]), st.booleans())
@example(1, 9, True)
def test_the_kernel_as_written_does_what_it_does_compiled(seed: int, d: int, stored: bool) -> None:
    random = np.random.default_rng(seed)
    signatures = library(seed, d, [3, 5], 2.0, stored=stored)
    one, other = Recogniser(signatures), Recogniser(signatures)
    other._take = recognition.advance.python
    stream = np.concatenate([random.normal(size=(90, d)), signatures[0].vectors, random.normal(size=(40, d))])
    stream[20] *= 30.0
    stream[25, 0] = math.nan
    for vector in stream:
        a, b = one.update(vector), other.update(vector)
        assert a == pytest.approx(b, rel=1e-9, abs=1e-9)
    for x, y in zip(one._all, other._all, strict=True):
        assert np.allclose(x, y, rtol=1e-9, atol=1e-9)
