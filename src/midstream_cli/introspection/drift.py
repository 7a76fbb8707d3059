"""Whether the latest tokens of a stream are of another kind than those that it began with.

Six numbers are averaged over blocks of sixteen tokens, and the latest 2, 4, 8 and 16 blocks are compared with what the stream
began with: up to 32 blocks before them. A text wanders by itself, from prose to lists to code, and the longer a stretch the
less it does: what a number differs by is divided by how much it wanders in ordinary texts (`WANDERS`), together with how much
the blocks of this stream differ among themselves. A seventh number is how far the letters are from those of the beginning:
another language, or another script, has others.
"""

from collections import deque
from math import isfinite, log1p, sqrt

import numpy as np

from midstream_cli.frames import Float64
from midstream_cli.introspection.token_shape import BINS, name, shape

BLOCK = 16
"""Tokens of a block."""
SPANS = (2, 4, 8, 16)
"""Blocks of a stretch of latest tokens."""
LEAST, MOST = 8, 32
"""Blocks of the beginning: for a first comparison, and at most."""
NUMBERS = ("length", "letters", "spaces", "again", "surprise", "pace", "language")
WANDERS = np.array(
    [
        [0.104, 0.092, 0.080, 0.070],
        [0.086, 0.072, 0.068, 0.064],
        [0.050, 0.042, 0.038, 0.034],
        [0.190, 0.185, 0.175, 0.155],
        [0.160, 0.140, 0.120, 0.110],
        [0.150, 0.120, 0.100, 0.100],
        [0.036, 0.040, 0.044, 0.044],
    ]
)
"""How much the numbers wander in ordinary texts, for each stretch: of 240 manuals, change logs and files of source code, each
of some thousand tokens, three in a hundred come to five times as much somewhere. Surprise and pace are chosen."""
ALARM = 5.0
"""Deviations from which a stream has drifted."""
SETTLED = 10
"""Blocks after an alarm until what came since is the usual."""
FASTEST_S = 1e-4
"""From one token to the next, of any stream."""
LEAST_SURE = 16.0
"""A lower log probability, in nats below 0, counts as that low."""
REMEMBERED = 256
"""Rows of four tokens that are known to have come."""

_OWN = len(NUMBERS) - 1
_ROWS = 64


