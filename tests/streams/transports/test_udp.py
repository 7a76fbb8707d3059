"""Datagrams over the loopback interface, with the faults of real networks."""

import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pytest

from midstream_cli.errors import ExitCode, SourceError, UsageError
from midstream_cli.recordings import CsiRecording, NumericRecording, concatenate
from midstream_cli.streams import source as source_module
from midstream_cli.streams.formats import ruview_udp
from midstream_cli.streams.live import decoupled
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Chunk, Patience, now_ns, udp

DEADLINE_S = 20.0


@pytest.fixture
def port() -> int:
    """A port that nobody uses."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def sender() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield opened


class Listen(Protocol):
    """What the fixture `listen` does."""

    def __call__(self, url: str, tally: Tally | None = None, silence_s: float = 10.0) -> ByteStream:
        """Open a stream that the test need not close."""
        ...


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Opens streams, and closes them after the test."""
    streams: list[ByteStream] = []

    def opened(url: str, tally: Tally | None = None, silence_s: float = 10.0) -> ByteStream:
        streams.append(udp.open_stream(url, Patience(silence_s=silence_s), tally or Tally()))
        return streams[-1]

    yield opened
    for stream in streams:
        stream.close()


def receive(stream: ByteStream, count: int) -> list[Chunk]:
    """So many datagrams, or as many as come before the deadline."""
    end, received = time.monotonic() + DEADLINE_S, []
    for chunk in stream.chunks:
        if chunk.data:
            received.append(chunk)
        if len(received) == count or time.monotonic() > end:
            break
    return received


def packets_of(path: Path) -> list[bytes]:
    """ADR-018 packets that stand back to back: 20 bytes of header, which says how many samples of 2 bytes follow."""
    data, packets, at = path.read_bytes(), [], 0
    while at < len(data):
        assert data[at : at + 4] == b"\x01\x00\x11\xc5"
        size = 20 + 2 * int.from_bytes(data[at + 6 : at + 8], "little")
        packets.append(data[at : at + size])
        at += size
    return packets


def sent_badly(packets: list[bytes]) -> list[bytes]:
    """What a bad network makes of packets: some lost, some in the wrong order."""
    chance = random.Random(5)
    kept = [packet for packet in packets if chance.random() > 0.03]
    for i in range(len(kept) - 1):
        if chance.random() < 0.05:
            kept[i], kept[i + 1] = kept[i + 1], kept[i]
    return kept


def send_steadily(sender: socket.socket, port: int, packets: list[bytes], rate_hz: float) -> None:
    begun = time.monotonic()
    for i, packet in enumerate(packets):
        ahead_s = begun + i / rate_hz - time.monotonic()
        if ahead_s > 0.002:
            time.sleep(ahead_s)
        sender.sendto(packet, ("127.0.0.1", port))


def send_when_heard(port: int, packets: list[bytes], rate_hz: float) -> threading.Thread:
    """Send from a thread, as soon as somebody listens; to a port that nobody opened, datagrams would be lost."""

    def send() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(("127.0.0.1", port))
            end = time.monotonic() + DEADLINE_S
            while time.monotonic() < end:
                try:
                    sender.send(b"")
                    time.sleep(0.02)
                    sender.send(b"")  # fails if the one before came back
                except ConnectionRefusedError:
                    continue
                break
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            send_steadily(sender, port, packets, rate_hz)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


def test_every_datagram_is_a_chunk_with_its_time_of_arrival(listen: Listen, port: int, sender: socket.socket) -> None:
    stream = listen(f"udp://127.0.0.1:{port}")
    sent = [b"one", b"two" * 20_000, b"\x00"]
    before = now_ns()
    for datagram in sent:
        sender.sendto(datagram, ("127.0.0.1", port))
    received = receive(stream, 3)
    stream.close()
    assert [chunk.data for chunk in received] == sent
    stamps = [chunk.time_ns for chunk in received]
    assert stamps == sorted(stamps)
    assert before <= stamps[0]
    assert stamps[-1] <= now_ns()
    assert stream.live
    assert stream.datagrams
    assert not stream.sender_waits


