"""Tables of numbers: every way to write one, cut anywhere, damaged anywhere, read fast or line by line alike."""

import math
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from table_reading import contents, encoded, numbers, read, samples

from midstream_cli.errors import UsageError
from midstream_cli.frames import StreamInfo, TokenFrame
from midstream_cli.recordings import CsiRecording, NumericRecording, TokenRecording
from midstream_cli.streams import formats, number_table
from midstream_cli.streams.formats import csv

NAN = float("nan")


def same(found: dict[str, list[float]], expected: dict[str, list[float]]) -> bool:
    return list(found) == list(expected) and all(
        np.array_equal(found[name], expected[name], equal_nan=True) for name in expected
    )


# ways to write a table


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2.5\n-3,4e2\n",
        "a;b\n1;2.5\n-3;4e2\n",
        "a\tb\n1\t2.5\n-3\t4e2\n",
        "a b\n1 2.5\n-3    4e2\n",
        "  a   b\n 1 2.5  \n-3\t4e2",
        '"a","b"\n"1",2.5\n-3,"4e2"\n',
        "a, b\r\n1, 2.5\r\n-3, 4e2\r\n",
        "a,b\r\r\n1,2.5\r\r\n-3,4e2\r\r\n",
        "\ufeffa,b\n\n1,2.5\n\n-3,4e2\n\n",
        "# made by hand\na,b\n# now\n1,2.5\n#later\n-3,4e2\n",
        "# a b\n1 2.5\n-3 4e2\n",
        "My experiment\na,b\n1,2.5\n-3,4e2\n",
        "a,b,\n1,2.5,\n-3,4e2,\n",
        "a,b\n1,2.5\na,b\n-3,4e2\n",
        "a,b\n+1,2.5\n-3.,.4e3\n",
    ],
)
def test_every_usual_way_to_write_a_table_is_read(text: str) -> None:
    recording, tally = read("csv", text.encode())
    assert same(numbers(recording), {"a": [1, -3], "b": [2.5, 400]})
    assert tally.bad == 0
    assert recording is not None
    assert recording.info.clock == "none"


def test_missing_values_are_not_a_number_and_no_fault() -> None:
    recording, tally = read("csv", b"a,b\n1,\nNA,2\nnan,NaN\nnull,n/a\n-inf,inf\n")
    assert same(numbers(recording), {"a": [1, NAN, NAN, NAN, -math.inf], "b": [NAN, 2, NAN, NAN, math.inf]})
    assert tally.bad == 0


@pytest.mark.parametrize(
    ("row", "fault", "example"),
    [
        ("x,2", "text in a column of numbers", "line 3, column a: 'x'"),
        ("1,2_0", "text in a column of numbers", "line 3, column b: '2_0'"),
        ("1,0x10", "text in a column of numbers", "line 3, column b: '0x10'"),
        ("1", "wrong number of cells", "line 3"),
        ("1,2,3", "wrong number of cells", "line 3"),
        ('1,"2', "quote not closed", "line 3"),
        ("1,2\r3,4", "wrong number of cells", "line 3"),
    ],
)
def test_a_damaged_row_is_named_by_line_and_column_and_passed_over(row: str, fault: str, example: str) -> None:
    recording, tally = read("csv", f"a,b\n1,2\n{row}\n5,6\n".encode())
    assert same(numbers(recording), {"a": [1, 5], "b": [2, 6]})
    assert tally.faults == {fault: 1}
    assert tally.examples == {fault: example}


def test_columns_of_text_are_skipped_and_told() -> None:
    recording, tally = read("csv", b'time_s,label,x\n0,"sitting, still",1\n1,walking,2\n')
    assert same(numbers(recording), {"x": [1, 2]})
    assert tally.skipped == {"label: not numbers": 1}


def test_columns_of_one_name_are_told_apart() -> None:
    assert same(numbers(read("csv", b"a,a,\n1,2,3\n")[0]), {"a": [1], "a_1": [2], "c2": [3]})


def test_a_table_without_a_header_has_numbered_columns() -> None:
    assert same(numbers(read("csv", b"1,2\n3,4\n")[0]), {"c0": [1, 3], "c1": [2, 4]})


