"""Calls timed in turn: quick ones often, slow ones a few times between, and short ones many to a round."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

ROUND_S = 1e-3
"""A round of a call lasts so long at least: it is called again and again until then."""

MOST_ROUNDS = 41
BUDGET_S = 0.7
"""A call has fewer rounds where more would take longer than this in all,"""

LEAST_ROUNDS, ONCE_S = 3, 2.5
"""but no fewer than these; only one that takes longer than this has but one."""

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds that one call took, in each round the mean."""

    seconds: Sequence[float]

    @property
    def fastest(self) -> float:
        """The round in which the machine was least busy."""
        return min(self.seconds)

    @property
    def median(self) -> float:
        """The usual round."""
        return median(self.seconds)


def interleaved(calls: Mapping[str, Callable[[], object]], clock: Clock = time.process_time) -> dict[str, Times]:
    """Time calls that have been called before; a busy moment of the machine hits all alike.

    Args:
        clock: processor time of all threads of this process; or `time.perf_counter` where several cores count.
    """
    repeats = {name: _repeats(call, clock) for name, call in calls.items()}
    rounds = {name: _rounds(took * count) for name, (count, took) in repeats.items()}
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    most = max(rounds.values())
    for i in range(most):
        for name, call in calls.items():
            # as many rounds as it has, spread evenly
            if (i + 1) * rounds[name] // most > i * rounds[name] // most:
                seconds[name].append(_mean(call, repeats[name][0], clock))
    return {name: Times(found) for name, found in seconds.items()}


def _repeats(call: Callable[[], object], clock: Clock) -> tuple[int, float]:
    """How many calls make a round, and what one takes."""
    count = 1
    while True:
        took = _mean(call, count, clock)
        if took * count >= ROUND_S / 2:
            return max(count, round(ROUND_S / took)), took
        count *= 4


def _rounds(round_s: float) -> int:
    if round_s > ONCE_S:
        return 1
    return min(MOST_ROUNDS, max(LEAST_ROUNDS, int(BUDGET_S / round_s)))


def _mean(call: Callable[[], object], count: int, clock: Clock) -> float:
    begun = clock()
    for _ in range(count):
        call()
    return (clock() - begun) / count