def test_the_kernel_stamps_datagrams_that_are_fetched_late(listen: Listen, port: int, sender: socket.socket) -> None:
    stream = listen(f"udp://127.0.0.1:{port}")

    def stamped_when_sent() -> bool:
        sender.sendto(b"x", ("127.0.0.1", port))
        sent_ns = now_ns()
        time.sleep(0.05)
        return receive(stream, 1)[0].time_ns < sent_ns + 40_000_000

    # the kernel begins to stamp some time after it was asked to
    assert any(stamped_when_sent() for _ in range(50))
    stream.close()


def test_nothing_is_lost_here_at_2000_packets_a_second(
    listen: Listen, data: Path, port: int, sender: socket.socket
) -> None:
    packets = packets_of(data / "csi" / "ruview_derived" / "adr018_from_pretrain_node1_1000.bin")
    assert len(packets) == 1000
    sent = sent_badly(packets * 4)
    tally = Tally()
    stream = listen(f"udp://127.0.0.1:{port}", tally)
    thread = threading.Thread(target=send_steadily, args=(sender, port, sent, 2000.0))
    thread.start()
    received = receive(stream, len(sent))
    thread.join(DEADLINE_S)
    stream.close()
    assert [chunk.data for chunk in received] == sent
    assert not tally.dropped


