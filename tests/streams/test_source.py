"""Transport and format put together, and what is done to every stream after that."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import FormatError
from midstream_cli.recordings import concatenate
from midstream_cli.streams.recording import RecordingWriter
from midstream_cli.streams.source import open_source, with_times
from strategies import cuts, numbers, pieces, some


def chat(path: Path, events: int) -> Path:
    chunk = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "a"}}]}
    path.write_text(f"data: {json.dumps(chunk)}\n\n" * events)
    return path


@some
@given(st.integers(1, 200), cuts, st.floats(0.001, 5000))
def test_frames_without_times_get_even_ones_however_the_stream_is_cut(
    n: int, places: list[int], rate_hz: float
) -> None:
    stream = numbers(1, n, clock="none")
    timed = list(with_times(iter(pieces(stream, places)), rate_hz))
    assert {piece.info.clock for piece in timed} == {"device"}
    interval_ns = 1_000_000_000 / Fraction(rate_hz)
    # a float holds 53 bits, and the times are rounded to whole nanoseconds
    times = [time_ns for piece in timed for time_ns in piece.time_ns.tolist()]
    assert len(times) == n
    assert all(abs(t - i * interval_ns) <= 0.5 + float(i * interval_ns) * 2**-51 for i, t in enumerate(times))


def test_frames_with_times_keep_them() -> None:
    stream = numbers(1, 50)
    (same,) = with_times(iter([stream]), 10.0)
    assert same.info.clock == stream.info.clock
    assert np.array_equal(same.time_ns, stream.time_ns)


@pytest.mark.parametrize("rate_hz", [None, 8.0])
def test_a_log_without_times_has_those_that_a_rate_gives_it(rate_hz: float | None, tmp_path: Path) -> None:
    with open_source(str(chat(tmp_path / "chat.sse", 5)), frame_rate_hz=rate_hz) as source:
        read = concatenate(list(source))  # type: ignore[type-var]
    assert read.info.clock == ("device" if rate_hz else "none")
    assert read.time_ns.tolist() == ([i * 125_000_000 for i in range(5)] if rate_hz else [0] * 5)


def test_a_rate_makes_features_of_a_recording_without_times_possible(tmp_path: Path) -> None:
    np.savez(tmp_path / "walk.npz", csi_data=np.tile(np.array([3, 4, 6, 8], np.int8), (40, 1)))
    with open_source(str(tmp_path / "walk.npz"), frame_rate_hz=30.0) as source:
        (read,) = source
    assert read.time_ns[-1] == 1_300_000_000
    assert read.time_ns[1] == 33_333_333


def test_a_recording_is_read_as_nothing_else(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "walk") as writer:
        writer.append(numbers(1, 3))
    with pytest.raises(FormatError, match="is a recording of midstream, not csv"):
        open_source(str(tmp_path / "walk"), input_format="csv")
    with open_source(str(tmp_path / "walk"), input_format="midstream") as source:
        assert [len(piece) for piece in source] == [3]
