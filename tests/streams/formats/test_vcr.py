"""VCR cassettes: which responses are read, out of which wrappings, and what damage costs."""

import base64
import gzip
import zlib
from typing import Any

import pytest
import yaml
from token_reading import pieces_of, plain, read, sse, written

from midstream_cli.frames import TokenFrame
from midstream_cli.streams import formats
from midstream_cli.streams.transports import Chunk

STREAM = written(
    "openai-chat", [TokenFrame(0, "h\u00e9"), TokenFrame(0, "!", 1), TokenFrame(0, "", 0, "finish", finish="stop")]
)
TIMED = written("ollama", [TokenFrame(1_700_000_000_000_000_000, "a"), TokenFrame(1_700_000_000_500_000_001, "b")])
JSON = b'{"object": "chat.completion", "choices": []}'


def cassette(*bodies: Any, key: str = "interactions") -> bytes:
    interactions = [
        {"request": {"uri": "https://api", "body": "{}"}, "response": {"body": body, "status": {"code": 200}}}
        for body in bodies
    ]
    text: str = yaml.safe_dump({key: interactions, "version": 1}, sort_keys=True)
    return text.encode()


@pytest.mark.parametrize(
    "body",
    [
        {"string": STREAM.decode()},
        {"string": STREAM},
        {"string": gzip.compress(STREAM)},
        {"string": zlib.compress(STREAM)},
        {"base64_string": base64.b64encode(STREAM).decode()},
        {"encoding": "UTF-8", "string": STREAM.decode()},
    ],
)
def test_a_body_is_read_out_of_any_wrapping(body: dict[str, Any]) -> None:
    frames, tally = read("vcr", cassette(body))
    assert plain(frames) == plain(read("openai-chat", STREAM)[0])
    assert tally.bad == 0


def test_binary_bodies_are_really_tested() -> None:
    assert b"!!binary" in cassette({"string": gzip.compress(STREAM)})


def test_cassettes_of_ruby_s_vcr_are_read() -> None:
    data = cassette({"string": STREAM.decode()}, key="http_interactions")
    assert formats.recognise(data) == "vcr"
    assert len(read("vcr", data)[0]) == 3


@pytest.mark.parametrize("bodies", [(TIMED,), (STREAM, TIMED), (TIMED, STREAM)])
@pytest.mark.parametrize("style", ["'", '"', "|"])
def test_a_cassette_is_not_taken_for_what_it_holds(bodies: tuple[bytes, ...], style: str) -> None:
    data = "interactions:\n"
    for body in bodies:
        text: str = yaml.safe_dump(body.decode(), default_style=style)
        data += (
            "- request: {}\n  response:\n    body:\n      string: " + text.replace("\n", "\n        ").rstrip() + "\n"
        )
    assert formats.recognise(data.encode()) == "vcr"
    assert len(read("vcr", data.encode())[0]) == sum(3 if body is STREAM else 2 for body in bodies)


def test_responses_follow_one_another_and_share_no_choice() -> None:
    frames, tally = read("vcr", cassette({"string": STREAM}, {"string": JSON}, {"string": STREAM}, {"string": STREAM}))
    assert [(frame.text, frame.choice) for frame in frames] == [
        ("h\u00e9", 0),
        ("!", 1),
        ("", 0),
        ("h\u00e9", 2),
        ("!", 3),
        ("", 2),
        ("h\u00e9", 4),
        ("!", 5),
        ("", 4),
    ]
    assert tally.skipped["response that is no token stream"] == 1


def test_times_are_kept_where_every_response_has_them() -> None:
    pieces, tally = pieces_of("vcr", [Chunk(cassette({"string": TIMED}, {"string": JSON}))])
    assert [(piece.info.clock, piece.time_ns.tolist()) for piece in pieces] == [
        ("host", [1_700_000_000_000_000_000, 1_700_000_000_500_000_001])
    ]
    assert tally.notes == []


def test_times_are_dropped_where_one_response_has_none() -> None:
    pieces, tally = pieces_of("vcr", [Chunk(cassette({"string": TIMED}, {"string": STREAM}))])
    assert {piece.info.clock for piece in pieces} == {"none"}
    assert [piece.time_ns.tolist() for piece in pieces] == [[0, 0], [0, 0, 0]]
    assert "not every response has a time per event, so none is kept" in tally.notes


