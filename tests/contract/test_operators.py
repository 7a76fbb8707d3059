"""What every operator promises, proved for each that there is.

Whatever class of the package has `finish` and an `update` that takes a `frame` is an operator, and is found here without
being named. Its `example()` is a small instance that has not seen a frame yet, for a stream whose source is `example`; of
the kinds of stream there are, it takes those whose frames it does not refuse.
"""

import importlib
import pkgutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass
from inspect import signature
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import midstream_cli
from midstream_cli.attractor.live.watch import WatchRegimes
from midstream_cli.errors import MidstreamError
from midstream_cli.frames import Frame, Kind
from midstream_cli.operator import Operator
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, TokenRecording
from strategies import SECOND, at_once, by_frames, by_pieces, cuts, of_kind, pieces

KINDS: tuple[Kind, ...] = ("csi", "token", "numeric")


def modules() -> Iterator[Any]:
    """Every module of the package but the one that runs it."""
    for found in pkgutil.walk_packages(midstream_cli.__path__, "midstream_cli."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def is_operator(cls: type) -> bool:
    """Whether a class takes frames one by one and has an end; the protocol itself is none."""
    update = getattr(cls, "update", None)
    takes_frames = isinstance(update, FunctionType) and "frame" in signature(update).parameters
    return takes_frames and callable(getattr(cls, "finish", None)) and cls is not Operator


def faults(cls: type) -> list[str]:
    """What an operator lacks before it can be held to its promises."""
    lacking = [name for name in ("extend", "example") if not callable(getattr(cls, name, None))]
    if not lacking and not isinstance(cls.__dict__.get("example"), classmethod):
        lacking.append("example as a classmethod")
    return [f"{cls.__module__}.{cls.__qualname__} lacks {name}" for name in lacking]


OPERATORS: list[Any] = [
    cls
    for module in modules()
    for cls in vars(module).values()
    if isinstance(cls, type) and cls.__module__ == module.__name__ and is_operator(cls)
]
"""All there are."""


# what streams are made of


def plain(kind: Kind, seed: int = 1, n: int = 400) -> Recording:
    return of_kind(kind, seed, n)


def empty(kind: Kind) -> Recording:
    return of_kind(kind, 1, 3).take(slice(0))


def one_frame(kind: Kind) -> Recording:
    return of_kind(kind, 1, 1)


def missing_values(kind: Kind) -> Recording:
    recording = of_kind(kind, 2, 300)
    values: Any = recording.csi if isinstance(recording, CsiRecording) else None
    if isinstance(recording, TokenRecording):
        values = recording.logprob
    elif isinstance(recording, NumericRecording):
        values = recording.columns["c0"]
    values[[0, 7, len(values) // 2, len(values) - 1]] = [np.nan, np.inf, -np.inf, np.nan]
    return recording


def gapped(kind: Kind) -> Recording:
    recording = of_kind(kind, 3, 400)
    for position, silence_ns in ((100, SECOND // 2), (200, 20 * SECOND), (300, 10**17)):
        recording.time_ns[position:] += silence_ns
    return recording


def repeated_times(kind: Kind) -> Recording:
    recording = of_kind(kind, 4, 300)
    recording.time_ns[50:90] = recording.time_ns[50]
    return recording


def backward_times(kind: Kind) -> Recording:
    recording = of_kind(kind, 5, 300)
    recording.time_ns[100:120] -= SECOND
    recording.time_ns[200:] -= 5 * SECOND
    return recording


def standing_still(kind: Kind) -> Recording:
    recording = of_kind(kind, 6, 200)
    recording.time_ns[:] = 7
    return recording


def eventful(kind: Kind) -> Recording:
    """Nothing, then something that goes round, then nothing again, and once more after a silence."""
    recording = of_kind(kind, 8, 1800)
    along = np.arange(len(recording))
    goes_round = (along > 500) & (along <= 1000) | (along > 1300)
    if isinstance(recording, CsiRecording):
        quiet, width = np.random.default_rng(8).normal(20, 0.5, recording.csi.shape), len(recording.csi) // len(along)
        swing = np.repeat(np.where(goes_round, np.sin(0.2 * along), 0.0), width)
        carrying, tilt = recording.csi != 0, np.cos(np.arange(len(quiet)) % width)
        recording.csi[:] = np.where(carrying, np.round(quiet + 12 * swing * tilt), 0)
        recording.time_ns[1200:] += 20 * SECOND
    elif isinstance(recording, TokenRecording):
        recording.text[goes_round] = np.array(["and", " so", " on"], object)[along[goes_round] % 3]
    elif isinstance(recording, NumericRecording):
        for name in recording.columns:
            quiet = np.random.default_rng(8).normal(size=len(along))
            recording.columns[name][:] = quiet + np.where(goes_round, 20 * np.sin(0.4 * along), 0.0)
    return recording


STREAMS: tuple[Callable[[Kind], Recording], ...] = (
    plain,
    empty,
    one_frame,
    missing_values,
    gapped,
    repeated_times,
    backward_times,
    standing_still,
    eventful,
)


def takes(cls: Any, kind: Kind) -> bool:
    """Whether an operator is for this kind of stream."""
    return refusal(cls, kind) is None


def refusal(cls: Any, kind: Kind) -> Exception | None:
    """How an operator refuses this kind of stream, if it does."""
    try:
        at_once(cls.example(), plain(kind))
    except Exception as error:  # noqa: BLE001 - a test below asks what it is
        return error
    return None


CASES = [(cls, kind) for cls in OPERATORS if not faults(cls) for kind in KINDS if takes(cls, kind)]
each = pytest.mark.parametrize(("cls", "kind"), CASES, ids=[f"{cls.__name__}-{kind}" for cls, kind in CASES])
every_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: cast(str, stream.__name__))


def to_compare(value: Any) -> Any:
    """A result taken apart, so that arrays and missing numbers compare too."""
    if is_dataclass(value) and not isinstance(value, type):
        return [type(value).__name__, *(to_compare(getattr(value, f.name)) for f in fields(value))]
    if isinstance(value, np.ndarray):
        return (str(value.dtype), value.shape, value.tobytes() if value.dtype != object else repr(value.tolist()))
    if isinstance(value, dict):
        return [(to_compare(key), to_compare(each)) for key, each in value.items()]
    if isinstance(value, list | tuple):
        return [to_compare(each) for each in value]
    return repr(value)


CODE = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodType)


def state_size(value: Any, seen: set[int] | None = None) -> int:
    """Bytes that an object holds, and everything it refers to that is not code."""
    seen = set() if seen is None else seen
    if id(value) in seen or isinstance(value, CODE):
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return value.nbytes + (sum(state_size(each, seen) for each in value.ravel()) if value.dtype == object else 0)
    size = sys.getsizeof(value)
    if isinstance(value, dict):
        return size + sum(state_size(key, seen) + state_size(each, seen) for key, each in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return size + sum(state_size(each, seen) for each in value)
    slots = [name for base in type(value).__mro__ for name in getattr(base, "__slots__", ())]
    held = [getattr(value, name) for name in slots if hasattr(value, name)]
    return size + sum(state_size(each, seen) for each in [*held, *getattr(value, "__dict__", {}).values()])


def scribble(recording: Recording) -> None:
    """Write over everything a recording holds."""
    for f in fields(recording):
        value = getattr(recording, f.name)
        for array in value.values() if isinstance(value, dict) else [value]:
            if isinstance(array, np.ndarray) and len(array):
                array[:] = "scribble" if array.dtype == object else array.dtype.type(1)


# who is held to it


def test_the_operators_we_know_are_found() -> None:
    assert {f"{cls.__module__}.{cls.__name__}" for cls in OPERATORS} >= {
        "midstream_cli.streams.describe.Describe",
        "midstream_cli.compare.live.match.MatchSignatures",
        "midstream_cli.compare.live.occurrences.FindOccurrences",
        "midstream_cli.attractor.live.watch.WatchRegimes",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_regimes_change_in_the_stream_that_is_to_change_them(kind: Kind) -> None:
    found = at_once(WatchRegimes.example(), eventful(kind))
    regimes = [change.regime for change in found]
    assert regimes.count("periodic") == 2
    assert "unknown" in regimes
    assert kind == "token" or {"idle", "transient"} <= set(regimes)


def test_every_operator_has_what_it_takes_to_be_tested() -> None:
    assert [fault for cls in OPERATORS for fault in faults(cls)] == []


@pytest.mark.parametrize("cls", OPERATORS, ids=lambda cls: cast(str, cls.__name__))
def test_every_operator_takes_some_kind_of_stream(cls: Any) -> None:
    assert any(known is cls for known, _ in CASES)
    assert isinstance(cls.example(), Operator)


@pytest.mark.parametrize("cls", OPERATORS, ids=lambda cls: cast(str, cls.__name__))
@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_stream_it_is_not_for_is_refused_with_advice(cls: Any, kind: Kind) -> None:
    error = refusal(cls, kind)
    assert error is None or isinstance(error, MidstreamError)
    assert error is None or error.hint


def test_an_operator_without_an_example_is_found_out() -> None:
    class NoExample:
        def update(self, frame: Frame) -> None: ...
        def extend(self) -> None: ...
        def finish(self) -> None: ...

    class NoClassmethod(NoExample):
        def example(self) -> None: ...

    class NotOne:
        def finish(self) -> None: ...

    class OfVectors:
        def update(self, vector: object) -> None: ...
        def finish(self) -> None: ...

    assert is_operator(NoExample)
    assert not is_operator(NotOne)
    assert not is_operator(OfVectors)
    assert faults(NoExample)[0].endswith("NoExample lacks example")
    assert faults(NoClassmethod)[0].endswith("lacks example as a classmethod")


# what is promised


@each
@every_stream
def test_frame_by_frame_and_in_pieces_come_to_the_same(cls: Any, kind: Kind, stream: Any) -> None:
    recording = stream(kind)
    whole = to_compare(at_once(cls.example(), recording))
    assert to_compare(by_frames(cls.example(), recording)) == whole
    for places in ([1], [64], [63, 65], [0, 0, len(recording)], list(range(0, max(len(recording), 1), 7))):
        assert to_compare(by_pieces(cls.example(), recording, places)) == whole


@each
@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 999), n=st.integers(0, 300), places=cuts)
def test_any_stream_cut_anywhere_comes_to_the_same(cls: Any, kind: Kind, seed: int, n: int, places: list[int]) -> None:
    recording = plain(kind, seed, n)
    assert to_compare(by_pieces(cls.example(), recording, places)) == to_compare(at_once(cls.example(), recording))


@each
def test_updates_and_extensions_may_be_mixed(cls: Any, kind: Kind) -> None:
    recording, operator, found = plain(kind), cls.example(), []
    for i, piece in enumerate(pieces(cast(CsiRecording, recording), [10, 40, 90, 200, 201])):
        found += [r for frame in piece for r in operator.update(frame)] if i % 2 else list(operator.extend(piece))
    assert to_compare([*found, *operator.finish()]) == to_compare(at_once(cls.example(), recording))


@each
def test_the_state_does_not_grow_with_the_stream(cls: Any, kind: Kind) -> None:
    operator, sizes = cls.example(), []
    whole = plain(kind, 1, 1000)
    for i in range(4):
        part = plain(kind, 1, 1000)
        part.time_ns[:] += i * (whole.time_ns[-1] + 10_000_000)
        for piece in pieces(cast(CsiRecording, part), list(range(0, 1000, 37))):
            operator.extend(piece)
        sizes.append(state_size(operator))
    assert sizes[3] <= sizes[1] + max(512, sizes[1] // 50)


def test_a_state_that_grows_would_be_noticed() -> None:
    class Keeps:
        def __init__(self) -> None:
            self.kept: list[Any] = []

    keeper, sizes = Keeps(), []
    for i in range(3):
        keeper.kept.append(plain("csi", i, 100))
        sizes.append(state_size(keeper))
    assert sizes[2] - sizes[1] > 100 * 16 * 8


@each
def test_what_was_given_may_be_written_over_afterwards(cls: Any, kind: Kind) -> None:
    expected = to_compare(at_once(cls.example(), plain(kind)))
    for places in ([], list(range(0, 400, 20))):
        operator, found = cls.example(), []
        for i in range(len(places) + 1):
            piece = pieces(cast(CsiRecording, plain(kind)), places)[i]
            found += list(operator.extend(piece))
            scribble(piece)
        assert to_compare([*found, *operator.finish()]) == expected
    operator, found = cls.example(), []
    for frame in plain(kind):
        found += list(operator.update(frame))
        if kind == "csi":
            cast(Any, frame).csi[:] = 99
    assert to_compare([*found, *operator.finish()]) == expected


@each
def test_what_was_given_is_not_written_to(cls: Any, kind: Kind) -> None:
    recording = plain(kind)
    at_once(cls.example(), recording)
    assert to_compare(recording) == to_compare(plain(kind))


@each
def test_results_that_were_handed_out_do_not_change(cls: Any, kind: Kind) -> None:
    operator, handed = cls.example(), []
    for piece in pieces(cast(CsiRecording, plain(kind)), list(range(0, 400, 50))):
        handed += [(result, to_compare(result)) for result in operator.extend(piece)]
    operator.finish()
    assert all(to_compare(result) == before for result, before in handed)


@each
def test_two_operators_share_nothing(cls: Any, kind: Kind) -> None:
    streams = [plain(kind, 1), plain(kind, 2)]
    operators, found = [cls.example(), cls.example()], [[], []]  # type: ignore[var-annotated]
    for span in range(0, 400, 50):
        for i in (0, 1):
            found[i] += operators[i].extend(streams[i].take(slice(span, span + 50)))
    for i in (0, 1):
        assert to_compare([*found[i], *operators[i].finish()]) == to_compare(at_once(cls.example(), streams[i]))


@each
@every_stream
def test_the_same_stream_has_the_same_results(cls: Any, kind: Kind, stream: Any) -> None:
    assert to_compare(at_once(cls.example(), stream(kind))) == to_compare(at_once(cls.example(), stream(kind)))


@each
def test_an_empty_piece_changes_nothing(cls: Any, kind: Kind) -> None:
    recording, operator = plain(kind), cls.example()
    found = list(operator.extend(empty(kind)))
    for piece in pieces(cast(CsiRecording, recording), [100]):
        found += [*operator.extend(piece), *operator.extend(empty(kind))]
    assert to_compare([*found, *operator.finish()]) == to_compare(at_once(cls.example(), recording))


@each
def test_an_operator_that_saw_nothing_finishes_as_after_an_empty_stream(cls: Any, kind: Kind) -> None:
    assert to_compare(list(cls.example().finish())) == to_compare(at_once(cls.example(), empty(kind)))


@each
@every_stream
def test_every_number_in_a_result_can_be_written_as_json(cls: Any, kind: Kind, stream: Any) -> None:
    for result in at_once(cls.example(), stream(kind)):
        values = [getattr(result, f.name) for f in fields(result)]
        assert all(np.isfinite(value) for value in values if isinstance(value, float))
