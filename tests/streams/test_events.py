"""Events out of bytes: the standard, what logs add to it, and what is broken."""

import itertools
import json
from math import isnan
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from midstream_cli.streams.events import Event, EventParser, LineSplitter, events, json_line, sent_event
from midstream_cli.streams.json_object import JsonObject
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk

OBJECTS = st.dictionaries(st.text(max_size=5), st.text(max_size=8) | st.integers() | st.none(), max_size=4)
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
PLACES = st.lists(st.integers(0, 1 << 16), max_size=20)


def parse(data: bytes, places: list[int] | None = None, longest: int = 1 << 20) -> tuple[list[Event], Tally]:
    tally = Tally()
    parser = EventParser(tally, longest)
    edges = [0, *sorted(place % (len(data) + 1) for place in places or []), len(data)]
    found = [event for a, b in itertools.pairwise(edges) for event in parser.feed(data[a:b])]
    return found + parser.finish(), tally


def objects(found: list[Event]) -> list[tuple[str, Any]]:
    return [(event.name, event.data.values) for event in found]


@st.composite
def sent(draw: st.DrawFn) -> tuple[bytes, list[tuple[str, Any]]]:
    """A stream of server-sent events with everything the standard allows, and the events it holds."""
    lines: list[str] = []
    expected = []
    for _ in range(draw(st.integers(0, 5))):
        data, name = draw(OBJECTS), draw(st.sampled_from(["", "delta", "x y"]))
        indent = draw(st.sampled_from([None, 1]))
        space = draw(st.sampled_from(["", " "]))
        noise = draw(st.lists(st.sampled_from([":", ": ping", "id: 7", "retry: 10", "id"]), max_size=2))
        body = [f"data:{space}{line}" for line in json.dumps(data, indent=indent).split("\n")]
        lines += [*noise, *([f"event:{space}{name}"] if name else []), *body, ""]
        # an event without data is none
        lines += draw(st.sampled_from([[], ["event: nothing", ""], [""]]))
        expected.append((name, data))
    ends = draw(st.lists(st.sampled_from(["\n", "\r", "\r\n"]), min_size=len(lines), max_size=len(lines)))
    text = draw(st.sampled_from(["", "\ufeff"]))
    for line, end in zip(lines, ends, strict=True):
        # an empty line after a CR that ended with LF would be the other half of a CR LF
        text += line + ("\r" if text.endswith("\r") and not line and end == "\n" else end)
    return text.encode(), expected


@patient
@given(sent(), PLACES)
def test_a_stream_by_the_standard_is_read_whole_however_it_is_cut(stream: Any, places: list[int]) -> None:
    data, expected = stream
    for cuts in (places, list(range(len(data)))):
        found, tally = parse(data, cuts)
        assert objects(found) == expected
        assert tally.bad == 0


@patient
@given(st.lists(OBJECTS), PLACES, st.sampled_from([b"\n", b"\r\n", b"\n\n"]), st.booleans())
def test_one_object_a_line_is_read_however_it_is_cut(
    items: list[Any], places: list[int], end: bytes, ended: bool
) -> None:
    data = end.join(json.dumps(item).encode() for item in items) + (end if ended else b"")
    found, tally = parse(data, places)
    assert objects(found) == [("", item) for item in items]
    assert tally.bad == 0


@patient
@given(
    st.lists(st.sampled_from([b"data:", b"{", b"}", b'"a":1', b"\r", b"\n", b"event:x", b"[DONE]", b":", b"\xff"])),
    PLACES,
)
@example([b"data:", b"{", b"\n", b"data:", b"{", b"}", b"\n"], [3])
def test_garbage_is_read_the_same_however_it_is_cut(parts: list[bytes], places: list[int]) -> None:
    data = b"".join(parts)
    whole, tally = parse(data, longest=24)
    found, again = parse(data, places, longest=24)
    assert objects(found) == objects(whole)
    assert [event.where for event in found] == [event.where for event in whole]
    assert (again.faults, again.examples, again.skipped) == (tally.faults, tally.examples, tally.skipped)


@patient
@given(st.binary(max_size=400), PLACES)
def test_random_bytes_raise_nothing(data: bytes, places: list[int]) -> None:
    assert objects(parse(data, places)[0]) == objects(parse(data)[0])


