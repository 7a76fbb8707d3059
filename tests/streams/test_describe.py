"""The description of a recording against the recordings' own documentation and plain counting."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from statistics import median_low
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.frames import StreamInfo, TokenFrame, node_name
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording
from midstream_cli.results import RecordingInfo
from midstream_cli.streams.describe import GAP_INTERVALS, GAP_NS, MOST_NODES, Describe
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from strategies import SECOND, at_once, by_frames, by_pieces, csi, cuts, info_of, numbers, of_kind, seeds, some, tokens

MS = 1_000_000


def described(recording: Recording, tally: Tally | None = None) -> RecordingInfo:
    (found,) = at_once(Describe(recording.info, tally), recording)
    assert isinstance(found, RecordingInfo)
    return found


def documented(data: Path, name: str) -> tuple[int, float, float]:
    """Frames, frames a second and seconds of a recording, as the collection's README has them."""
    table = (data / "README.md").read_text(encoding="utf-8")
    row = next(line for line in table.splitlines() if line.startswith(f"| csi/{name} |")).split("|")
    frames, rate_hz, duration_s = re.findall(r"^\d+|\d+\.\d+|\d+", f"{row[6].split()[0]} {row[7].split(',')[0]}")
    return int(frames), float(rate_hz), float(duration_s)


RECORDINGS = (
    "pulse/vacio_01.csv",
    "pulse/vacio_02.csv",
    "pulse/mov_01.csv",
    "pulse/mov_04.csv",
    "pulse/resp_6rpm.csv",
    "csikit/example_fast2_100hz_pitraffic.csv",
    "csikit/example_100hz_pitraffic.csv",
    "csikit/example_data.csv",
    "hernandez/hku_my-experiment-file.csv",
    "hernandez/rikesh_example_csi.csv",
    "hernandez/hernandez_example_csi.csv",
    "nasty/ronghua_csi-raw_utf16le.csv",
    "nasty/tristsou_empty_01.csv",
    "nasty/tristsou_empty_01_full_log.txt",
    "nasty/tristsou_full_log.txt",
)


@pytest.mark.parametrize("name", RECORDINGS)
def test_real_recordings_are_described_as_they_are_documented(data: Path, name: str) -> None:
    frames, rate_hz, duration_s = documented(data, name)
    with open_source(str(data / "csi" / name), keep_bad=True) as source:
        operator = Describe(source.info, source.tally)
        for piece in source:
            operator.extend(piece)
        (found,) = operator.finish()
    assert found.frames == frames
    assert found.duration_s == pytest.approx(duration_s, abs=0.0051)
    assert (frames - 1) / (found.duration_s or 1.0) == pytest.approx(rate_hz, abs=0.0051)
    if len(found.nodes) == 1 and not found.dropped:
        assert found.rate_hz == pytest.approx(rate_hz, abs=0.0051)
    assert sum(found.layouts.values()) == frames - found.dropped.get("damaged on the air (rx_state)", 0)


def test_what_is_odd_about_real_recordings_is_told(data: Path) -> None:
    def facts(name: str) -> RecordingInfo:
        with open_source(str(data / "csi" / name), keep_bad=True) as source:
            operator = Describe(source.info, source.tally)
            for piece in source:
                operator.extend(piece)
            return operator.finish()[0]

    assert facts("csikit/example_100hz_pitraffic.csv").bad == 1
    assert facts("csikit/example_data.csv").longest_gap_s == pytest.approx(4.0, abs=0.1)
    assert facts("hernandez/rikesh_example_csi.csv").layouts == {"192": 2965, "64": 199}
    assert len(facts("pulse/vacio_01.csv").nodes) == 2
    assert facts("nasty/ronghua_csi-raw_utf16le.csv").dropped["damaged on the air (rx_state)"] > 2000


def gaps_twin(times: list[int], slack: float) -> int:
    """Silences of more than ten median intervals and 50 ms; thresholds off by a factor."""
    steps = [b - a for a, b in pairwise(times) if b > a]
    if not steps:
        return 0
    least = max(GAP_INTERVALS * median_low(steps), GAP_NS)
    return sum(step > least * slack for step in steps)