def test_faults_usage_and_notes_of_all_responses_are_gathered() -> None:
    damaged = sse(
        {"object": "chat.completion.chunk", "choices": 5, "usage": {"prompt_tokens": 3, "completion_tokens": 1}}
    )
    _, tally = read("vcr", cassette({"string": STREAM}, {"string": damaged}, {"string": damaged}))
    assert tally.faults == {"choices is not a list": 2}
    assert tally.examples == {"choices is not a list": "interaction 2, line 1"}
    assert tally.usage == {"prompt": 6, "completion": 2}
    assert tally.notes == ["the stream has no time per event, so there are no latencies"]


@pytest.mark.parametrize("cut", range(0, 700, 7))
def test_of_a_cassette_that_was_cut_the_interactions_before_the_cut_are_read(cut: int) -> None:
    first = cassette({"string": STREAM})
    whole = cassette({"string": STREAM}, {"string": STREAM})
    second = whole.index(b"- request:", whole.index(b"- request:") + 1)
    frames, _ = read("vcr", whole[: second + cut])
    assert plain(frames)[:3] == plain(read("vcr", first)[0])


def test_damage_to_the_yaml_is_told_with_its_place() -> None:
    data = cassette({"string": STREAM}) + b'- request: "never ends\n'
    _, tally = read("vcr", data)
    assert list(tally.faults) == ["YAML that cannot be read"]
    assert tally.examples["YAML that cannot be read"].startswith("line ")


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"string": gzip.compress(STREAM)[:-9]}, "compressed body cut short"),
        ({"string": gzip.compress(STREAM)[:2] + b"garbage"}, "compressed body cannot be read"),
        ({"base64_string": "a"}, "data is not base64"),
        ("text", "body is not an object"),
    ],
)
def test_a_body_that_is_damaged_is_counted(body: Any, fault: str) -> None:
    _, tally = read("vcr", cassette(body, {"string": STREAM}))
    assert (dict(tally.faults), tally.examples) == ({fault: 1}, {fault: "interaction 1"})


@pytest.mark.parametrize("body", [{}, {"string": None}, {"string": ""}, {"string": 5}, None, {"string": "xylophone"}])
def test_a_body_without_a_token_stream_is_skipped_and_counted(body: Any) -> None:
    frames, tally = read("vcr", cassette(body))
    assert frames == []
    assert tally.skipped == {"response that is no token stream": 1}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[1, 2]",
        b"interactions: 5",
        b"interactions: [5, null]",
        b"interactions:\n- response: 5\n",
        b"a: &a [*a]",
        b"[" * 100_000,
        b"{" * 5_000,
        b"!!python/object/apply:os.system ['true']",
        b"2020-13-45: 5",
        b"!!timestamp x",
        b"!!int x",
        b"!!binary '\xff'",
        b"\x00\x01\x02",
        b"? {a: 1}\n: 5",
    ],
)
def test_yaml_that_is_no_cassette_is_not_fatal(data: bytes) -> None:
    frames, tally = read("vcr", data)
    assert frames == []
    assert tally.bad + tally.skipped.total() > 0


def test_nothing_that_yaml_can_name_is_run() -> None:
    data = b"interactions:\n- request: !!python/object/apply:builtins.exec ['raise SystemExit']\n  response: {}\n"
    assert read("vcr", data)[1].skipped == {"response that is no token stream": 1}


def test_what_is_written_once_and_repeated_by_its_anchor_is_read() -> None:
    once = cassette({"string": STREAM.decode()}).replace(b"body:\n      string", b"body: &a\n      string")
    assert b"&a" in once
    more = b"- request: {}\n  response:\n    body: *a\n"
    frames, tally = read("vcr", once.replace(b"version: 1\n", more))
    assert [frame.choice for frame in frames] == [0, 1, 0, 2, 3, 2]
    assert tally.bad == 0


def test_the_parser_in_python_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    data = cassette({"string": STREAM.decode()}, {"string": gzip.compress(STREAM)})
    expected = plain(read("vcr", data)[0])
    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert plain(read("vcr", data)[0]) == expected
