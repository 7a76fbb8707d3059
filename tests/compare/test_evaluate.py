"""Confusions counted against counting by hand."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.signatures.evaluate import balanced_accuracy, confusion
from midstream_cli.results import Match
from strategies import some


def nearest(label: str) -> Match:
    return Match(
        path="",
        node="",
        start_s=None,
        end_s=None,
        start_frame=0,
        end_frame=8,
        rank=1,
        signature_id=label,
        label=label,
        distance=0.5,
        score=2 / 3,
        above_threshold=False,
    )


def of(found: Sequence[tuple[str, str]]) -> list[tuple[str, Match]]:
    return [(truth, nearest(label)) for truth, label in found]


labels = st.sampled_from(["walk", "sit", "idle"])


@some
@given(st.lists(st.tuples(labels, labels), min_size=1, max_size=40))
def test_every_window_is_counted_once_and_each_truth_adds_up(found: list[tuple[str, str]]) -> None:
    rows = confusion(of(found))
    assert sum(row.windows for row in rows) == len(found)
    truths = {truth for truth, _ in found}
    seen = truths | {label for _, label in found}
    assert {(row.truth, row.predicted) for row in rows} == {(truth, label) for truth in truths for label in seen}
    for row in rows:
        own = [label for truth, label in found if truth == row.truth]
        assert row.windows == own.count(row.predicted)
        assert row.recall == own.count(row.predicted) / len(own)


def test_balanced_accuracy_weighs_truths_not_windows() -> None:
    found = [("walk", "walk")] * 90 + [("idle", "walk")] * 9 + [("idle", "idle")]
    assert balanced_accuracy(confusion(of(found))) == pytest.approx((1.0 + 0.1) / 2, abs=1e-15)


def test_a_truth_that_is_never_found_counts_as_missed() -> None:
    rows = confusion(of([("idle", "walk"), ("walk", "walk")]))
    assert balanced_accuracy(rows) == 0.5
    assert [(row.truth, row.predicted, row.windows) for row in rows] == [
        ("idle", "idle", 0),
        ("idle", "walk", 1),
        ("walk", "idle", 0),
        ("walk", "walk", 1),
    ]


def test_of_no_windows_there_is_no_accuracy() -> None:
    assert confusion([]) == []
    assert balanced_accuracy([]) == 0.0
