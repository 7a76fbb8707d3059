"""Objects become plain values and buffers, and the same objects again."""

import enum
from collections import Counter, deque
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.attractor.change.onset import Onset
from midstream_cli.attractor.live.rules import Regime
from midstream_cli.compiled.vectors import aligned
from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo
from midstream_cli.introspection.graph import dumped, loaded
from midstream_cli.streams import features
from strategies import some


def again(value: Any) -> Any:
    """A value after a way to the disk and back."""
    return loaded({name: buffer.copy() for name, buffer in dumped(value).items()})


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.lists(inner).map(deque)
        | st.dictionaries(st.text() | st.integers() | st.tuples(st.integers(), st.text()), inner)
    ),
    max_leaves=20,
)


@some
@given(values)
def test_plain_values_come_back_as_they_were(value: Any) -> None:
    found = again(value)
    assert found == value
    assert type(found) is type(value)


def test_containers_keep_their_kind_and_their_room() -> None:
    found = again([deque([1, 2], maxlen=2), Counter("aab"), {1, 2}, frozenset("x")])
    found[0].append(3)
    assert found == [deque([2, 3]), Counter("aab"), {1, 2}, frozenset("x")]


def test_numbers_that_are_none_come_back() -> None:
    nan, infinity = again([float("nan"), -np.inf])
    assert np.isnan(nan)
    assert infinity == -np.inf


def test_arrays_keep_values_types_and_shapes() -> None:
    for array in (np.arange(6).reshape(2, 3), np.array(1.5), np.empty((0, 4)), np.array([True]), np.arange(9.0)[::2]):
        found = again(array)
        assert np.array_equal(found, array)
        assert (found.dtype, found.shape) == (array.dtype, array.shape)
    texts = np.array(["a", "ß", ""], object)
    assert again(texts).tolist() == texts.tolist()


def test_arrays_that_share_memory_share_it_again() -> None:
    whole = aligned(64)
    views = again({"whole": whole, "part": whole[8:16], "same": whole, "turned": whole.reshape(8, 8).T})
    views["part"][0] = 7.0
    assert views["whole"][8] == 7.0
    assert views["turned"][0, 1] == 7.0
    assert views["whole"].ctypes.data % 64 == 0


def test_what_occurs_twice_is_one_object_again() -> None:
    shared = [1]
    first, second = again([shared, shared])
    first.append(2)
    assert second == [1, 2]


def test_objects_of_the_package_come_back_at_work() -> None:
    detector, random = Onset(3), np.random.default_rng(0)
    detector.extend(random.normal(size=(300, 3)))
    copy, later = again(detector), random.normal(size=(200, 3)) + 5.0
    assert np.array_equal(copy.trace(later).statistic, detector.trace(later).statistic)
    assert again(Regime.IDLE) is Regime.IDLE
    assert again(StreamInfo(source="x")) == StreamInfo(source="x")
    assert again(features.load("columns")) is features.load("columns")


class Foreign:
    """No part of the package."""


class Colour(enum.Enum):
    """None either."""

    RED = 1


class Pair(NamedTuple):
    """None either."""

    a: int


@dataclass
class Record:
    """None either."""

    a: int


@pytest.mark.parametrize(
    "value", [Foreign(), len, lambda: 0, Record(1), Pair(1), object()], ids=lambda value: type(value).__name__
)
def test_what_is_no_state_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="is no state"):
        dumped([value])


def test_nothing_but_the_package_is_made_from_a_file() -> None:
    for value in (Colour.RED,):
        with pytest.raises(FormatError, match="no part of midstream_cli"):
            again(value)


@pytest.mark.parametrize("damage", ["tree", "buffer", "class"])
def test_what_was_damaged_is_an_error(damage: str) -> None:
    kept = dumped({"a": np.arange(100.0), "b": StreamInfo()})
    if damage == "tree":
        kept["tree"] = kept["tree"][:-5]
    elif damage == "buffer":
        kept["b0"] = kept["b0"][:100]
    else:
        text = kept["tree"].tobytes().replace(b"StreamInfo", b"StreamTale")
        kept["tree"] = np.frombuffer(text, np.uint8)
    with pytest.raises(FormatError):
        loaded(kept)
