"""Every node of a stream is watched by itself."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.frames import node_name
from midstream_cli.introspection.introspect import Introspect
from midstream_cli.introspection.nodes import IntrospectNodes
from midstream_cli.recordings import CsiRecording, concatenate
from midstream_cli.results import IntrospectionSnapshot
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from strategies import SECOND, csi, cuts, few, pieces, tokens


def of_node(recording: CsiRecording, node: int) -> CsiRecording:
    return replace(recording, node=np.full(len(recording), node))


def mixed(*links: CsiRecording) -> CsiRecording:
    """Frames of several nodes in the order of their times."""
    joined = concatenate(links)
    return joined.take(np.argsort(joined.time_ns, kind="stable"))


def taken(recording: Any, places: list[int] | None = None, tally: Tally | None = None) -> list[IntrospectionSnapshot]:
    operator = IntrospectNodes(Introspect, tally=tally)
    found = [each for piece in pieces(recording, places or []) for each in operator.extend(piece)]
    return [*found, *operator.finish()]


@few
@given(st.integers(0, 99), cuts)
def test_each_node_has_what_it_would_have_alone(seed: int, places: list[int]) -> None:
    first, second = of_node(csi(seed, 300), 1), of_node(csi(seed + 1, 200, rate_hz=60.0), 2)
    found = taken(mixed(first, second), places)
    for recording, node in ((first, "1"), (second, "2")):
        alone = [replace(each, frames_lost=None) for each in Introspect().extend(recording)]
        assert [replace(each, frames_lost=None) for each in found if each.node == node] == alone


@few
@given(st.integers(0, 99), cuts)
def test_however_a_stream_is_cut_the_snapshots_come_in_the_same_order(seed: int, places: list[int]) -> None:
    recording = mixed(of_node(csi(seed, 200), 1), of_node(csi(seed + 1, 250), 2), of_node(csi(seed + 2, 30), 3))
    assert taken(recording, places) == taken(recording)


def test_a_node_that_was_away_goes_on_counting() -> None:
    first = of_node(csi(1, 300), 1)
    first.time_ns[200:] += 600 * SECOND
    found = [each for each in taken(mixed(first, of_node(csi(2, 500), 2))) if each.node == "1"]
    assert [each.frame_count for each in found] == list(range(1, 301))


def test_a_node_that_sends_little_is_told_of_at_the_end() -> None:
    found = taken(mixed(of_node(csi(1, 200), 1), of_node(csi(2, 5), 2)))
    assert [each.node for each in found[-5:]] == ["2"] * 5


def test_frames_in_other_layouts_are_left_out_and_counted() -> None:
    tally = Tally()
    wide, narrow = csi(1, 200), csi(2, 20, subcarriers=8)
    found = taken(mixed(wide, narrow), tally=tally)
    assert len(found) == 200
    assert tally.dropped == {"other layout": 20}


def test_frames_that_were_lost_are_counted_by_node() -> None:
    first = of_node(csi(1, 200), 1)
    kept = first.take(np.delete(np.arange(200), [100, 101, 150]))
    found = taken(mixed(kept, of_node(csi(2, 200), 2)))
    last = {each.node: each.frames_lost for each in found}
    assert last == {"1": 3, "2": 0}


def test_choices_of_a_model_are_nodes_too() -> None:
    frames = tokens(1, 400)
    frames.choice[1::2] = 1
    found = taken(frames)
    assert {node: sum(each.node == node for each in found) for node in ("0", "1")} == {"0": 200, "1": 200}


def test_both_nodes_of_a_real_recording_are_watched(data: Path) -> None:
    source = data / "csi" / "ruview" / "pretrain-1775182186.csi.jsonl"
    if not source.exists():
        pytest.skip(f"{source} is missing")
    operator = IntrospectNodes(Introspect)
    with open_source(str(source)) as opened:
        found = [each for piece in opened for each in operator.extend(piece)]
    counts = {node_name(node): sum(each.node == node_name(node) for each in found) for node in (1, 2)}
    assert all(count > 1000 for count in counts.values()), counts
