"""What every transport shares: schemes, options, streams of chunks."""

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.errors import ExitCode, FormatError, SourceError, UsageError
from midstream_cli.streams import formats, transports
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk, Patience


@pytest.mark.parametrize("scheme", transports.names())
def test_every_file_of_the_package_is_a_scheme_with_help(scheme: str) -> None:
    module = transports.load(f"{scheme}://")
    assert callable(module.open_stream)
    assert (module.__doc__ or "").strip().splitlines()[0].endswith(".")


@pytest.mark.parametrize(
    ("url", "scheme"),
    [
        ("-", "stdin"),
        ("recordings/walk.csv", "file"),
        ("/abs/a:b.csv", "file"),
        ("UDP://0.0.0.0", "udp"),
        ("serial:///dev/ttyUSB0", "serial"),
    ],
)
def test_a_url_without_a_scheme_is_a_path_and_a_dash_is_standard_input(url: str, scheme: str) -> None:
    assert transports.scheme_of(url) == scheme


@pytest.mark.parametrize("url", ["loop://", "socket://host:1", "rfc2217://host:1", "spy:///dev/null", "hwgrep://x"])
def test_the_schemes_of_pyserial_are_serial_ports(url: str) -> None:
    assert transports.load(url) is transports.load("serial://")


@pytest.mark.parametrize("url", ["gopher://x", "a.b://x", "://x", "socketx://host:1"])
def test_a_scheme_that_nobody_knows_is_an_error_that_lists_those_that_are_known(url: str) -> None:
    with pytest.raises(UsageError, match="no transport") as caught:
        transports.load(url)
    assert all(f"{name}://" in caught.value.hint for name in transports.names())


