"""Blocks of whole lines, however the bytes were cut."""

import tracemalloc
from itertools import chain, repeat

from csi_logs import chunks
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.streams.tally import Tally
from midstream_cli.streams.whole_lines import CUT_BY_STOPPING, whole_lines


def blocks(pieces: list[bytes], longest: int) -> tuple[list[bytes], int]:
    tally = Tally()
    found = list(whole_lines(iter(pieces), tally, longest))
    return found, tally.faults["endless line"]


@given(st.lists(st.sampled_from([b"a", b"bb", b"ccccccccc", b"\n", b"\r\n"])).map(b"".join), st.data())
def test_all_lines_that_are_not_endless_come_out_whole(text: bytes, data: st.DataObject) -> None:
    found, endless = blocks(data.draw(chunks(text)), longest=8)
    lines = [line + b"\n" for line in text.split(b"\n")]
    if lines[-1] == b"\n":
        lines.pop()
    assert all(block.endswith(b"\n") for block in found)
    assert b"".join(found) == b"".join(line for line in lines if len(line) <= 8)
    assert endless == sum(len(line) > 8 for line in lines)


def test_a_line_comes_out_as_soon_as_it_is_whole() -> None:
    pieces = iter([b"one\ntw", b"o\nthree\n", b"four"])
    found = whole_lines(pieces, Tally())
    assert next(found) == b"one\n"
    assert next(found) == b"two\nthree\n"
    assert next(found) == b"four\n"


@given(st.lists(st.sampled_from([b"a", b"bb", b"\n", b"\r\n"])).map(b"".join), st.data())
def test_where_we_stopped_only_lines_that_had_ended_come_out(text: bytes, data: st.DataObject) -> None:
    tally = Tally()
    found = list(whole_lines(iter(data.draw(chunks(text))), tally, stopped=lambda: True))
    end = text.rfind(b"\n") + 1
    assert b"".join(found) == text[:end]
    assert tally.skipped == ({CUT_BY_STOPPING: 1} if text[end:] else {})
    assert tally.bad == 0


def test_an_endless_line_takes_no_memory() -> None:
    tally = Tally()
    pieces = chain(repeat(b"x" * 700, 10_000), [b"\nlast"])
    tracemalloc.start()
    found = list(whole_lines(pieces, tally, longest=1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [b"last\n"]
    assert tally.faults == {"endless line": 1}
    assert tally.examples == {"endless line": "a line of over 1000 bytes"}
    assert peak < 100_000