def test_a_header_of_numbers_is_a_header_where_it_names_the_times() -> None:
    recording, _ = read("csv", b"time,1,2\n0,5,6\n")
    assert same(numbers(recording), {"1": [5], "2": [6]})


def test_a_table_without_rows_has_no_frames() -> None:
    for text in (b"", b"a,b", b"a,b\n", b"# only\n", b"\n\n"):
        assert read("csv", text)[0] is None


def test_an_endless_line_is_dropped_and_counted() -> None:
    recording, tally = read("csv", b"a\n1\n" + b"7" * (csv.LONGEST_LINE + 1) + b"\n2\n", [4, 4 + csv.LONGEST_LINE + 1])
    assert same(numbers(recording), {"a": [1, 2]})
    assert tally.faults == {"endless line": 1}


# times


@pytest.mark.parametrize(
    ("name", "cell", "time_ns", "clock"),
    [
        ("time_ns", "1700000000123456789", 1700000000123456789, "host"),
        ("time_us", "1700000000123456.789", 1700000000123456789, "host"),
        ("time_ms", "1.5", 1_500_000, "device"),
        ("time_s", "-0.25", -250_000_000, "device"),
        ("Time [s]", "2", 2_000_000_000, "device"),
        ("time(ms)", "2", 2_000_000, "device"),
        ("t", "0.1", 100_000_000, "device"),
        ("t", "1.000000000000000000e-01", 100_000_000, "device"),
        ("timestamp", "12.000000001", 12_000_000_001, "device"),
        ("timestamp", "1700000000.123456789", 1700000000123456789, "host"),
        ("timestamp", "1700000000123", 1700000000123000000, "host"),
        ("timestamp", "1700000000123456", 1700000000123456000, "host"),
        ("timestamp", "1700000000123456789", 1700000000123456789, "host"),
        ("time", "2023-11-14T22:13:20.123456789Z", 1700000000123456789, "host"),
        ("time", "2023-11-14 23:13:20+01:00", 1700000000000000000, "host"),
        ("time", "2023-11-14T22:13", 1699999980000000000, "host"),
    ],
)
def test_times_are_read_to_the_nanosecond(name: str, cell: str, time_ns: int, clock: str) -> None:
    for rows in (1, 100):
        recording, tally = read("csv", f"x,{name}\n".encode() + f"1,{cell}\n".encode() * rows)
        assert recording is not None
        assert recording.time_ns.tolist() == [time_ns] * rows
        assert recording.info.clock == clock
        assert tally.bad == 0


@given(st.lists(st.decimals(0, 10**9, places=12), min_size=70, max_size=90), st.sampled_from(["s", "ms", "us", "ns"]))
@settings(max_examples=20, deadline=None)
def test_times_of_any_precision_are_rounded_once(times: list[Decimal], unit: str) -> None:
    text = f"time_{unit},x\n" + "".join(f"{time},1\n" for time in times)
    recording, _ = read("csv", text.encode())
    assert recording is not None
    assert recording.time_ns.tolist() == [round(time * 1000 ** ["ns", "us", "ms", "s"].index(unit)) for time in times]


@given(st.lists(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), min_size=70, max_size=80))  # noqa: DTZ001
@settings(max_examples=10, deadline=None)
def test_dates_are_read_as_python_reads_them(dates: list[datetime]) -> None:
    text = "time,x\n" + "".join(f"{date.isoformat()}+00:00,1\n" for date in dates)
    recording, _ = read("csv", text.encode())
    assert recording is not None
    epoch = datetime(1970, 1, 1)  # noqa: DTZ001 - the others have no zone either
    expected = [
        ((date - epoch).days * 86400 + (date - epoch).seconds) * 10**9 + (date - epoch).microseconds * 1000
        for date in dates
    ]
    assert recording.time_ns.tolist() == expected


@pytest.mark.parametrize("cell", ["", "NA", "nan", "inf", "soon", "1e300"])
def test_a_row_without_a_readable_time_is_a_fault(cell: str) -> None:
    recording, tally = read(
        "csv", f"time,x\n{cell}9,0\n1,1\n{cell},2\n3,3\n".encode().replace(b"\n" + cell.encode() + b"9", b"\n0")
    )
    assert recording is not None
    assert recording.time_ns.tolist() == [0, 10**9, 3 * 10**9]
    assert tally.faults == {"time unreadable": 1}
    assert tally.examples["time unreadable"] == f"line 4, column time: {cell!r}"


