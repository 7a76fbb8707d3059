"""Simulated streams as sources, read as any other source is."""

import time

import numpy as np
import pytest

from midstream_cli.errors import UsageError
from midstream_cli.recordings import CsiRecording, TokenRecording, concatenate
from midstream_cli.streams.simulate import catalogue, scenes
from midstream_cli.streams.simulate.setup import Setup
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from midstream_cli.streams.transports import ByteStream, Patience, demo


def stream(url: str) -> ByteStream:
    return demo.open_stream(url, Patience(), Tally())


def read(url: str) -> CsiRecording:
    with open_source(url) as source:
        recording = concatenate(list(source))  # type: ignore[type-var]
    assert isinstance(recording, CsiRecording)
    return recording


def test_what_is_read_is_what_was_simulated() -> None:
    expected = concatenate(list(scenes.simulate("walking", Setup(duration_s=5.0, seed=3, loss=0.05, nodes=2))))
    found = read("demo://walking?duration=5&seed=3&loss=0.05&nodes=2")
    for name in ("csi", "offsets", "time_ns", "node", "rssi", "noise_floor", "channel", "segment"):
        np.testing.assert_array_equal(getattr(found, name), getattr(expected, name))
    for name, values in expected.meta.items():
        if name != "real_timestamp":
            np.testing.assert_array_equal(found.meta[name], values, name)


@pytest.mark.parametrize("secondary", ["none", "above"])
def test_the_junk_in_the_first_word_is_recognised(secondary: str) -> None:
    found = read(f"demo://idle_room?duration=2&secondary={secondary}")
    assert found.meta["first_word_invalid"].all()


def test_time_goes_on_where_the_board_s_clock_wraps() -> None:
    found = read("demo://idle_room?duration=10&uptime=4290")
    assert (np.diff(found.time_ns) > 0).all()
    assert (found.time_ns[-1] - found.time_ns[0]) / 1e9 == pytest.approx(10.0, abs=0.1)
    assert (found.segment == 0).all()


@pytest.mark.parametrize("scene", catalogue.names())
def test_every_scene_can_be_read_and_is_the_same_every_time(scene: str) -> None:
    url = f"demo://{scene}?duration=3&rate=30"
    first, second = (b"".join(chunk.data for chunk in stream(url).chunks) for _ in range(2))
    assert first == second
    with open_source(url) as source:
        pieces = list(source)
    assert sum(map(len, pieces)) > 50
    assert source.tally.bad == 0


def test_as_fast_as_it_is_read_it_is_not_live_and_its_chunks_have_no_times() -> None:
    opened = stream("demo://walking?duration=30")
    chunks = list(opened.chunks)
    assert not opened.live
    assert {chunk.time_ns for chunk in chunks} == {0}
    assert len(chunks) > 1


def test_a_scene_without_end_is_read_as_far_as_one_likes() -> None:
    opened = stream("demo://walking?duration=inf")
    for _, chunk in zip(range(3), opened.chunks, strict=False):
        assert chunk.data
    opened.close()


def test_at_its_real_pace_it_is_live_and_each_chunk_says_when_it_came() -> None:
    started = time.time_ns()
    opened = stream("demo://idle_room?duration=0.5&rate=50&pace=real")
    chunks = [chunk for chunk in opened.chunks if chunk.data]
    assert opened.live
    assert len(chunks) == 25
    stamps = np.array([chunk.time_ns for chunk in chunks])
    assert (np.diff(stamps) >= 0).all()
    # 24 intervals of 20 ms; a busy machine may only make it longer
    assert (stamps[-1] - started) / 1e9 >= 0.44
    simulated_ns = read("demo://idle_room?duration=0.5&rate=50").time_ns
    # never early: the first frame comes at once, all others after their time
    assert (np.diff(simulated_ns) > 0).all()
    assert ((stamps - stamps[0]) - (simulated_ns - simulated_ns[0])).min() > -5_000_000


def test_while_nothing_comes_the_reader_hears_from_it() -> None:
    opened = stream("demo://idle_room?duration=2&rate=2&pace=real")
    first = [chunk.data for _, chunk in zip(range(4), opened.chunks, strict=False)]
    opened.close()
    assert first[0]
    assert b"" in first


def test_tokens_come_with_their_times() -> None:
    with open_source("demo://chat?tokens=40&seed=2") as source:
        tokens = concatenate(list(source))  # type: ignore[type-var]
    assert isinstance(tokens, TokenRecording)
    assert source.info.format == "ollama"
    assert (np.diff(tokens.time_ns) >= 0).all()
    assert tokens.finish[-1] == "stop"


@pytest.mark.parametrize("name", ["csi-recv", "csi-recv-c5c6", "console-test", "csv", "npz", "parquet"])
def test_it_speaks_every_format_that_can_be_written(name: str) -> None:
    assert len(read(f"demo://walking?duration=2&format={name}")) == 200


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("demo://wlaking", "no scene is called 'wlaking'"),
        ("demo://", "no scene is called ''"),
        ("demo://walking?speed=3", "has no option 'speed'"),
        ("demo://chat?loss=0.1", "has no option 'loss'"),
        ("demo://walking?rate=fast", "is not a number"),
        ("demo://walking?rate=-3", "rate cannot be -3"),
        ("demo://walking?pace=slow", "there is no pace 'slow'"),
        ("demo://walking?format=ollama", "ollama holds tokens"),
        ("demo://walking?format=esp", "no format is called 'esp'"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_hint(url: str, message: str) -> None:
    with pytest.raises(UsageError, match=message.replace("?", r"\?")) as error:
        stream(url)
    assert error.value.hint


def test_a_misspelt_scene_is_guessed() -> None:
    with pytest.raises(UsageError) as error:
        stream("demo://wlaking")
    assert error.value.hint.startswith("did you mean walking?")
