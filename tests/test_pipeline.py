"""Source, operator and sink in a row, to whatever end."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from midstream_cli.errors import FormatError, StoreError
from midstream_cli.frames import Frame
from midstream_cli.pipeline import run
from midstream_cli.recordings import NumericRecording, Recording
from strategies import numbers


class Counting:
    """Tells how many frames each piece had, and at the end how many there were."""

    def __init__(self, fails_at: int | None = None) -> None:
        self.frames = 0
        self._fails_at = fails_at

    def update(self, frame: Frame) -> Sequence[int]:
        """Never called: pieces are handed on as they are."""
        raise AssertionError(frame)

    def extend(self, recording: Recording) -> Sequence[int]:
        """Tell how many frames came, or fail."""
        if self._fails_at == self.frames:
            raise FormatError("cannot be read", "record it again")
        self.frames += len(recording)
        return [len(recording)]

    def finish(self) -> Sequence[int]:
        """Tell how many there were, as a negative number."""
        return [-self.frames]


def stream(lengths: Sequence[int | None], end: BaseException | None = None) -> Iterator[Recording | None]:
    for length in lengths:
        yield None if length is None else numbers(1, length)
    if end:
        raise end


def test_results_reach_the_sink_in_order_and_the_last_ones_too() -> None:
    written: list[Sequence[int]] = []
    run(stream([3, 1, 2]), Counting(), written.append)
    assert [list(each) for each in written] == [[3], [1], [2], [-6]]


def test_where_nothing_came_the_sink_can_flush() -> None:
    written: list[Sequence[int]] = []
    run(stream([None, 3, None, None]), Counting(), written.append)
    assert [list(each) for each in written] == [[], [3], [], [], [-3]]


def test_an_empty_stream_has_an_end() -> None:
    written: list[Sequence[int]] = []
    run(stream([]), Counting(), written.append)
    assert [list(each) for each in written] == [[0]]


@pytest.mark.parametrize("end", [KeyboardInterrupt(), FormatError("broken", "mend it"), SystemExit(3)])
def test_whatever_ends_the_stream_what_came_is_kept_and_the_reason_is_told(end: BaseException) -> None:
    written: list[Sequence[int]] = []
    with pytest.raises(type(end)) as caught:
        run(stream([3, 4], end), Counting(), written.append)
    assert caught.value is end
    assert [list(each) for each in written] == [[3], [4], [-7]]


def test_an_operator_that_fails_has_its_results_so_far_kept() -> None:
    written: list[Sequence[int]] = []
    with pytest.raises(FormatError, match="cannot be read"):
        run(stream([3, 4, 5]), Counting(fails_at=7), written.append)
    assert [list(each) for each in written] == [[3], [4], [-7]]


def test_a_sink_that_fails_is_told_and_given_the_rest_all_the_same() -> None:
    offered: list[Sequence[int]] = []

    def full(results: Sequence[int]) -> None:
        offered.append(results)
        raise StoreError(f"no room for {list(results)}", "delete something")

    with pytest.raises(StoreError, match=r"no room for \[-3\]") as caught:
        run(stream([3, 4]), Counting(), full)
    assert [list(each) for each in offered] == [[3], [-3]]
    # the first failure is not lost
    assert "no room for [3]" in str(caught.value.__context__)


def test_pieces_are_read_one_by_one() -> None:
    order: list[Any] = []

    def reading() -> Iterator[Recording]:
        for length in (1, 2):
            order.append(f"read {length}")
            yield numbers(1, length)

    run(reading(), Counting(), lambda results: order.append(list(results)))
    assert order == ["read 1", [1], "read 2", [2], [-3]]


def test_the_operator_gets_the_pieces_themselves() -> None:
    piece, got = numbers(1, 3), []

    class Keeping(Counting):
        def extend(self, recording: Recording) -> Sequence[int]:
            got.append(recording)
            return ()

    run(iter([piece]), Keeping(), lambda _: None)
    assert got[0] is piece
    assert isinstance(got[0], NumericRecording)
