"""Streams to test with: seeded recordings of every kind, and every way to cut them into pieces.

Any test imports this as `strategies`: pytest puts the folder of `conftest.py` on the path before it collects.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from midstream_cli.frames import Int64, Kind, StreamInfo, TokenFrame
from midstream_cli.operator import Operator
from midstream_cli.recordings import CsiRecording, NumericRecording, R, Recording, TokenRecording

some = settings(max_examples=50, deadline=None)
few = settings(max_examples=10, deadline=None)

SECOND = 1_000_000_000
NULLS = (0, 1, 11)
"""Positions that carry nothing in the frames that `csi` makes."""

seeds = st.integers(0, 2**32 - 1)


def info_of(kind: Kind, **changed: Any) -> StreamInfo:
    """What a test's stream is; operators' examples expect this source."""
    return StreamInfo(source="example", kind=kind, **changed)


def times(n: int, rate_hz: float, random: np.random.Generator, gaps: Sequence[tuple[int, int]] = ()) -> Int64:
    """Arrival times with jitter; each gap is a position and the nanoseconds that nothing comes there."""
    steps = np.maximum(random.normal(1e9 / rate_hz, 2e8 / rate_hz, n), 1.0).astype(np.int64)
    for position, silence_ns in gaps:
        if position < n:
            steps[position] += silence_ns
    return np.cumsum(steps)


def csi(
    seed: int,
    n: int,
    *,
    rate_hz: float = 100.0,
    subcarriers: int = 16,
    gaps: Sequence[tuple[int, int]] = (),
    **info: Any,
) -> CsiRecording:
    """A channel that fades slowly, of one node in one layout, with guard subcarriers at `NULLS`."""
    random = np.random.default_rng(seed)
    at = times(n, rate_hz, random, gaps)
    frequency, phase = random.uniform(0.5, 12.0, (1, subcarriers)), random.uniform(0, 6.28, (1, subcarriers))
    amplitude = (
        20 + 6 * np.sin(2 * np.pi * at[:, None] / 1e9 * frequency + phase) + random.normal(0, 0.5, (n, subcarriers))
    )
    samples = np.round(amplitude * np.exp(1j * (phase + 0.3 * np.arange(subcarriers))))
    samples[:, [i for i in NULLS if i < subcarriers]] = 0
    return CsiRecording.build(
        info_of("csi", **info),
        at,
        samples,
        node=np.full(n, 0x20500D2AA2E4),
        rssi=random.integers(-70, -50, n),
        channel=np.full(n, 6),
        seq=np.arange(n),
        meta={"rx_state": np.zeros(n, np.int64)},
    )


WORDS = ("the", " cat", " sat", " on", " a", " mat", "", ".")


def tokens(seed: int, n: int, **info: Any) -> TokenRecording:
    """Words drawn at random, some of them empty, at uneven times; all at zero where the clock is `none`."""
    random = np.random.default_rng(seed)
    known = info_of("token", **info)
    at = times(n, 30.0, random) if known.clock != "none" else np.zeros(n, np.int64)
    words, logprobs = random.integers(0, len(WORDS), n).tolist(), (-random.exponential(1.0, n)).tolist()
    frames = [
        TokenFrame(time_ns, WORDS[word], logprob=logprob)
        for time_ns, word, logprob in zip(at.tolist(), words, logprobs, strict=True)
    ]
    return TokenRecording.of(known, frames)


def numbers(seed: int, n: int, *, columns: int = 2, **info: Any) -> NumericRecording:
    """Random walks, one a column."""
    random = np.random.default_rng(seed)
    known = info_of("numeric", **info)
    at = times(n, 50.0, random) if known.clock != "none" else np.zeros(n, np.int64)
    walks = np.cumsum(random.normal(0, 1, (n, columns)), axis=0)
    return NumericRecording(known, at, {f"c{i}": walks[:, i].copy() for i in range(columns)})


def of_kind(kind: Kind, seed: int, n: int, **info: Any) -> Recording:
    """A recording of any kind."""
    if kind == "csi":
        return csi(seed, n, **info)
    return tokens(seed, n, **info) if kind == "token" else numbers(seed, n, **info)


@st.composite
def csi_recordings(draw: st.DrawFn, /, most: int = 400, **fixed: Any) -> CsiRecording:
    """Channel state with silences both shorter and longer than what is bridged."""
    n = draw(st.integers(1, most))
    silence = st.sampled_from([200_000_000, 900_000_000, 1_100_000_000, 7 * SECOND, 10**17])
    gaps = draw(st.lists(st.tuples(st.integers(0, most), silence), max_size=3))
    return csi(draw(seeds), n, gaps=gaps, **fixed)


cuts = st.lists(st.integers(0, 1 << 16), max_size=12)
"""Where to cut; taken modulo the length, so that two in one place make an empty piece."""


def spans(n: int, places: Sequence[int]) -> list[slice]:
    """Positions 0 to n cut into consecutive stretches, some of which may be empty."""
    edges = [0, *sorted(place % (n + 1) for place in places), n]
    return [slice(a, b) for a, b in pairwise(edges)]


def pieces(recording: R, places: Sequence[int]) -> list[R]:
    """A recording cut into consecutive pieces, some of which may be empty."""
    return [recording.take(span) for span in spans(len(recording), places)]


def at_once(operator: Operator[Any], recording: Recording) -> list[Any]:
    """Everything an operator says of a recording taken in one piece."""
    return [*operator.extend(recording), *operator.finish()]


def by_pieces(operator: Operator[Any], recording: Recording, places: Sequence[int]) -> list[Any]:
    """Everything an operator says of a recording that comes in pieces."""
    cut: Any = pieces(recording, places)
    found = [result for piece in cut for result in operator.extend(piece)]
    return [*found, *operator.finish()]


def by_frames(operator: Operator[Any], recording: Recording) -> list[Any]:
    """Everything an operator says of a recording that comes frame by frame."""
    found = [result for frame in recording for result in operator.update(frame)]
    return [*found, *operator.finish()]
