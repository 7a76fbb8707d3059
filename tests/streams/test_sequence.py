"""What counters of simulated senders say was lost, against what really was."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.streams.sequence import MODULUS, MOST, LossCounter
from midstream_cli.streams.tally import Tally


def lost(numbers: list[int], nodes: list[int] | None = None, cuts: list[int] | None = None) -> int:
    tally = Tally()
    counter = LossCounter(tally)
    edges = [0, *sorted(cuts or []), len(numbers)]
    for begin, end in pairwise(edges):
        own = np.array(nodes[begin:end] if nodes else [7] * (end - begin))
        counter.count(np.array(numbers[begin:end], np.int64), own)
    return tally.lost


starts = st.one_of(st.integers(0, MODULUS - 1), st.integers(MODULUS - 50, MODULUS - 1))
kept = st.lists(st.booleans(), min_size=2, max_size=200).map(lambda keep: [True, *keep, True])


@given(starts, kept, st.data())
def test_what_is_missing_between_the_numbers_was_lost(start: int, keep: list[bool], data: st.DataObject) -> None:
    keep = [True] * len(keep) + keep
    numbers = [(start + i) % MODULUS for i, came in enumerate(keep) if came]
    assert lost(numbers, cuts=data.draw(st.lists(st.integers(0, len(numbers))))) == keep.count(False)


@given(starts, kept)
def test_a_router_that_counts_in_twos_has_not_lost_half(start: int, keep: list[bool]) -> None:
    keep = [True] * 40 * len(keep) + keep
    numbers = [(start + 2 * i) % MODULUS for i, came in enumerate(keep) if came]
    assert lost(numbers) == keep.count(False)


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5)), max_size=100), st.data())
def test_each_sender_has_its_own_count(steps: list[tuple[int, int]], data: st.DataObject) -> None:
    last = {node: 1000 * node for node in range(3)}
    numbers, nodes = list(last.values()), list(last)
    for node, step in steps:
        last[node] += step
        numbers.append(last[node])
        nodes.append(node)
    each = [lost([number for number, its in zip(numbers, nodes, strict=True) if its == node]) for node in range(3)]
    assert lost(numbers, nodes, data.draw(st.lists(st.integers(0, len(numbers))))) == sum(each)


@pytest.mark.parametrize(
    ("numbers", "missing"),
    [
        ([5], 0),
        ([5, 5, 5, 6], 0),
        ([1, 2, 4, 3, 5], 0),
        ([1, 2, 5, 3, 6], 1),
        ([1, 2, 5, 4, 3, 6, 7], 0),
        ([70_000, 70_001, 0, 1, 2], 0),
        ([70_000, 70_001, 0, 1, 3], 1),
        ([MODULUS - 1, 0, 2], 1),
        ([0, 1, 5_000_000], 4_999_998),
    ],
    ids=["one", "doubled", "late", "late, one lost", "two late", "restarted", "restarted, one lost", "wrapped", "many"],
)
def test_only_what_never_came_was_lost(numbers: list[int], missing: int) -> None:
    assert lost(numbers) == missing


@given(st.lists(st.integers(0, MODULUS - 1), min_size=1, max_size=40), st.data())
def test_it_does_not_matter_how_a_stream_is_cut(numbers: list[int], data: st.DataObject) -> None:
    assert lost(numbers, cuts=data.draw(st.lists(st.integers(0, len(numbers))))) == lost(numbers)


def test_made_up_addresses_are_forgotten_and_what_was_lost_is_not() -> None:
    tally = Tally()
    counter = LossCounter(tally)
    counter.count(np.array([1, 3]), np.array([7, 7]))
    for first in range(1000, 1000 + 3 * MOST, 64):
        counter.count(np.arange(64), np.arange(first, first + 64))
        counter.count(np.array([3]), np.array([7]))
    assert len(counter._senders) == MOST
    counter.count(np.array([6]), np.array([7]))
    assert tally.lost == 1 + 2