@some
@given(
    st.lists(st.one_of(st.integers(0, 20), st.sampled_from([49, 51, 60, 150, 900, -5])), min_size=1, max_size=80), cuts
)
def test_gaps_are_counted_as_a_plain_loop_does(steps: list[int], places: list[int]) -> None:
    recording = numbers(1, len(steps) + 1)
    recording.time_ns[:] = np.cumsum([7, *steps]) * MS
    (found,) = by_pieces(Describe(recording.info), recording, places)
    times = recording.time_ns.tolist()
    # intervals are counted in bins 1.1 % wide, on both sides of the comparison
    assert gaps_twin(times, 1.02) <= found.gaps <= gaps_twin(times, 0.98)
    positive = [b - a for a, b in pairwise(times) if b > a]
    assert found.longest_gap_s == max(positive, default=0) / 1e9
    assert found.duration_s == (max(times) - min(times)) / 1e9
    if times[-1] > times[0]:
        assert found.rate_hz == pytest.approx((len(times) - 1) / (times[-1] - times[0]) * 1e9)
    else:
        assert found.rate_hz is None


def test_a_clear_gap_is_a_gap_and_a_slow_stream_is_none() -> None:
    recording = numbers(1, 100)
    recording.time_ns[:] = np.arange(100) * 10 * MS
    assert described(recording).gaps == 0
    recording.time_ns[50:] += 200 * MS
    recording.time_ns[70:] += 95 * MS
    assert described(recording).gaps == 2
    recording.time_ns[:] = np.arange(100) * SECOND
    assert described(recording).gaps == 0


def odd(links: list[int], seed: int = 1) -> CsiRecording:
    """Frames of several nodes and layouts, some of them damaged."""
    random = np.random.default_rng(seed)
    counts = [4 + 4 * (link % 3) for link in links]
    n = len(links)
    return CsiRecording.build(
        info_of("csi"),
        np.cumsum(random.integers(0, 9, n)) * MS,
        random.integers(-9, 10, sum(counts)) + 1j,
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=np.array(links) // 3,
        rssi=np.where(random.random(n) < 0.2, np.nan, random.integers(-80, -40, n)),
        channel=random.integers(0, 3, n),
        meta={"rx_state": (random.random(n) < 0.2).astype(np.int64), "first_word_invalid": random.random(n) < 0.5},
    )


@some
@given(st.lists(st.integers(0, 11), min_size=1, max_size=120), seeds, cuts)
def test_however_a_recording_is_cut_its_description_is_the_same(links: list[int], seed: int, places: list[int]) -> None:
    recording = odd(links, seed)
    (whole,) = at_once(Describe(recording.info), recording)
    assert by_pieces(Describe(recording.info), recording, places) == [whole]
    assert by_frames(Describe(recording.info), recording) == [whole]
    # dictionaries compare without order, which people see
    assert str(by_pieces(Describe(recording.info), recording, places)[0]) == str(whole)


@some
@given(st.lists(st.integers(0, 11), min_size=1, max_size=120), seeds)
def test_a_description_is_what_plain_counting_says(links: list[int], seed: int) -> None:
    recording = odd(links, seed)
    found = described(recording)
    good = [frame for frame in recording if frame.meta["rx_state"] == 0]
    assert found.frames == len(links)
    assert found.dropped.get("damaged on the air (rx_state)", 0) == len(links) - len(good)
    nodes = Counter(frame.node for frame in good)
    assert sorted(found.nodes) == sorted(map(node_name, nodes))
    assert [nodes[int(name)] for name in found.nodes] == sorted(nodes.values(), reverse=True)
    assert {int(name): count for name, count in found.layouts.items()} == Counter(len(frame.csi) for frame in good)
    if good:
        assert found.layouts[str(found.subcarriers)] == max(found.layouts.values())
    known = [frame.rssi for frame in good if frame.rssi == frame.rssi]
    assert found.rssi_dbm == (median_low(known) if known else None)
    channels = Counter(frame.channel for frame in good if frame.channel)
    assert (channels[found.channel] == max(channels.values())) if found.channel else not channels
    if nodes:
        own = [frame.time_ns for frame in good if node_name(frame.node) == found.nodes[0]]
        passed_s = (own[-1] - own[0]) / 1e9
        assert found.rate_hz == (pytest.approx((len(own) - 1) / passed_s) if passed_s > 0 else None)