def test_the_first_time_must_be_there_because_it_tells_the_unit() -> None:
    recording, tally = read("csv", b"timestamp,x\n,0\n1700000000000,1\n")
    assert recording is not None
    assert recording.time_ns.tolist() == [1_700_000_000_000_000_000]
    assert tally.faults == {"time unreadable": 1}


def test_a_live_table_without_times_has_those_of_arrival() -> None:
    recording, _ = read("csv", b"x\n1\n2\n3\n", [4, 5, 6], live=True)
    assert recording is not None
    assert (recording.time_ns - 1_700_000_000_000_000_000).tolist() == [4, 6, 8]
    assert recording.info.clock == "host"


# channel state


def test_numbered_columns_are_channel_state() -> None:
    recording, _ = read("csv", b"timestamp,I0,Q0,I1,Q1,rssi,extra\n1700000000.5,1,-2,3,4.5,-60,7\n")
    assert isinstance(recording, CsiRecording)
    assert samples(recording).tolist() == [[1 - 2j, 3 + 4.5j]]
    assert recording.rssi.tolist() == [-60]
    assert recording.meta["extra"].tolist() == [7]
    assert (recording.info.kind, recording.info.clock, recording.info.amplitude_only) == ("csi", "host", False)


def test_numbered_columns_are_put_in_order_of_their_numbers() -> None:
    recording, _ = read("csv", b"Q10,I10,i_2,q_2\n1,2,3,4\n")
    assert samples(recording).tolist() == [[3 + 4j, 2 + 1j]]


def test_real_parts_without_imaginary_ones_are_plain_numbers() -> None:
    assert same(numbers(read("csv", b"I0,I1,Q0\n1,2,3\n")[0]), {"I0": [1], "I1": [2], "Q0": [3]})


def test_amplitudes_are_channel_state_without_phases() -> None:
    recording, _ = read("csv", b"amp0,amp1\n1,2\n3,4.5\n")
    assert recording is not None
    assert recording.info.amplitude_only
    assert samples(recording).tolist() == [[1, 2], [3, 4.5]]


@pytest.mark.parametrize("cell", ["1.5-2j", "(1.5-2j)", "1.5 - 2i", "1.5-2i"])
def test_complex_text_is_channel_state(cell: str) -> None:
    for rows in (1, 100):
        recording, _ = read("csv", f"csi0,csi1\n{cell},NA\n".encode() + f"{cell},3\n".encode() * rows)
        assert samples(recording)[1:].tolist() == [[1.5 - 2j, 3]] * rows
        assert np.isnan(samples(recording)[0, 1])


# one definition, two ways to read


WORDS = st.one_of(
    st.floats().map(repr),
    st.integers(-999, 999).map(str),
    st.sampled_from(
        ["", "NA", " 1", "1 ", '"2"', '" 3"', "x", "+1", "1.", ".5", "-.5e3", "1e400", "-nan", "Infinity", "#1"]
    ),
    st.text("0123456789+-.eEinfa_ \"'", max_size=5),
)
TABLES = st.builds(
    lambda header, rows, sep, end: end.join([sep.join(header), *(sep.join(row) for row in rows)]) + end,
    st.sampled_from([["time", "a"], ["a", "b"], ["csi0", "x"]]),
    st.lists(st.lists(WORDS, min_size=2, max_size=2), max_size=12),
    st.sampled_from([",", ";", "\t", " "]),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)


@given(TABLES, st.lists(st.integers(0, 200), max_size=8))
@settings(max_examples=200, deadline=None)
def test_how_the_bytes_are_cut_changes_nothing(text: str, cuts: list[int]) -> None:
    data = text.encode()
    whole, whole_tally = read("csv", data)
    cut, cut_tally = read("csv", data, cuts)
    assert contents(cut) == contents(whole)
    assert cut_tally == whole_tally


@given(TABLES)
@example('time,a\nE,0.0\n ",0.0\n')
@example('time,a\nE,0.0\n\ufeff",0.0\n')
@settings(max_examples=200, deadline=None)
def test_the_fast_way_reads_what_the_careful_way_reads(text: str) -> None:
    careful, careful_tally = read("csv", text.encode())
    with mock.patch.object(number_table, "FEW_LINES", 1):
        fast, fast_tally = read("csv", text.encode())
    assert contents(fast) == contents(careful)
    assert fast_tally == careful_tally


