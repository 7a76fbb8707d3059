"""A language model's token stream, simulated: text, log probabilities and the times at which tokens come.

What is modelled, and how:

- Text: words of a short essay, each drawn by the two words before it, by the one before it, or, a few surprises, from
  the whole vocabulary: an interpolated trigram model (Jelinek and Mercer 1980). Long words come in two tokens, the second
  as good as certain.
- Log probability: what that model gave the word, times a log-normal factor for a larger model's own opinion. Fluent text
  is near 0, a surprise far below.
- Time: tokens are decoded in steps, one token for each choice in each step. The first step comes after the time to first
  token, which is log-normal; the intervals between steps are log-normal with the mean that the rate asks for.
- `loop`: from 40 % on, the last words repeat for ever. Repetition reinforces itself, so that with each round the log
  probability comes nearer to 0 (Xu et al. 2022, "Learning to break the loop"); only the limit of tokens ends it.
- `stall`: after each quarter nothing comes for a second or two, as when a server serves others first.
- `drift`: halfway the text turns to another subject, at half the rate.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from math import exp, inf, log

import numpy as np

from midstream_cli.errors import UsageError
from midstream_cli.frames import StreamInfo, TokenFrame
from midstream_cli.recordings import TokenRecording

START_NS = 1_760_000_000_000_000_000
"""When the request is sent: an arbitrary instant of Unix time, so that the same seed gives the same stream."""

FIRST_TOKEN_S, STALL_S = 0.4, 1.5
"""Medians of the time to first token and of a pause."""

JITTER, DELAY_SPREAD, OPINION_SPREAD = 0.25, 0.3, 0.3
"""Standard deviations, in log units, of the intervals, of the longer waits, and of log probabilities."""

TRIGRAM, BIGRAM, SURPRISE = 0.8, 0.17, 0.03
"""The share of words drawn by the two before, by the one before, and by none."""

REINFORCEMENT = 0.5
"""What is left of a log probability after one more round of a loop."""

LOOP_WORDS = (6, 14)
STEPS_A_PIECE = 16

RIVER = """The river rises in the hills above the town and runs down to the sea. In the spring the water is high and cold,
and the boats wait at the bridge for the ice to go. In the summer the river is slow, and the children of the town swim
from the stones below the mill. The mill has not worked for a hundred years, but the wheel still turns when the water is
high. People say that the wheel remembers the grain. In the autumn the fog comes up from the sea and the bells of the
town ring for the boats. The boats come home with the tide, one after the other, and the people wait at the bridge with
lanterns. Nobody knows how many boats the river has taken. The old people say that the sea keeps count."""

RADIO = """A receiver listens to the channel between two antennas. Every packet carries a known preamble, so the receiver
can estimate the response of the channel on each subcarrier. When somebody walks through the room, reflections change and
the amplitude of some subcarriers moves up or down. A filter removes noise, a threshold separates motion from silence, and
a classifier compares the remaining pattern with recorded signatures. Phase needs more care, because the oscillators of
transmitter and receiver drift apart. Calibration removes the slope of the phase across the subcarriers, but an offset
remains in every packet. Two receivers on one clock remove the offset as well. Amplitude alone detects presence, phase
detects breathing."""


@dataclass(frozen=True, slots=True)
class Scene:
    """What happens in a stream, and when, as a share of its length."""

    about: str
    loop_at: float = inf
    drift_at: float = inf
    stalls_at: tuple[float, ...] = ()
    finish: str = "stop"


SCENES = {
    "chat": Scene("Fluent text at a steady rate."),
    "loop": Scene("Fluent text that falls into a loop.", loop_at=0.4, finish="length"),
    "stall": Scene("Fluent text with pauses.", stalls_at=(0.25, 0.5, 0.75)),
    "drift": Scene("Another subject and half the rate from halfway on.", drift_at=0.5),
}


def simulate(
    scene: str, *, tokens: int = 400, rate_hz: float = 40.0, seed: int = 0, choices: int = 1, start_ns: int = START_NS
) -> Iterator[TokenRecording]:
    """A simulated stream, piece by piece; the same arguments give the same stream.

    Args:
        scene: a name in `SCENES`.
        tokens: of each choice; one more event of each says why it ended.
        rate_hz: mean tokens a second of each choice, pauses not counted.
        choices: answers that are generated side by side.
        start_ns: when the request is sent, in Unix time; the first token comes later.

    Raises:
        UsageError: there is no such scene, or a number makes no sense.
    """
    if scene not in SCENES:
        raise UsageError(f"no scene of tokens is called {scene!r}", f"known are {', '.join(SCENES)}")
    if tokens < 1 or choices < 1 or not 0 < rate_hz < inf or seed < 0:
        raise UsageError(
            f"{tokens} tokens of {choices} choices at {rate_hz} a second with seed {seed} make no stream",
            "all must be above 0; the seed may be 0",
        )
    return _pieces(SCENES[scene], tokens, rate_hz, seed, choices, start_ns)


def _pieces(
    scene: Scene, tokens: int, rate_hz: float, seed: int, choices: int, start_ns: int
) -> Iterator[TokenRecording]:
    info = StreamInfo(source="simulated", format="tokens-jsonl", kind="token", clock="host")
    times = _times(scene, tokens, rate_hz, np.random.default_rng([seed, 0]), start_ns)
    writers = [_writer(scene, tokens, np.random.default_rng([seed, 1 + choice])) for choice in range(choices)]
    frames: list[TokenFrame] = []
    for step, time_ns in enumerate(times):
        if step < tokens:
            drawn = [next(writer) for writer in writers]
            frames += [TokenFrame(time_ns, text, i, "text", logprob) for i, (text, logprob) in enumerate(drawn)]
        else:
            frames += [TokenFrame(time_ns, "", i, "finish", finish=scene.finish) for i in range(choices)]
        if (step + 1) % STEPS_A_PIECE == 0 or step == tokens:
            yield TokenRecording.of(info, frames)
            frames = []


def _times(scene: Scene, tokens: int, rate_hz: float, random: np.random.Generator, start_ns: int) -> Iterator[int]:
    """When each step ends, and the one in which the choices finish."""
    stalls = {int(share * tokens) for share in scene.stalls_at} - {0}
    # exp(mean + variance / 2) is the mean of a log-normal variable
    location = -log(rate_hz) - JITTER**2 / 2
    time_s = FIRST_TOKEN_S * exp(random.normal(0, DELAY_SPREAD))
    for step in range(tokens + 1):
        yield start_ns + round(time_s * 1e9)
        slower = log(2) if step + 1 >= scene.drift_at * tokens else 0.0
        time_s += exp(random.normal(location + slower, JITTER))
        if step + 1 in stalls:
            time_s += STALL_S * exp(random.normal(0, DELAY_SPREAD))


def _writer(scene: Scene, tokens: int, random: np.random.Generator) -> Iterator[tuple[str, float]]:
    """Tokens of one choice and their log probabilities, without end."""
    words = _Essay(RIVER).tokens(random)
    written: list[tuple[str, float]] = []
    for step in range(tokens):
        if step >= scene.loop_at * tokens and written:
            yield from _repeated(written, random)
        if step == int(min(scene.drift_at, 1.0) * tokens):
            words = _Essay(RADIO).tokens(random, " ")
        token = next(words)
        # a loop of the longest kind needs no more
        written = [*written[-LOOP_WORDS[1] :], token]
        yield token


def _repeated(written: list[tuple[str, float]], random: np.random.Generator) -> Iterator[tuple[str, float]]:
    phrase = written[-int(random.integers(*LOOP_WORDS)) :]
    certainty = 1.0
    while True:
        certainty *= REINFORCEMENT
        for text, logprob in phrase:
            yield text, logprob * certainty


class _Essay:
    """A trigram model of a text: words and punctuation."""

    def __init__(self, text: str) -> None:
        words = text.replace(",", " ,").replace(".", " .").split()
        # the end is followed by the beginning
        words += words[:2]
        self._words = Counter(sorted(set(words)))
        self._after_one: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._after_two: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for first, second, third in zip(words, words[1:], words[2:], strict=False):
            self._after_one[second][third] += 1
            self._after_two[first, second][third] += 1

    def tokens(self, random: np.random.Generator, space: str = "") -> Iterator[tuple[str, float]]:
        """Tokens and their log probabilities, without end; words begin with a space, the first one with `space`."""
        before, word = "", "."
        while True:
            one = self._after_one.get(word, self._words)
            two = self._after_two.get((before, word), one)
            models = ((TRIGRAM, two), (BIGRAM, one), (SURPRISE, self._words))
            before, word = word, _drawn(models[random.choice(3, p=(TRIGRAM, BIGRAM, SURPRISE))][1], random)
            share = sum(weight * counts[word] / counts.total() for weight, counts in models)
            opinion = exp(random.normal(0, OPINION_SPREAD))
            start, *rest = _pieces_of(word)
            yield (start if word in ",." else space + start), log(share) * opinion
            for piece in rest:
                yield piece, log(1 - SURPRISE) * opinion
            space = " "


def _drawn(counts: Counter[str], random: np.random.Generator) -> str:
    at = int(random.integers(counts.total()))
    return next(islice(counts.elements(), at, None))


def _pieces_of(word: str) -> list[str]:
    """A word as a tokeniser cuts it: long ones in two."""
    return [word] if len(word) <= 7 else [word[: len(word) // 2], word[len(word) // 2 :]]