def test_a_crowd_of_strangers_is_described_the_same_however_it_comes() -> None:
    # more nodes than are told apart: those that come first are, and it shows in no other way
    random = np.random.default_rng(2)
    recording = odd([3 * node for node in random.permutation(np.repeat(np.arange(400), 2)).tolist()])
    (whole,) = at_once(Describe(recording.info), recording)
    assert len(whole.nodes) == MOST_NODES
    assert by_pieces(Describe(recording.info), recording, [100, 300, 301]) == [whole]
    assert by_frames(Describe(recording.info), recording) == [whole]


def test_guards_are_those_of_the_most_frequent_layout() -> None:
    found = described(csi(1, 100))
    assert (found.subcarriers, found.null_subcarriers, found.layouts) == (16, [0, 1, 11], {"16": 100})


def test_what_was_counted_while_reading_is_told() -> None:
    tally = Tally(lost=3, numbered=True, resets=1, late=2, usage={"completion_tokens": 9})
    tally.fault("record cut short", "line 3", 4)
    tally.skipped["log line"] += 5
    tally.dropped["queue full"] += 6
    found = described(csi(1, 5), tally)
    assert (found.lost, found.resets, found.late, found.bad) == (3, 1, 2, 4)
    assert (found.faults, found.skipped) == ({"record cut short": 4}, {"log line": 5})
    assert (found.dropped, found.usage) == ({"queue full": 6}, {"completion_tokens": 9})


def test_choices_of_a_token_stream_are_its_nodes() -> None:
    frames = [TokenFrame(i * MS, "x", choice=i % 3 and 1) for i in range(6)]
    found = described(TokenRecording.of(info_of("token"), frames))
    assert (found.nodes, found.kind, found.subcarriers, found.rssi_dbm) == (["1", "0"], "token", None, None)


@pytest.mark.parametrize("recording", [tokens(1, 20, clock="none"), numbers(1, 20, clock="none")])
def test_without_times_there_is_no_duration_rate_or_gap(recording: Recording) -> None:
    found = described(recording)
    assert (found.duration_s, found.rate_hz, found.longest_gap_s, found.gaps) == (None, None, None, 0)
    assert found.frames == 20


def test_of_nothing_there_is_a_description_too() -> None:
    (found,) = Describe(StreamInfo(source="empty.csv", format="x")).finish()
    assert (found.path, found.frames, found.nodes, found.duration_s, found.subcarriers) == (
        "empty.csv",
        0,
        [],
        None,
        None,
    )
    assert (found.rate_hz, found.gaps, found.longest_gap_s, found.rssi_dbm, found.channel) == (
        None,
        0,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("kind", ["csi", "token", "numeric"])
def test_of_one_frame_there_is_no_rate(kind: Any) -> None:
    found = described(of_kind(kind, 1, 1))
    assert (found.frames, found.duration_s, found.rate_hz, found.longest_gap_s) == (1, 0.0, None, None)


@pytest.mark.parametrize("jump", [2**62, 2**63 - 1, 10**18])
def test_times_as_far_apart_as_numbers_go_are_counted(jump: int) -> None:
    recording = numbers(1, 3)
    recording.time_ns[:] = [0, jump, jump]
    found = described(recording)
    assert found.gaps == 0
    assert found.longest_gap_s == jump / 1e9


def test_broken_samples_do_not_keep_a_recording_from_being_described() -> None:
    recording = csi(1, 100)
    recording.csi[5] = np.nan
    recording.csi[50 * 16 + 3] = np.inf
    found = described(recording)
    assert found.frames == 100
    assert set(found.null_subcarriers) == {0, 1, 11}