class Drift:
    """Compares the latest tokens with the first ones, block by block, in bounded memory."""

    def __init__(self) -> None:
        self.deviations = 0.0
        """How far the latest tokens are from what the stream began with."""
        self.number = ""
        """The number that is furthest away, of `NUMBERS`."""
        self.unsettled = False
        """The stream has drifted, and what is usual now is not known yet."""
        self._sums = [0.0] * _OWN
        self._counts = [0] * _OWN
        self._bins = [0.0] * BINS
        self._tokens = 0
        self._fours: Float64 = np.full(REMEMBERED, np.nan)
        self._latest: deque[int] = deque([0, 0, 0], 3)
        self._count = 0
        self._blocks = self._since = 0
        self._totals: Float64 = np.zeros((_ROWS, 3 * _OWN + BINS))
        self._first: Float64 = np.zeros((len(SPANS), 3 * _OWN + BINS))
        self._usual = self._first.copy()
        self._start: Float64 = np.zeros(3 * _OWN + BINS)

    def update(self, text: str, logprob: float, seconds: float) -> bool:
        """Take the next token and the time since the one before, NaN where it is not known; tell whether it has drifted."""
        self._measure(text, logprob, seconds)
        self._tokens += 1
        if self._tokens < BLOCK:
            return False
        self._close()
        return self._judged()

    def _measure(self, text: str, logprob: float, seconds: float) -> None:
        kind = shape(text)
        values = (
            log1p(len(text)),
            kind.letters,
            kind.spaces,
            self._again(text),
            sqrt(min(-logprob, LEAST_SURE)) if logprob <= 0.0 else 0.0,
            seconds,
        )
        known = (True, True, True, True, logprob <= 0.0, isfinite(seconds))
        for at, value in enumerate(values):
            if known[at]:
                self._sums[at] += value
                self._counts[at] += 1
        for at in kind.bins:
            self._bins[at] += 1.0

    def _again(self, text: str) -> float:
        """Whether this token and the three before it came in a row already, not long ago."""
        latest = name(text)
        a, b, c = self._latest
        self._latest.append(latest)
        four = float((((a * 31 + b) * 31 + c) * 31 + latest) % (1 << 52))
        came = bool((self._fours == four).any())
        self._fours[self._count % REMEMBERED] = four
        self._count += 1
        return float(came)

    def _close(self) -> None:
        """Add the block to the totals."""
        row = self._totals[(self._blocks + 1) % _ROWS]
        means = [total / count if count else 0.0 for total, count in zip(self._sums, self._counts, strict=True)]
        present = [float(count > 0) for count in self._counts]
        row[:] = [*means, *[mean * mean for mean in means], *present, *self._bins]
        row += self._totals[self._blocks % _ROWS]
        self._blocks += 1
        self._tokens = 0
        self._sums, self._counts, self._bins = [0.0] * _OWN, [0] * _OWN, [0.0] * BINS

    def _judged(self) -> bool:
        latest = self._learnt()
        if self._blocks < LEAST + SPANS[0]:
            return False
        deviations = _deviations(latest, self._first)
        furthest = int(deviations.argmax())
        self.deviations = float(deviations.flat[furthest])
        self.number = NUMBERS[furthest // len(SPANS)]
        age = self._blocks - self._since
        self.unsettled = self._since > 0 and age < SETTLED
        if self._since:
            if age < LEAST + SPANS[0]:
                return False
            deviations = _deviations(latest, self._usual)
        if deviations.max() < ALARM:
            return False
        self._since = self._blocks
        self._start = self._totals[self._blocks % _ROWS].copy()
        self._usual = np.zeros_like(self._first)
        self.unsettled = True
        return True

    def _learnt(self) -> Float64:
        """Lengthen the beginnings that are not whole yet; return the totals of the latest stretches."""
        now: Float64 = self._totals[self._blocks % _ROWS]
        before: Float64 = self._totals[[(self._blocks - span) % _ROWS for span in SPANS]]
        for at, span in enumerate(SPANS):
            if 0 <= self._blocks - span <= MOST:
                self._first[at] = before[at]
            if self._since and 0 <= self._blocks - span - self._since <= MOST:
                self._usual[at] = before[at] - self._start
        return now - before


def _deviations(latest: Float64, usual: Float64) -> Float64:
    """How far stretches are from what was before them, shape (numbers, spans); 0 where either is too short to tell."""
    n, m = latest[:, 2 * _OWN : 3 * _OWN], usual[:, 2 * _OWN : 3 * _OWN]
    told = (m >= LEAST) & (n >= 0.75 * np.array(SPANS)[:, None])
    n, m = np.where(told, n, 1.0), np.where(told, m, 1.0)
    mean, usually = latest[:, :_OWN] / n, usual[:, :_OWN] / m
    variance = np.maximum(usual[:, _OWN : 2 * _OWN] / m - usually * usually, 0.0) * (1.0 / n + 1.0 / m)
    difference = mean - usually
    # of times, ratios count, as far as they are known; a clock that stood still says nothing
    told[:, -1] &= usually[:, -1] > FASTEST_S
    unsure = np.sqrt(variance[:, -1]) + FASTEST_S
    difference[:, -1] = np.log((mean[:, -1] + unsure) / (usually[:, -1] + unsure))
    variance[:, -1] = (unsure / np.maximum(usually[:, -1], FASTEST_S)) ** 2
    found = np.zeros((len(NUMBERS), len(SPANS)))
    wander = WANDERS[:_OWN].T
    found[:_OWN] = np.where(told, np.abs(difference) / np.sqrt(wander * wander + variance), 0.0).T
    found[_OWN] = _divergence(latest[:, 3 * _OWN :], usual[:, 3 * _OWN :]) / WANDERS[_OWN]
    return found


def _divergence(p: Float64, q: Float64) -> Float64:
    """How far the letters of two texts are from one another: the divergence of J. Lin (1991), in nats, less what chance brings."""
    n, m = p.sum(1), q.sum(1)
    told = (n >= 64.0) & (m >= 256.0)
    n, m = np.maximum(n, 1.0), np.maximum(m, 1.0)
    p, q = p / n[:, None], q / m[:, None]
    both = 0.5 * (p + q)
    safe = np.where(both > 0.0, both, 1.0)
    nats = 0.5 * (
        (p * np.log(np.where(p > 0.0, p, 1.0) / safe)).sum(1) + (q * np.log(np.where(q > 0.0, q, 1.0) / safe)).sum(1)
    )
    chance = ((both > 0.0).sum(1) - 1.0) / 8.0 * (1.0 / n + 1.0 / m)
    return np.where(told, np.maximum(nats - chance, 0.0), 0.0)
