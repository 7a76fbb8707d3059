"""Signatures of names: the rarer the names, the sooner they are told."""

import math

import numpy as np
import pytest

from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Signature


def phrase(*names: float) -> Signature:
    return Signature(str(names), "", np.array(names, np.float64)[:, None], feature_kind="token-ids")


def test_a_rare_phrase_is_told_and_no_other() -> None:
    random = np.random.default_rng(0)
    recogniser = Recogniser([phrase(1000, 1001, 1002, 1003), phrase(1000, 2001, 2002, 2003)], rate_hz=10.0)
    assert recogniser.state == "steady"
    assert recogniser.extend(random.integers(0, 50, 2000).astype(float)) == []
    told = recogniser.extend(np.array([1000.0, 2001, 2002, 2003]))
    assert [(each.signature, each.start) for each in told] == [(1, 2000)]


def test_evidence_is_what_the_names_are_worth() -> None:
    recogniser = Recogniser([phrase(7, 8)], false_alarms_per_day=1e-9)
    recogniser.extend(np.zeros(98))
    recogniser.update(np.array([7.0]))
    first = math.log(0.9 / (1 / 99))
    assert recogniser.evidences[0] == pytest.approx(first)
    recogniser.update(np.array([8.0]))
    assert recogniser.evidences[0] == pytest.approx(first - 0.45 + math.log(0.9 / (1 / 100)))
    recogniser.update(np.array([5.0]))
    assert recogniser.evidences[0] == pytest.approx(first - 0.45 + math.log(90) - 1.5 + math.log(0.1))
    assert recogniser.top()[0].start == 98


def test_common_names_tell_nothing() -> None:
    recogniser = Recogniser([phrase(1, 2, 1, 2)])
    assert recogniser.extend(np.tile([1.0, 2.0], 5000)) == []


def test_a_name_is_counted_one_by_one_or_all_at_once() -> None:
    stream = np.random.default_rng(1).integers(0, 400, 3000).astype(float)
    stream[77] = math.nan
    one, other = Recogniser([phrase(*stream[1000:1006])]), Recogniser([phrase(*stream[1000:1006])])
    matched = [n for n, name in enumerate(stream) if one.update(np.array([name])).matched >= 0]
    assert [each.position for each in other.extend(stream)] == matched
    assert matched
    assert one.skipped == other.skipped == 1


def test_an_interrupted_phrase_is_none() -> None:
    recogniser = Recogniser([phrase(7, 8)])
    recogniser.extend(np.zeros(98))
    recogniser.update(np.array([7.0]))
    recogniser.interrupt()
    assert recogniser.evidences[0] == 0
    assert recogniser.update(np.array([0.0])).unknown == pytest.approx(0.0, abs=1e-4)
