"""What a model's token stream is doing, token by token: whether it goes round, stalls, or drifts from what it began with."""

from math import isfinite, nan
from typing import NamedTuple

from midstream_cli.attractor.live.rules import Regime
from midstream_cli.introspection.drift import Drift
from midstream_cli.introspection.rounds import TokenRounds
from midstream_cli.introspection.stalls import Stalls

RECOVERING = 8
"""Tokens after a stall until it is over."""
CONFIDENCE = {Regime.PERIODIC: 0.99, Regime.TRANSIENT: 0.9, Regime.UNKNOWN: 0.0}
"""How often a regime is right where it is said."""


class TokenMoment(NamedTuple):
    """What is known after a token."""

    regime: Regime
    regime_changed: bool
    """It was another before this token."""
    confidence: float
    loop_tokens: float
    """Tokens of a round, where the stream goes round; a round of a few characters may be a part of one. NaN where it does not."""
    stalled_s: float
    """The silence before this token where it was unusual for this stream, in seconds; else NaN."""
    drift: float
    """How far the latest tokens are from those that the stream began with, in deviations of ordinary texts."""
    drifted: bool
    """It is another stream since this token; not told again until what came since is usual, and then of what follows."""


class TokenWatch:
    """Tells after each token what its stream does, in bounded memory.

    The regime is `periodic` in a loop, `transient` for eight tokens after a stall and for some 160 after a drift, when what
    came since is the usual, and else `unknown`: nothing is said of a stream that writes on. Tokens are names, so that
    `chaotic`, which is of near states that part, never occurs; nor does `idle`, for a token that comes ends any silence:
    `silent` tells of one while it lasts.
    """

    def __init__(self) -> None:
        self.regime = Regime.UNKNOWN
        self._rounds = TokenRounds()
        self._stalls = Stalls()
        self._drift = Drift()
        self._loop = nan
        self._recovering = 0

    def update(self, time_ns: int | None, text: str, logprob: float) -> TokenMoment:
        """Take the next token.

        Args:
            time_ns: when it came; None where that is not known.
            text: of one token, or of several that came at once; an empty one has nothing but a time.
            logprob: natural logarithm of its probability, 0 at most; NaN where it is not known.
        """
        seconds, stalled = self._stalls.update(time_ns)
        drifted = False
        if text:
            self._loop = self._rounds.update(text)
            # a loop is told as one
            if not isfinite(self._loop):
                drifted = self._drift.update(text, logprob, nan if isfinite(stalled) else seconds)
        self._recovering = RECOVERING if isfinite(stalled) else max(self._recovering - 1, 0)
        before, self.regime = self.regime, self._judged()
        changed = self.regime is not before
        return TokenMoment(
            self.regime, changed, CONFIDENCE[self.regime], self._loop, stalled, self._drift.deviations, drifted
        )

    def silent(self, now_ns: int) -> float:
        """How long nothing has come by a time, in seconds, where that is a stall already; else NaN. Changes nothing."""
        return self._stalls.silent(now_ns)

    @property
    def number(self) -> str:
        """What is furthest from the beginning, of `drift.NUMBERS`; empty while nothing is known."""
        return self._drift.number

    def _judged(self) -> Regime:
        if isfinite(self._loop):
            return Regime.PERIODIC
        return Regime.TRANSIENT if self._recovering or self._drift.unsettled else Regime.UNKNOWN
