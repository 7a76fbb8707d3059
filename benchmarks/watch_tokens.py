"""Faults of token streams: how soon and how often they are told, and how often ordinary texts are, beside detectors of river.

Run as `python benchmarks/watch_tokens.py`, with `--quick` on eight of each fault.

A detector of river takes one number: there is one for each of the numbers of a token, in units of its first 128 tokens, and
an alarm of one is an alarm. Their settings are swept; midstream's is the one it comes with. River's detectors know neither
loops nor stalls, so that any alarm of theirs counts wherever something is wrong. Its KSWIN is left out: five of them take
milliseconds a token.
"""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from math import isnan, log1p, nan, sqrt
from typing import Any

import numpy as np

import watch_texts as texts
from midstream_cli.introspection.tokens import TokenWatch
from report import Report, main

FAMILIAR = 128
SHORTEST = texts.BEGINS + texts.LASTS
TRIALS, QUICK = 24, 8
APART = 64
"""Tokens from one alarm to the next at least."""
PEERS_DOCUMENTS = 12
"""Ordinary texts that peers are given."""

Alarms = Callable[[Sequence[texts.Token]], list[int]]


def told_of(tokens: Sequence[texts.Token]) -> Iterator[tuple[int, str]]:
    """Positions at which a loop begins, a stall ends, or a drift is told, and which of them."""
    watch, loop = TokenWatch(), nan
    for at, token in enumerate(tokens):
        moment = watch.update(*token)
        if moment.drifted:
            yield at, "drifts"
        if not isnan(moment.stalled_s):
            yield at, "stalls"
        if isnan(loop) and not isnan(moment.loop_tokens):
            yield at, "loops"
        loop = moment.loop_tokens


def ours(tokens: Sequence[texts.Token]) -> list[int]:
    """Positions at which anything is told."""
    return [at for at, _ in told_of(tokens)]


def numbers(tokens: Sequence[texts.Token]) -> Iterator[list[float]]:
    """Length, letters, white space, surprise and interval of each token, in units of the first ones."""
    rows = np.array(
        [
            [
                log1p(len(text)),
                sum(map(str.isalpha, text)) / len(text),
                sum(map(str.isspace, text)) / len(text),
                sqrt(-logprob),
                (time_ns - before) * 1e-9,
            ]
            for (time_ns, text, logprob), before in zip(tokens, [0, *[each.time_ns for each in tokens]], strict=False)
        ]
    )
    first = rows[:FAMILIAR]
    yield from ((rows - first.mean(0)) / np.maximum(first.std(0), 0.02)).tolist()


def river(make: Callable[[], Any]) -> Alarms:
    """The alarms of one detector for each number."""

    def alarms(tokens: Sequence[texts.Token]) -> list[int]:
        detectors, told = [make() for _ in range(5)], [-APART]
        for at, row in enumerate(numbers(tokens)):
            for detector, value in zip(detectors, row, strict=True):
                detector.update(value)
            if any(detector.drift_detected for detector in detectors) and at >= told[-1] + APART:
                told.append(at)
        return told[1:]

    return alarms


def peers() -> Iterator[tuple[str, Alarms]]:
    """Those of river, at several settings."""
    if find_spec("river") is None:
        return
    from river import drift  # type: ignore[import-not-found,unused-ignore]

    for delta in (2e-3, 1e-6, 1e-12):
        yield f"ADWIN, delta {delta:g}", river(partial(drift.ADWIN, delta=delta))
    for threshold in (20.0, 60.0, 180.0):
        yield (
            f"PageHinkley, threshold {threshold:g}",
            river(partial(drift.PageHinkley, threshold=threshold, delta=0.25)),
        )


def false_alarms(alarms: Alarms, streams: Sequence[Sequence[texts.Token]]) -> tuple[int, int]:
    """Alarms on ordinary streams, and their tokens."""
    return sum(len(alarms(tokens)) for tokens in streams), sum(map(len, streams))


def found(alarms: Alarms, faulty: Sequence[Sequence[texts.Token]]) -> tuple[float, float]:
    """Share of faults that are told, and after how many tokens, the median; streams told before their fault are left out."""
    delays = []
    for tokens in faulty:
        told = alarms(tokens)
        if not told or told[0] >= texts.BEGINS:
            delays.append(told[0] - texts.BEGINS + 1 if told else nan)
    hit = [each for each in delays if not isnan(each)]
    return len(hit) / max(len(delays), 1), float(np.median(hit)) if hit else nan


def measure(report: Report) -> None:
    """Ordinary texts first, then each fault."""
    random = np.random.default_rng(0)
    documents = [(kind, cut) for kind, cut in texts.documents() if len(cut) >= SHORTEST]
    streams = [texts.stream(texts.draft(cut, random)) for _, cut in documents]
    rows = []
    for kind in dict.fromkeys(kind for kind, _ in documents):
        some = [each for (of, _), each in zip(documents, streams, strict=True) if of == kind]
        told = Counter(what for tokens in some for _, what in told_of(tokens))
        tokens = sum(map(len, some))
        row: dict[str, float | str] = {"ordinary texts": kind, "tokens": tokens}
        rows.append(row | {f"{what} in 10k": 1e4 * told[what] / tokens for what in ("drifts", "loops", "stalls")})
    report.table("Ordinary texts", rows)
    report.note("The loops are those of the texts: tables and data in source code.")
    worst = max(float(row["drifts in 10k"]) for row in rows)
    report.at_most(1.0, "drifts of ordinary texts", worst, "in 10k tokens")
    trials = QUICK if "--quick" in sys.argv[1:] else TRIALS
    chosen = [documents[at][1] for at in random.choice(len(documents), trials, replace=False)]
    faulty: dict[str, list[Sequence[texts.Token]]] = {name: [] for name in texts.FAULTS}
    for name, fault in texts.FAULTS.items():
        for cut in chosen:
            draft = texts.draft(cut[:SHORTEST], random)
            fault(draft, random)
            faulty[name].append(texts.stream(draft))
    detectors = [_row("midstream", ours, streams, faulty)]
    for name, alarms in peers():
        detectors.append(_row(name, alarms, streams[:: 1 + len(streams) // PEERS_DOCUMENTS], faulty))
    report.table(f"Share of {trials} faults told, and after how many tokens", detectors)
    report.note("Peers are given a part of the ordinary texts.")
    report.at_most(30.0, "an update takes", min(_took_us(streams[0]) for _ in range(9)), "us")


def _took_us(tokens: Sequence[texts.Token]) -> float:
    """Processor time of an update."""
    started = time.process_time()
    ours(tokens)
    return (time.process_time() - started) / len(tokens) * 1e6


def _row(
    name: str,
    alarms: Alarms,
    ordinary: Sequence[Sequence[texts.Token]],
    faulty: dict[str, list[Sequence[texts.Token]]],
) -> dict[str, object]:
    told, tokens = false_alarms(alarms, ordinary)
    row: dict[str, object] = {"detector": name, "false in 10k": 1e4 * told / tokens}
    for fault, streams in faulty.items():
        share, delay = found(alarms, streams)
        row[fault] = f"{share:.2f} {delay:.0f}"
    return row


if __name__ == "__main__":
    main(measure)