def test_options_are_the_query_of_the_url() -> None:
    parts, values = transports.options("x://host:1/path?rate=2.5&name=a%20b&n=3", rate=float, name=str, n=int)
    assert (parts.hostname, parts.port, parts.path) == ("host", 1, "/path")
    assert values == {"rate": "2.5", "name": "a b", "n": "3"}


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("x://h?bad=1", "no option 'bad'"),
        ("x://h?n=1.5", "n=1.5 .* is not a whole number"),
        ("x://h?n=", "n= .* is not a whole number"),
        ("x://[::", "is not a URL"),
    ],
)
def test_options_that_make_no_sense_are_usage_errors(url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        transports.options(url, n=int)
    assert caught.value.hint


def test_a_stream_counts_the_bytes_it_hands_out() -> None:
    stream = ByteStream(iter([Chunk(b"ab"), Chunk(b""), Chunk(b"cde")]))
    assert [(chunk.data, stream.read) for chunk in stream.chunks] == [(b"ab", 2), (b"", 2), (b"cde", 5)]


def test_a_stopped_stream_ends_with_the_next_chunk() -> None:
    stream = ByteStream(Chunk(b"x") for _ in range(5))
    assert next(stream.chunks).data == b"x"
    stream.stopped = True
    assert list(stream.chunks) == []


def test_closing_lets_go_of_what_was_opened_though_nothing_was_read() -> None:
    let_go: list[str] = []
    stream = ByteStream((Chunk(b"x") for _ in range(5)), lambda: let_go.append("port"))
    stream.close()
    assert let_go == ["port"]


def test_closing_ends_what_the_transport_was_doing_before_it_lets_go() -> None:
    order: list[str] = []

    def chunks() -> Iterator[Chunk]:
        try:
            while True:
                yield Chunk(b"x")
        finally:
            order.append("chunks")

    stream = ByteStream(chunks(), lambda: order.append("port"))
    next(stream.chunks)
    stream.close()
    assert order == ["chunks", "port"]


def test_closing_while_another_thread_waits_for_a_chunk_leaves_the_port_to_that_thread() -> None:
    waiting, go_on = threading.Event(), threading.Event()
    let_go: list[str] = []

    def chunks() -> Iterator[Chunk]:
        waiting.set()
        go_on.wait(10)
        yield Chunk(b"late")

    stream = ByteStream(chunks(), lambda: let_go.append("port"))
    got: list[Chunk] = []

    def read() -> None:
        got.extend(stream.chunks)
        stream.close()

    thread = threading.Thread(target=read)
    thread.start()
    assert waiting.wait(10)
    stream.close()
    assert let_go == []
    go_on.set()
    thread.join(10)
    assert let_go == ["port"]
    assert got == []


@settings(deadline=None)
@given(st.lists(st.text(st.characters(exclude_characters="\n\r", codec="ascii"), min_size=1), max_size=8), st.data())
def test_text_datagrams_are_lines_whether_or_not_they_end_one(messages: list[str], data: st.DataObject) -> None:
    sent = [message.encode() + data.draw(st.sampled_from([b"", b"\n"])) for message in messages]
    stream = ByteStream((Chunk(message) for message in sent), datagrams=True)
    text = b"".join(chunk.data for chunk in stream.as_text())
    assert text == b"".join(message.encode() + b"\n" for message in messages)


def test_empty_chunks_of_a_datagram_stream_stay_empty() -> None:
    stream = ByteStream(iter([Chunk(b"", 5)]), datagrams=True)
    assert list(stream.as_text()) == [Chunk(b"", 5)]


def test_no_line_goes_on_past_a_gap() -> None:
    stream = ByteStream(iter([Chunk(b"one\ntw"), Chunk(b"ree\nfour\n", gap=True), Chunk(b"five\n")]))
    assert b"".join(chunk.data for chunk in stream.as_text()).split() == [b"one", b"tw", b"ree", b"four", b"five"]


def test_a_source_of_no_known_format_is_closed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    let_go: list[str] = []
    stream = ByteStream(iter([Chunk(b"\x93 no format begins like this")]), lambda: let_go.append("noise"))
    monkeypatch.setattr(transports.load("file://"), "open_stream", lambda *_: stream)
    with pytest.raises(FormatError, match="nothing known reads") as caught:
        open_source("noise")
    assert caught.value.exit_code == ExitCode.FORMAT
    assert let_go == ["noise"]


def test_what_a_transport_has_to_say_reaches_who_opened_the_source(monkeypatch: pytest.MonkeyPatch) -> None:
    def open_stream(_url: str, patience: Patience, _tally: Tally) -> ByteStream:
        patience.say(f"silence {patience.silence_s:g}")
        raise SourceError("gone")

    monkeypatch.setattr(transports.load("file://"), "open_stream", open_stream)
    heard: list[str] = []
    with pytest.raises(SourceError):
        open_source("x", patience=Patience(silence_s=7), say=heard.append)
    assert heard == ["silence 7"]


def test_waiting_for_the_first_bytes_of_a_silent_source_keeps_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def recognise(head: bytes) -> str | None:
        asked.append(head)
        return "esp32-csi-tool"

    stream = ByteStream(iter([Chunk(b"")] * 1000 + [Chunk(b"CSI_DATA,")]))
    monkeypatch.setattr(transports.load("file://"), "open_stream", lambda *_: stream)
    monkeypatch.setattr(formats, "recognise", recognise)
    with open_source("x") as source:
        assert source.info.format == "esp32-csi-tool"
    assert asked == [b"CSI_DATA,"]


def test_a_long_boot_log_in_small_chunks_is_not_looked_at_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = 0

    def recognise(head: bytes) -> str | None:
        nonlocal looked_at
        looked_at += len(head)
        return "esp32-csi-tool" if head.endswith(b"CSI!") else None

    chunks = [Chunk(b"I (29) boot\n")] * 10_000 + [Chunk(b"CSI!")]
    monkeypatch.setattr(transports.load("file://"), "open_stream", lambda *_: ByteStream(iter(chunks)))
    monkeypatch.setattr(formats, "recognise", recognise)
    with open_source("x") as source:
        assert source.stream.read == 120_004
    assert looked_at < 50 * 120_000


def test_the_first_event_of_a_stream_is_recognised_as_soon_as_nothing_follows_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def arriving() -> Iterator[Chunk]:
        yield Chunk(b"a stream that begins ")
        yield Chunk(b"!")  # too little to look again at once
        yield Chunk(b"")
        pytest.fail("it waits for more")

    monkeypatch.setattr(transports.load("file://"), "open_stream", lambda *_: ByteStream(arriving()))
    monkeypatch.setattr(formats, "recognise", lambda head: "esp32-csi-tool" if head.endswith(b"!") else None)
    with open_source("x") as source:
        assert source.info.format == "esp32-csi-tool"
