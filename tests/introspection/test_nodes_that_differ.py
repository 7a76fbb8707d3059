"""Nodes that signatures do not fit, and recordings of another kind than what is known."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from midstream_cli.compare.signatures.signature import Signature
from midstream_cli.errors import FormatError, SignatureError
from midstream_cli.introspection.introspect import Introspect
from midstream_cli.introspection.nodes import IntrospectNodes
from midstream_cli.recordings import CsiRecording
from midstream_cli.results import IntrospectionSnapshot
from midstream_cli.streams.tally import Tally
from strategies import csi, numbers, tokens


def with_signature() -> Introspect:
    """What recognises a ramp of sixteen subcarriers, of which thirteen are used."""
    return Introspect([Signature("ramp", "ramp", np.linspace(0.0, 1.0, 13 * 8).reshape(8, 13), "amplitude")])


def of_node(recording: CsiRecording, node: int) -> CsiRecording:
    return replace(recording, node=np.full(len(recording), node))


def of(snapshots: Sequence[IntrospectionSnapshot], node: str) -> list[IntrospectionSnapshot]:
    return [each for each in snapshots if each.node == node]


def test_a_node_that_signatures_do_not_fit_is_watched_without_them() -> None:
    tally = Tally()
    operator = IntrospectNodes(with_signature, tally=tally)
    other = of_node(csi(2, 100, subcarriers=8), 2)
    found = [*operator.extend(of_node(csi(1, 100), 1)), *operator.extend(other)]
    assert of(found, "1")[-1].top_k_similarity
    assert [replace(each, frames_lost=None) for each in of(found, "2")] == list(Introspect().extend(other))
    (note,) = tally.notes
    assert note.startswith("node 2 is watched without signatures: ")
    assert "13 dimensions, the stream's have 6" in note


def test_where_the_first_node_does_not_fit_the_signatures_are_the_wrong_ones() -> None:
    with pytest.raises(SignatureError, match="13 dimensions, the stream's have 6"):
        IntrospectNodes(with_signature).extend(csi(2, 100, subcarriers=8))


def test_what_is_known_of_one_kind_of_stream_says_nothing_of_another() -> None:
    operator = Introspect()
    operator.extend(tokens(1, 5))
    with pytest.raises(FormatError, match="numeric stream, what is known is of a token stream"):
        operator.extend(numbers(1, 5))


def test_who_goes_on_with_another_recording_names_that_one() -> None:
    operator, first = Introspect(), numbers(1, 5)
    operator.extend(first)
    second = replace(first, info=replace(first.info, source="second.csv"))
    assert [(each.path, each.frame_count) for each in operator.extend(second)] == [
        ("second.csv", i) for i in range(6, 11)
    ]