@patient
@given(st.binary(), PLACES)
def test_lines_are_those_of_the_whole(data: bytes, places: list[int]) -> None:
    splitter = LineSplitter(1 << 20)
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    lines = [line for a, b in itertools.pairwise(edges) for line in splitter.feed(data[a:b])]
    assert lines + splitter.finish() == data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").removesuffix(b"\n").split(
        b"\n"
    ) * bool(data)


def test_what_is_not_an_event_is_counted_by_name() -> None:
    data = (
        b': comment\ndata: {"type": "ping"}\n\nevent: ping\ndata: {}\n\ndata: [DONE]\n\ndata:\n\nHTTP/1.1 200 OK\n'
        b'data: {"a": \n\ndata: 5\n\ndata: {"a": "\xff"}\n\nntent":"x"}\n{"cut": "sho'
    )
    found, tally = parse(data)
    assert found == []
    assert tally.skipped == {"comment": 1, "ping": 2, "[DONE]": 1, "empty event": 1, "other text": 1}
    assert tally.faults == {
        "broken JSON": 1,
        "event is not an object": 1,
        "text is not UTF-8": 1,
        "record without a beginning": 1,
        "record cut short": 1,
    }
    assert tally.examples["record cut short"] == "line 19"


def test_an_event_at_the_end_of_a_log_needs_no_blank_line() -> None:
    assert objects(parse(b'event: e\ndata: {"a": 1}')[0]) == [("e", {"a": 1})]


def test_spaces_after_the_object_are_allowed() -> None:
    found, tally = parse(b'data: {"a": 1}       \n\n{"b": 2}   \n')
    assert objects(found) == [("", {"a": 1}), ("", {"b": 2})]
    assert tally.bad == 0


def test_events_whose_blank_lines_were_lost_are_told_apart() -> None:
    data = b'event: x\ndata: {"a": 1}\nevent: y\ndata: {"a": 2}\ndata: {"a": 3}\ndata: [DONE]\n'
    found, tally = parse(data)
    assert objects(found) == [("x", {"a": 1}), ("y", {"a": 2}), ("", {"a": 3})]
    assert (dict(tally.skipped), tally.bad) == ({"[DONE]": 1}, 0)


def test_a_bare_object_ends_the_event_before_it() -> None:
    found, tally = parse(b'event: x\ndata: {"a": 1}\n{"b": 2}\n\ndata: {"c": 3}\n')
    assert objects(found) == [("x", {"a": 1}), ("", {"b": 2}), ("", {"c": 3})]
    assert tally.bad == 0


def test_a_broken_event_among_those_without_blank_lines_costs_only_itself() -> None:
    found, tally = parse(b'data: {"a": 1}\ndata: {"a": \ndata: {"a": 3}\ndata: {"a": 4}\n')
    assert objects(found) == [("", {"a": 1}), ("", {"a": 3}), ("", {"a": 4})]
    assert tally.faults == {"broken JSON": 1}


def test_deep_nesting_and_huge_numbers_are_faults() -> None:
    found, tally = parse(b'{"a":' * 100_000 + b"\n" + b'{"a": ' + b"9" * 5000 + b"}\n")
    assert found == []
    assert tally.faults == {"broken JSON": 2}


def test_an_endless_line_takes_no_more_room_than_the_bound() -> None:
    tally = Tally()
    parser = EventParser(tally, longest=1000)
    for _ in range(100):
        parser.feed(b'data: {"a": "' + b"x" * 10_000)
        assert len(parser._lines._rest) <= 1001
    assert objects(parser.feed(b'\n{"b": 1}\n')) == [("", {"b": 1})]
    assert tally.faults == {"endless line": 1}


def test_an_endless_event_takes_no_more_room_than_the_bound() -> None:
    tally = Tally()
    parser = EventParser(tally, longest=1000)
    for _ in range(1000):
        parser.feed(b"data: {\n")
        assert sum(map(len, parser._data)) <= 1000
    assert objects(parser.feed(b'\n{"b": 1}\n')) == [("", {"b": 1})]
    assert tally.faults["endless event"] >= 1