def test_what_the_kernel_has_no_room_for_is_counted(
    listen: Listen, port: int, sender: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(udp, "RECEIVE_BUFFER", 8192)
    tally = Tally()
    stream = listen(f"udp://127.0.0.1:{port}", tally)
    for i in range(500):
        sender.sendto(b"%3d" % i + bytes(200), ("127.0.0.1", port))
    first = next(stream.chunks)
    assert first.data.startswith(b"  0")
    waiting = 0
    while next(stream.chunks).data:
        waiting += 1
    sender.sendto(b"after the jam", ("127.0.0.1", port))
    assert receive(stream, 1)[0].data == b"after the jam"
    stream.close()
    assert 1 + waiting < 500
    assert tally.dropped == {udp.DROPPED: 500 - 1 - waiting}


def test_a_small_buffer_is_told_when_it_cost_datagrams() -> None:
    tally = Tally()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        listener = udp._Listener(opened, tally)
        listener._count((1 << 32) - 2)
        listener._count(3)  # the counter has 32 bits
    assert tally.dropped == {udp.DROPPED: (1 << 32) + 3}
    assert len(tally.notes) == 1
    assert "rmem_max" in tally.notes[0]


def test_silence_gives_empty_chunks_and_then_an_error_that_says_what_to_check(listen: Listen, port: int) -> None:
    stream = listen(f"udp://0.0.0.0:{port}", silence_s=0.25)
    chunks = stream.chunks
    assert next(chunks).data == b""
    with pytest.raises(SourceError, match=rf"nothing came to udp://0\.0\.0\.0:{port} for 0\.25 s") as caught:
        list(chunks)
    stream.close()
    assert caught.value.exit_code == ExitCode.SOURCE
    assert f"port {port}" in caught.value.hint
    assert "firewall" in caught.value.hint


def test_patience_for_silence_begins_anew_with_every_datagram(listen: Listen, port: int, sender: socket.socket) -> None:
    stream = listen(f"udp://127.0.0.1:{port}", silence_s=0.7)
    begun_s = time.monotonic()
    while time.monotonic() < begun_s + 0.8:
        sender.sendto(b"x", ("127.0.0.1", port))
        assert len(receive(stream, 1)) == 1
        time.sleep(0.02)
    assert next(stream.chunks).data == b""


def test_a_stream_of_datagrams_can_be_stopped(listen: Listen, port: int) -> None:
    stream = listen(f"udp://127.0.0.1:{port}")
    next(stream.chunks)
    stream.stopped = True
    assert list(stream.chunks) == []
    stream.close()


def test_a_closed_stream_frees_its_port_even_if_it_was_never_read(listen: Listen, port: int) -> None:
    for _ in range(3):
        listen(f"udp://127.0.0.1:{port}").close()
    stream = listen(f"udp://127.0.0.1:{port}")
    assert next(stream.chunks).data == b""
    stream.close()
    listen(f"udp://127.0.0.1:{port}").close()


def test_a_taken_port_is_an_error_that_says_how_to_find_who_has_it(listen: Listen, port: int) -> None:
    stream = listen(f"udp://127.0.0.1:{port}")
    with pytest.raises(SourceError, match=f"port {port} is taken") as caught:
        listen(f"udp://127.0.0.1:{port}")
    stream.close()
    assert "ss -ulpn" in caught.value.hint


@pytest.mark.parametrize(
    ("url", "error", "message"),
    [
        ("udp://203.0.113.5:5005", SourceError, r"203\.0\.113\.5 is not an address of this machine"),
        ("udp://127.0.0.1:99999", UsageError, "0-65535"),
        ("udp://127.0.0.1:x", UsageError, "Port could not be cast"),
        ("udp://127.0.0.1?rate=5", UsageError, "no option 'rate'"),
        ("udp://239.1.2.3:5005?interface=nothere0", SourceError, "no network interface is called nothere0"),
    ],
)
def test_an_address_that_cannot_be_is_told(listen: Listen, url: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        listen(url)


def test_a_port_that_is_not_permitted_is_told(listen: Listen, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")  # root may listen anywhere

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(SourceError, match=f"you may not listen on port {port}"):
        listen(f"udp://127.0.0.1:{port}")


def test_a_host_that_nobody_knows_is_told(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceError, match="no host is called board"):
        listen("udp://board")


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("udp://", ("0.0.0.0", 5005)),  # noqa: S104 - what the URL means
        ("udp://:6000", ("0.0.0.0", 6000)),  # noqa: S104 - what the URL means
        ("udp://127.0.0.1", ("127.0.0.1", 5005)),
        ("udp://[::]:7000", ("::", 7000, 0, 0)),
    ],
)
def test_host_and_port_may_be_left_out(
    listen: Listen, url: str, address: tuple[str | int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    bound: list[object] = []
    monkeypatch.setattr(socket.socket, "bind", lambda _, name: bound.append(name))
    listen(url).close()
    assert bound == [address]


def test_ipv6_hears_ipv4_too(listen: Listen, port: int, sender: socket.socket) -> None:
    try:
        stream = listen(f"udp://[::]:{port}")
    except SourceError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as six:
        six.sendto(b"six", ("::1", port))
        sender.sendto(b"four", ("127.0.0.1", port))
    assert {chunk.data for chunk in receive(stream, 2)} == {b"six", b"four"}
    stream.close()


def test_a_multicast_group_is_joined_by_any_number_of_listeners(
    listen: Listen, port: int, sender: socket.socket
) -> None:
    url = f"udp://239.255.77.1:{port}?interface=lo"
    streams = [listen(url), listen(url)]
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    sender.sendto(b"to all", ("239.255.77.1", port))
    for stream in streams:
        assert receive(stream, 1)[0].data == b"to all"
        stream.close()


def test_an_ipv6_group_is_joined(listen: Listen, port: int) -> None:
    members = Path("/proc/net/igmp6")  # not every machine routes IPv6 groups over loopback, so nothing is sent
    if not members.exists():
        pytest.skip("this machine has no IPv6")
    assert "ff010000000000000000000000000077" not in members.read_text()
    stream = listen(f"udp://[ff01::77]:{port}?interface=lo")
    assert "lo              ff010000000000000000000000000077" in members.read_text()
    stream.close()
    assert "ff010000000000000000000000000077" not in members.read_text()


def test_lines_sent_as_datagrams_without_line_ends_are_frames(data: Path, port: int) -> None:
    path = data / "csi" / "csikit" / "example_data.csv"
    with open_source(str(path)) as recorded:
        expected = concatenate([piece for piece in recorded if isinstance(piece, CsiRecording)])
    send_when_heard(port, path.read_bytes().splitlines(), 500.0)
    received: list[CsiRecording] = []
    with open_source(f"udp://127.0.0.1:{port}") as source:
        end = time.monotonic() + DEADLINE_S
        for piece in decoupled(source):
            if isinstance(piece, CsiRecording):
                received.append(piece)
            if sum(map(len, received)) == len(expected) or time.monotonic() > end:
                break
    live = concatenate(received)
    np.testing.assert_array_equal(live.csi, expected.csi)
    np.testing.assert_array_equal(live.time_ns, expected.time_ns)
    assert source.tally.bad == 0


def numbers_from(url: str, count: int, **options: Any) -> tuple[str, list[float]]:
    """The format of a table that comes live, and the first numbers of its last column."""
    values: list[float] = []
    with open_source(url, **options) as source:
        end = time.monotonic() + DEADLINE_S
        for piece in decoupled(source):
            if isinstance(piece, NumericRecording):
                values += list(piece.columns.values())[-1].tolist()
            if len(values) >= count or time.monotonic() > end:
                break
    return source.info.format, values[:count]


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_rows_of_a_table_sent_one_by_one_are_recognised_with_line_ends_or_without(end: bytes, port: int) -> None:
    rows = [b"time_s,a"] + [b"%.2f,%d" % (i / 100, i) for i in range(60)]
    send_when_heard(port, [row + end for row in rows], 200.0)
    assert numbers_from(f"udp://127.0.0.1:{port}", 50) == ("csv", [float(i) for i in range(50)])


def test_what_is_not_recognised_is_told_while_it_is_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "UNKNOWN_S", 0.1)
    # whoever comes late to a table never sees its header
    rows = [b"%d,%d" % (i, i) for i in range(60)]
    said: list[str] = []
    send_when_heard(port, rows, 100.0)
    with pytest.raises(SourceError, match="nothing came"):
        open_source(f"udp://127.0.0.1:{port}", patience=Patience(silence_s=0.5, say=said.append))
    (sentence,) = said
    assert f"nothing known reads udp://127.0.0.1:{port} so far" in sentence
    assert "'0,01,1" in sentence
    assert "--input-format" in sentence
    send_when_heard(port, rows, 100.0)
    assert numbers_from(f"udp://127.0.0.1:{port}", 3, input_format="csv") == ("csv", [0.0, 1.0, 2.0])


def test_packets_of_ruview_are_frames(data: Path, port: int) -> None:
    pytest.importorskip("midstream_cli.streams.formats.ruview_udp")
    packets = packets_of(data / "csi" / "ruview_derived" / "adr018_from_pretrain_node1_1000.bin")
    send_when_heard(port, packets, 2000.0)
    frames = 0
    with open_source(f"udp://127.0.0.1:{port}", input_format="ruview-udp") as source:
        end = time.monotonic() + DEADLINE_S
        for piece in decoupled(source):
            frames += len(piece) if piece is not None else 0
            if frames == len(packets) or time.monotonic() > end:
                break
    assert (frames, source.tally.bad, source.tally.dropped.total()) == (1000, 0, 0)


def test_two_boards_with_loss_and_reordering_give_the_frames_of_the_file_and_losses_counted_exactly(
    data: Path, port: int
) -> None:
    with open_source(str(data / "csi" / "ruview" / "pretrain-1775182186.csi.jsonl")) as recorded:
        whole = concatenate([piece for piece in recorded if isinstance(piece, CsiRecording)]).take(slice(2000))
    assert set(whole.node.tolist()) == {1, 2}
    # the file has no numbers: each board counts its frames from 0
    numbers = {node: np.cumsum(whole.node == node) - 1 for node in (1, 2)}
    whole = replace(whole, seq=np.where(whole.node == 1, numbers[1], numbers[2]))
    names = list(zip(whole.node.tolist(), whole.seq.tolist(), strict=True))
    packets = list(ruview_udp.encode(whole))
    by_packet = dict(zip(packets, names, strict=True))
    # the first frame of each board is where its count begins
    sent = packets[:10] + sent_badly(packets[10:])
    arrived = {by_packet[packet] for packet in sent}
    ends = {node: [seq for other, seq in arrived if other == node] for node in (1, 2)}
    missing = {(node, seq) for node, own in ends.items() for seq in range(min(own), max(own))} - arrived
    assert len(missing) > 30
    assert [by_packet[packet] for packet in sent] != sorted([by_packet[packet] for packet in sent], key=names.index)

    send_when_heard(port, sent, 1000.0)
    pieces: list[CsiRecording] = []
    # in the end the boards fall silent
    with suppress(SourceError), open_source(f"udp://127.0.0.1:{port}", patience=Patience(silence_s=1.0)) as source:
        pieces.extend(piece for piece in decoupled(source) if isinstance(piece, CsiRecording))
    live = concatenate(pieces)
    for node in (1, 2):
        own, file = live.take(live.node == node), whole.take(whole.node == node)
        assert own.seq.tolist() == sorted(ends[node])
        expected = file.take(own.seq)
        np.testing.assert_array_equal(own.csi, expected.csi)
        assert (np.diff(own.time_ns) >= 0).all()
    assert source.tally.lost == len(missing)
    assert (source.tally.bad, source.tally.dropped.total()) == (0, 0)
