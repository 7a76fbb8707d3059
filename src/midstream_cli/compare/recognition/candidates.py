"""What is known of signatures after a vector of a stream."""

import math
from typing import NamedTuple


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


def logistic(x: float) -> float:
    """1 / (1 + exp(-x)), for any x."""
    return 1.0 / (1.0 + math.exp(-x)) if x > -700.0 else 0.0
