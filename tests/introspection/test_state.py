"""A tap that was saved goes on as if nothing had happened."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import FormatError, StoreError
from midstream_cli.frames import Kind
from midstream_cli.introspection import graph, state
from midstream_cli.introspection.introspect import Introspect
from midstream_cli.introspection.nodes import IntrospectNodes
from midstream_cli.recordings import Recording
from strategies import few, of_kind


def library(kind: Kind) -> list[Signature]:
    """Signatures of one kind of stream."""
    random = np.random.default_rng(1)
    if kind == "token":
        return [Signature("cat", "cat", np.array([[1.0], [2.0], [3.0]]), "token-ids")]
    if kind == "numeric":
        background = Background.of(random.normal(size=(200, 2)), "", 4.0)
        return [Signature("wave", "wave", random.normal(size=(9, 2)) * 4, "columns", background=background)]
    band = Signature("band", "band", random.normal(size=(9, 8)), "bands8", rate_hz=32.0)
    return [band, Signature("slow", "slow", random.normal(size=(9, 8)), "bands8", rate_hz=16.0)]


def tap(kind: Kind) -> IntrospectNodes:
    signatures = library(kind)
    return IntrospectNodes(lambda: Introspect(signatures))


@few
@given(st.sampled_from(("csi", "token", "numeric")), st.integers(0, 500), st.integers(0, 99))
def test_it_goes_on_bit_for_bit(kind: Kind, at: int, seed: int) -> None:
    recording: Any = of_kind(kind, seed, 500)
    expected = list(tap(kind).extend(recording))
    first, second = tap(kind), tap(kind)
    found = list(first.extend(recording.take(slice(0, at))))
    second.resume(graph.loaded(graph.dumped(first.known())))
    assert [*found, *second.extend(recording.take(slice(at, None)))] == expected


def test_what_was_saved_knows_nothing_of_what_came_later() -> None:
    recording: Recording = of_kind("numeric", 1, 300)
    first, second = tap("numeric"), tap("numeric")
    first.extend(recording)
    kept = graph.dumped(first.known())
    first.extend(of_kind("csi", 1, 10).take(slice(0)))
    first.extend(recording)
    second.resume(graph.loaded(kept))
    assert second.extend(recording)[0].frame_count == 301


def test_a_file_brings_back_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "tap.state"
    assert state.load(path, {"a": 1}) is None
    state.save(path, {"b": np.arange(3)}, {"a": 1})
    assert state.load(path, {"a": 1})["b"].tolist() == [0, 1, 2]
    assert [each.name for each in tmp_path.iterdir()] == ["tap.state"]


def test_other_settings_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "tap.state"
    state.save(path, 1, {"feature": "bands8", "signatures": None})
    with pytest.raises(FormatError, match="another feature"):
        state.load(path, {"feature": "doppler", "signatures": None})


def test_another_version_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tap.state"
    state.save(path, 1, {})
    monkeypatch.setattr(state, "__version__", "99")
    with pytest.raises(FormatError, match="another version"):
        state.load(path, {})


def test_code_that_has_changed_since_is_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tap.state"
    state.save(path, Introspect.example(), {})
    assert isinstance(state.load(path, {}), Introspect)
    monkeypatch.setattr(state, "_digest", lambda _: "changed")
    with pytest.raises(FormatError, match="another version"):
        state.load(path, {})


@pytest.mark.parametrize("content", [b"", b"nonsense", b"PK\x03\x04 half a file"])
def test_a_file_of_something_else_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "tap.state"
    path.write_bytes(content)
    with pytest.raises(FormatError, match="no state of midstream"):
        state.load(path, {})


def test_a_place_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        state.save(tmp_path / "nowhere" / "tap.state", 1, {})


def test_a_clock_that_began_anew_is_measured_anew_and_the_count_goes_on() -> None:
    recording: Any = of_kind("csi", 3, 600)
    first, second = tap("csi"), tap("csi")
    known = list(first.extend(recording))
    second.resume(graph.loaded(graph.dumped(first.known())))
    found = list(second.extend(recording))
    assert [each.frame_count for each in found] == list(range(601, 1201))
    assert [each.time_s for each in found] == [each.time_s for each in known]
    assert [each.regime for each in found[100:]].count("unknown") < 600
    assert {each.regime for each in found} & {"periodic", "idle", "chaotic", "transient"}
