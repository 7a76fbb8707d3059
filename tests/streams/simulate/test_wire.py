"""A simulated stream as bytes."""

from collections.abc import Iterator

import numpy as np
import pytest

from midstream_cli.errors import UsageError
from midstream_cli.recordings import CsiRecording, Recording, concatenate
from midstream_cli.streams import formats
from midstream_cli.streams.simulate import scenes, wire
from midstream_cli.streams.simulate.setup import Setup
from midstream_cli.streams.simulate.tokens import simulate as talk

OF_CSI = [name for name in formats.writable() if formats.load(name).KIND != "token" and name != "tokens-jsonl"]
OF_TOKENS = [name for name in formats.writable() if formats.load(name).KIND == "token"]


def pieces(frames: int | None = None) -> Iterator[CsiRecording]:
    return scenes.simulate("walking", Setup(duration_s=3.0, loss=0.1), frames=frames)


@pytest.mark.parametrize("name", OF_CSI)
def test_a_stream_is_the_same_bytes_however_it_is_cut(name: str) -> None:
    encode = wire.encoder(name, "csi")
    expected = b"".join(encode(concatenate(list(pieces()))))
    assert b"".join(wire.encoded(pieces(40), encode)) == expected


@pytest.mark.parametrize("name", ["esp32-csi-tool", "csi-recv", "ruview-udp", "nexmon", "rvcsi"])
def test_frame_by_frame_it_is_the_same_bytes_too(name: str) -> None:
    encode = wire.encoder(name, "csi")
    whole = concatenate(list(pieces()))
    timed = list(wire.timed(pieces(40), encode))
    assert b"".join(data for _, data in timed) == b"".join(encode(whole))
    assert [time_ns for time_ns, _ in timed] == whole.time_ns.tolist()


@pytest.mark.parametrize("name", OF_TOKENS)
def test_tokens_come_at_their_times_and_the_mark_of_the_end_with_the_last(name: str) -> None:
    encode = wire.encoder(name, "token")
    whole = concatenate(list(talk("chat", tokens=20)))
    timed = list(wire.timed(talk("chat", tokens=20), encode))
    assert (
        b"".join(data for _, data in timed)
        == b"".join(encode(whole))
        == b"".join(wire.encoded(talk("chat", tokens=20), encode))
    )
    times = [time_ns for time_ns, _ in timed]
    assert times == sorted(times)
    assert (times[0], times[-1]) == (whole.time_ns[0], whole.time_ns[-1])


def test_a_format_in_one_piece_cannot_be_sent_frame_by_frame() -> None:
    with pytest.raises(UsageError, match="frame by frame"):
        list(wire.timed(pieces(), wire.encoder("npz", "csi")))


def test_a_format_in_one_piece_takes_no_endless_stream() -> None:
    piece = next(scenes.simulate("idle_room", Setup(duration_s=1.0)))
    much = piece.take(np.zeros(1 << 16, np.intp))

    def endless() -> Iterator[Recording]:
        while True:
            yield much

    with pytest.raises(UsageError, match="needs all frames at once"):
        list(wire.encoded(endless(), wire.encoder("npz", "csi")))


def test_no_frames_are_no_bytes() -> None:
    encode = wire.encoder("esp32-csi-tool", "csi")
    assert list(wire.encoded(iter(()), encode)) == []
    assert list(wire.timed(iter(()), encode)) == []


def test_a_format_that_can_only_be_read_is_refused() -> None:
    with pytest.raises(UsageError, match="vcr can only be read"):
        wire.encoder("vcr", "token")


@pytest.mark.parametrize(("name", "kind"), [("ollama", "csi"), ("esp32-csi-tool", "token")])
def test_a_format_of_another_kind_of_stream_is_refused(name: str, kind: str) -> None:
    with pytest.raises(UsageError, match=f"{name} holds"):
        wire.encoder(name, kind)  # type: ignore[arg-type]