def test_an_event_arrives_with_the_chunk_that_completes_it() -> None:
    chunks = [Chunk(b'data: {"a": 1}', 10), Chunk(b"", 15), Chunk(b'\n\ndata: {"a": 2}\n', 20), Chunk(b"\n", 30)]
    chunks += [Chunk(b'{"a": 3}', 40), Chunk(b"", 50)]
    batches = list(events(ByteStream(iter(chunks), live=True), Tally()))
    assert [[(event.data.values["a"], event.time_ns) for event in batch] for batch in batches] == [
        [(1, 20)],
        [(2, 30)],
        [(3, 40)],
    ]


def test_bytes_that_nobody_stamped_came_with_those_before_them() -> None:
    chunks = [Chunk(b'{"a": 1}\n{"a":', 10), Chunk(b" 2}")]
    batches = list(events(ByteStream(iter(chunks), live=True), Tally()))
    assert [event.time_ns for batch in batches for event in batch] == [10, 10]


def test_a_datagram_is_whole() -> None:
    chunks = [Chunk(b'{"a": 1}', 10), Chunk(b'{"a": 2}', 20)]
    batches = list(events(ByteStream(iter(chunks), live=True, datagrams=True), Tally()))
    assert [(event.data.values["a"], event.time_ns) for batch in batches for event in batch] == [(1, 10), (2, 20)]


def test_no_event_goes_on_past_a_gap() -> None:
    tally = Tally()
    chunks = [Chunk(b'data: {"a": 1}\n', 10), Chunk(b'\n{"b":', 20), Chunk(b' 5}\n{"c": 3}\n', 30, gap=True)]
    batches = list(events(ByteStream(iter(chunks), live=True), tally))
    assert [event.data.values for batch in batches for event in batch] == [{"a": 1}, {"c": 3}]
    assert tally.faults == {"record cut short": 1, "record without a beginning": 1}


@patient
@given(st.dictionaries(st.text(), st.text(alphabet=st.characters()) | st.floats(allow_nan=False), max_size=3))
@example({"half": "\ud83d"})
def test_what_is_written_is_read_back(data: dict[str, Any]) -> None:
    assert objects(parse(sent_event(data, "e") + json_line(data))[0]) == [("e", data), ("", data)]


def test_a_field_of_the_wrong_type_is_counted_and_reads_as_nothing() -> None:
    tally = Tally()
    data = JsonObject({"t": 5, "n": "x", "o": [], "l": {}, "m": [1, {}], "w": True, "f": [1, "x", None]}, "here", tally)
    assert data.text("t") == ""
    assert isnan(data.number("n"))
    assert (data.object("o").values, data.objects("l")) == ({}, [])
    assert [item.values for item in data.objects("m")] == [{}]
    assert data.whole("w", 3) is None
    assert [isnan(value) for value in data.numbers("f")] == [False, True, True]
    assert tally.faults == {
        "t is not text": 1,
        "n is not a number": 1,
        "o is not an object": 1,
        "l is not a list": 1,
        "m is not a list of objects": 1,
        "w is not a whole number": 1,
        "f is not a list of numbers": 1,
    }
    assert set(tally.examples.values()) == {"here"}


def test_a_field_that_is_absent_or_null_is_no_fault() -> None:
    tally = Tally()
    for values in ({}, dict.fromkeys("tnolw")):
        data = JsonObject(values, "here", tally)
        assert (data.text("t"), data.object("o").values, data.objects("l"), data.numbers("l")) == ("", {}, [], [])
        assert isnan(data.number("n"))
        assert (data.whole("w"), data.whole("w", 3)) == (None, 3)
    assert tally.bad == 0


def test_a_number_no_float_can_hold_is_a_fault() -> None:
    tally = Tally()
    data = JsonObject({"n": 10**400, "w": -1, "v": 1 << 63}, "here", tally)
    assert isnan(data.number("n"))
    assert (data.whole("w"), data.whole("v")) == (None, None)
    assert tally.bad == 3


def test_half_a_character_becomes_the_replacement_character() -> None:
    tally = Tally()
    found, _ = parse(b'{"t": "a\\ud83d"}\n{"t": "\\ud83d\\ude00"}\n')
    texts = [JsonObject(event.data.values, "here", tally).text("t") for event in found]
    assert texts == ["a\ufffd", "\U0001f600"]
    assert tally.notes == ["the stream cuts characters in half; each half reads U+FFFD"]