def test_a_long_table_is_the_same_in_one_piece_in_blocks_and_line_by_line() -> None:
    rng = np.random.default_rng(5)
    lines = [f'{i / 1000},"{"ab"[i % 2]}, c",{x!r}' for i, x in enumerate(rng.normal(size=3000).tolist())]
    for at, damage in ((100, "x,y"), (1500, '1.5,"a'), (1501, '2,"b"'), (2500, "1.6,,z"), (2900, "time_s,label,x")):
        lines[at] = damage
    data = ("time_s,label,x\n" + "\n".join(lines) + "\n").encode()
    whole, whole_tally = read("csv", data)
    for size in (len(data) // 3, 10_000, 200):
        cut, tally = read("csv", data, range(size, len(data), size))
        assert contents(cut) == contents(whole)
        assert tally == whole_tally
    assert whole is not None
    assert len(whole) == 2995
    assert whole_tally.examples == {
        "wrong number of cells": "line 102",
        "quote not closed": "line 1502",
        "text in a column of numbers": "line 2502, column x: 'z'",
    }
    assert whole_tally.skipped == {"label: not numbers": 1, "header again": 1}


def test_a_quote_that_is_not_closed_before_the_first_row_is_a_fault() -> None:
    recording, tally = read("csv", b'"a,b\na,b\n1,2\n')
    assert same(numbers(recording), {"a": [1], "b": [2]})
    assert tally.faults == {"quote not closed": 1}


@pytest.mark.parametrize("row", ['"1"', "1\r2"])
def test_a_column_alone_is_read_alike_fast_and_with_care(row: str) -> None:
    data = ("x\n" + "7\n" * 100 + row + "\n" + "8\n" * 100).encode()
    whole, tally = read("csv", data)
    assert contents(read("csv", data, range(1, len(data), 9))[0]) == contents(whole)
    assert whole is not None
    assert len(whole) == 200
    assert tally.bad == 1


@given(st.lists(st.lists(st.floats(), min_size=3, max_size=3), min_size=65, max_size=80))
@settings(max_examples=20, deadline=None)
def test_every_double_is_read_as_python_wrote_it(rows: list[list[float]]) -> None:
    recording, _ = read("csv", ("a,b,c\n1,1,1\n" + "".join(",".join(map(repr, row)) + "\n" for row in rows)).encode())
    assert isinstance(recording, NumericRecording)
    assert np.array_equal(recording.matrix()[1:], rows, equal_nan=True)


# writing


@given(
    st.lists(st.integers(-(2**62), 2**62), min_size=1, max_size=5),
    st.sampled_from(["host", "none"]),
    st.lists(st.text(st.characters(categories=["L", "N"]), min_size=2, max_size=4), unique=True, max_size=3),
)
@settings(deadline=None)
def test_numbers_come_back_from_a_table_exactly(times: list[int], clock: str, names: list[str]) -> None:
    rng = np.random.default_rng(len(times))
    names = [f"v{name}" for name in names] or ["v"]
    times = [abs(time) % 10**18 + 10**18 for time in times] if clock == "host" else [0] * len(times)
    info = StreamInfo("here", "csv", "numeric", clock)  # type: ignore[arg-type]
    recording = NumericRecording(info, np.array(times), {name: rng.normal(size=len(times)) for name in names})
    back, tally = read("csv", encoded("csv", recording))
    assert contents(back) == contents(recording)
    assert tally.bad == 0


def ragged(n: int = 40) -> CsiRecording:
    """Frames of different lengths with everything a frame can have."""
    rng = np.random.default_rng(3)
    counts = rng.integers(1, 5, n)
    offsets = np.concatenate([[0], np.cumsum(counts)])
    return CsiRecording.build(
        StreamInfo("here", "csv", "csi", "host"),
        1_700_000_000_000_000_000 + np.arange(n) * 1_000_003,
        (rng.normal(size=offsets[-1]) + 1j * rng.normal(size=offsets[-1])).astype(np.complex64),
        offsets=offsets,
        node=np.full(n, 0x20500D2AA2E4),
        rssi=-rng.integers(30, 90, n),
        channel=np.full(n, 11),
        seq=np.arange(n),
        segment=np.arange(n) // 20,
        meta={"rate": rng.normal(size=n), "seq": np.arange(n) * 0.5},
    )


def test_channel_state_comes_back_from_a_table_exactly_even_of_mixed_layouts() -> None:
    recording = ragged()
    back, tally = read("csv", encoded("csv", recording))
    assert contents(back) == contents(recording)
    assert tally.bad == 0


def test_amplitudes_come_back_from_a_table() -> None:
    info = StreamInfo("here", "csv", "csi", "device", amplitude_only=True)
    recording = CsiRecording.build(info, [1, 2], np.array([[1.25, 2], [3, 4]]))
    back, _ = read("csv", encoded("csv", recording))
    assert contents(back) == contents(recording)
    assert back is not None
    assert back.info.amplitude_only


def test_a_table_is_what_a_spreadsheet_expects() -> None:
    meta = {"role": np.array(["AP", 'a "b"']), "ok": np.array([True, False])}
    recording = CsiRecording.build(StreamInfo(clock="device"), [5, 6], np.array([[1 - 2j], [0.5]]), meta=meta)
    assert encoded("csv", recording).decode().splitlines() == [
        "time_ns,node,rssi,noise_floor,channel,seq,segment,role,ok,I0,Q0",
        '5,0,nan,nan,0,-1,0,"AP",1,1,-2',
        '6,0,nan,nan,0,-1,0,"a ""b""",0,0.5,0',
    ]


def test_tokens_are_no_table() -> None:
    tokens = TokenRecording.of(StreamInfo(kind="token"), [TokenFrame(1, "a")])
    with pytest.raises(UsageError, match="no table of numbers"):
        encoded("csv", tokens)


# what is a table, and what is not


@pytest.mark.parametrize(
    "head",
    [
        "time,x\n1,2\n",
        "x\n1\n",
        "a;b\n1;NA\n",
        "# made by hand\ntimestamp\tI0\tQ0\n1\t2\t3\n",
        "t temp\n0 20.5\n",
        "# t temp\n0 20.5\n",
        '"time [s]","rssi (dBm)",label\n0,-50,walking\n1,-51,wal',
        "time,value\n2024-01-01T00:00:00Z,5\n",
        "time,value\r\n1,5\r\n",
        "\ufefftime,value\n1,5\n",
        "csi0,csi1\n1+2j,3-4j\n",
    ],
)
def test_a_header_over_numbers_is_a_table_and_of_no_other_format(head: str) -> None:
    assert [name for name in formats.names() if formats.load(name).sniff(head.encode())] == ["csv"]


@pytest.mark.parametrize(
    "head",
    [
        "",
        "time,x",
        "time,x\n",
        "time,x\n1,2",
        "1,2\n3,4\n",
        "name,city\nAda,London\n",
        "name,city,zip\nAda,London,5\n",
        "type,id,mac,rssi\nCSI_DATA,1,aa:bb,-5,[1 2]\n",
        '{"time": 1}\n1\n',
        '{"a": 1, "b": 2}\n3,4\n',
        'data: {"choices": []}\n\n1\n',
        "event: ping\ndata: 5\n",
        "interactions:\n- 5\n",
        "ets Jul 29 2019 12:21:46\n\nrst:0x1 (POWERON_RESET),boot:0x13\nconfigsip: 0, SPIWP:0xee\n",
        "My experiment\ntime,x\n1,2\n",
        "time,x\nfive,2\n1,2\n",
        "a,b\0\n1,2\n",
    ],
)
def test_what_is_not_clearly_a_table_is_left_to_other_formats(head: str) -> None:
    assert not csv.sniff(head.encode())


def test_no_real_recording_of_another_format_is_taken_for_a_table(data: Path) -> None:
    found = [path for folder in ("csi", "tokens") for path in (data / folder).rglob("*") if path.is_file()]
    assert len(found) > 30
    for path in found:
        with path.open("rb") as file:
            head = file.read(1 << 20)
        text = head.decode("utf-16-le", "ignore").encode() if head.startswith(b"\xff\xfe") else head
        assert not any(csv.sniff(part) for part in (text[: 1 << 12], text[: 1 << 16], text)), path
