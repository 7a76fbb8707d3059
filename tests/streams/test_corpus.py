"""Every real recording, read as a user would, against what the table beside the recordings says of it."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from midstream_cli.errors import FormatError
from midstream_cli.frames import node_number
from midstream_cli.recordings import CsiRecording, Recording, TokenRecording, concatenate
from midstream_cli.results import RecordingInfo
from midstream_cli.streams import formats
from midstream_cli.streams.describe import Describe
from midstream_cli.streams.encoding import encoding_of, start_as_utf8
from midstream_cli.streams.source import FIRST_LOOK, open_source


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a recording: of channel state but its table's row, of tokens all of it."""

    format: str
    nodes: int = 1
    """Senders of good frames, or choices."""
    nulls: tuple[int, ...] = ()
    """Positions that carry nothing, in the layout of most frames."""
    frames: int = 0
    """Where the table gives no number."""
    faults: dict[str, int] = field(default_factory=dict)
    first_at: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    damaged: int = 0
    """Frames that the receiver itself called damaged."""
    lost: int = 0


UNUSED = tuple(range(27, 38))
"""Of 64 positions where there is no secondary channel; where there is one, `LEGACY`."""
LEGACY = (*range(6), 32, *range(59, 64))
SHORT = (*range(5), *range(60, 64))
HEADER = {"header": 1}
DONE = {"[DONE]": 1}
TOOL = "esp32-csi-tool"

CSI = {
    "pulse/vacio_01.csv": Known(TOOL, nodes=2, nulls=LEGACY),
    "pulse/vacio_02.csv": Known(TOOL, nulls=LEGACY),
    "pulse/mov_01.csv": Known(TOOL, nulls=LEGACY),
    "pulse/mov_04.csv": Known(TOOL, nulls=LEGACY),
    "pulse/resp_6rpm.csv": Known(TOOL, nulls=LEGACY),
    "csikit/example_fast2_100hz_pitraffic.csv": Known(TOOL, nodes=2, nulls=(0, 1, *UNUSED), skipped=HEADER),
    "csikit/example_100hz_pitraffic.csv": Known(
        TOOL,
        nulls=(0, 1, *UNUSED),
        faults={"odd number of values": 1},
        first_at={"odd number of values": "line 19"},
        skipped=HEADER,
    ),
    "csikit/example_data.csv": Known(TOOL, nulls=(0, 1, *UNUSED), skipped=HEADER),
    "espressif/debatablemiracle_csi_data.csv": Known(
        "csi-recv", nulls=(*range(5), *range(60, 65), *range(124, 133)), skipped=HEADER, lost=4
    ),
    "hernandez/hku_my-experiment-file.csv": Known(TOOL, nulls=(0, *UNUSED), skipped=HEADER),
    "hernandez/rikesh_example_csi.csv": Known(
        TOOL, nulls=(*range(6), 32, *range(59, 64), *range(124, 131)), skipped=HEADER
    ),
    "hernandez/hernandez_example_csi.csv": Known(TOOL, nulls=SHORT),
    "nasty/ronghua_csi-raw_utf16le.csv": Known(TOOL, nodes=6, nulls=(0, 1, *UNUSED), skipped=HEADER, damaged=2586 - 94),
    "nasty/tristsou_empty_01.csv": Known(TOOL, nulls=LEGACY),
    "nasty/tristsou_empty_01_full_log.txt": Known(TOOL, nodes=2, nulls=LEGACY, skipped=HEADER | {"other text": 122}),
    "nasty/tristsou_full_log.txt": Known(
        TOOL,
        nodes=3,
        nulls=LEGACY,
        faults={"record without a beginning": 1, "record cut short": 1},
        first_at={"record without a beginning": "line 8", "record cut short": "line 9"},
        skipped=HEADER | {"other text": 127},
    ),
    "nasty/debatablemiracle_csi_data_log.txt": Known(
        "csi-recv",
        nodes=0,
        faults={"record without a beginning": 1, "garbage in the data": 1},
        first_at={"record without a beginning": "line 1", "garbage in the data": "line 3"},
        skipped={"other text": 1},
    ),
    "nexmon/example_43455c0.pcap": Known("nexmon", frames=566),
    "nexmon/example_4358.pcap": Known("nexmon", frames=4, nulls=(0, 1, *range(123, 134), 255)),
    "ruview/pretrain-1775182186.csi.jsonl": Known(
        "ruview-jsonl",
        nodes=2,
        frames=5309,
        nulls=(0, *UNUSED),
        skipped={"vitals": 236, "feature": 236, "compressed frame without its data": 2},
    ),
    "ruview/rec_1772472968919-20260302_173608.csi.jsonl": Known("ruview-jsonl", frames=3, nulls=(0, 17, *UNUSED)),
    "ruview_derived/adr018_from_pretrain_node1_1000.bin": Known("ruview-udp", frames=1000, nulls=(0, *UNUSED)),
}

TOKENS = {
    "anthropic_messages_text.sse": Known("anthropic-messages", frames=71, skipped={"ping": 1, "event without text": 4}),
    "anthropic_tools.sse": Known("anthropic-messages", frames=30, skipped={"ping": 1, "event without text": 10}),
    "azure_chat.sse": Known("openai-chat", frames=25, skipped=DONE | {"event without text": 2}),
    "deepseek_chat_long.sse": Known("openai-chat", frames=700, skipped=DONE | {"event without text": 1}),
    "groq_chat.sse": Known("openai-chat", frames=73, skipped=DONE | {"event without text": 1}),
    "ollama_chat_llama3.ndjson": Known("ollama", frames=50),
    "ollama_generate_llama3.ndjson": Known("ollama", frames=71),
    "openai_inline_569c_refusal_logprobs.sse": Known(
        "openai-chat", frames=12, skipped=DONE | {"event without text": 2}
    ),
    "openai_inline_83b0.sse": Known("openai-chat", frames=3, skipped=DONE | {"event without text": 2}),
    "openai_inline_a491.sse": Known("openai-chat", nodes=3, frames=45, skipped=DONE | {"event without text": 4}),
    "openai_responses_unicorn_2026-03.sse": Known("openai-responses", frames=80, skipped={"event without text": 7}),
    "vercel_openai-chat-text.chunks.txt": Known("openai-chat", frames=301, skipped={"event without text": 2}),
    "vllm_completions.sse": Known("openai-completions", frames=20, skipped=DONE),
}

CORPUS = {f"csi/{name}": known for name, known in CSI.items()} | {f"tokens/{name}": k for name, k in TOKENS.items()}
COMPANIONS = ["csi/ruview/pretrain-1775182186.csi.meta.json"]
"""Beside recordings, and none."""
DERIVED = ["csi/ruview_derived/adr018_from_pretrain_node1_1000.bin"]
"""Not in the table."""

every = pytest.mark.parametrize("name", CORPUS)
of_boards = pytest.mark.parametrize(
    "name", [name for name, known in CORPUS.items() if known.format in (TOOL, "csi-recv") and known.nodes]
)


@dataclass(frozen=True, slots=True)
class Row:
    """What the table beside the recordings says of one."""

    digest: str
    frames: int | None = None
    rate_hz: float | None = None
    duration_s: float | None = None
    values: dict[int, int] | None = None
    """How many frames have so many values."""
    captured: dict[int, int] | None = None
    """How many say that so many were captured."""


def table(data: Path) -> dict[str, Row]:
    """The rows of the table, by file."""
    rows: dict[str, Row] = {}
    for line in (data / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells[0].startswith("csi/"):
            frames, rate, values = cells[5:8]
            printed, _, captured = values.partition("(len")
            speed = re.match(r"([\d.]+) / ([\d.]+)", rate)
            rows[cells[0]] = Row(
                cells[-1],
                int(frames.split()[0]) if frames else None,
                float(speed[1]) if speed else None,
                float(speed[2]) if speed else None,
                counts(printed),
                counts(captured),
            )
        elif cells[0].startswith("tokens/"):
            rows[cells[0]] = Row(cells[-1])
    return rows


def counts(text: str) -> dict[int, int] | None:
    """`384x2965,128x199` as a mapping."""
    return {int(size): int(n) for size, n in re.findall(r"(\d+)x(\d+)", text)} or None


@dataclass(frozen=True, slots=True)
class Read:
    """A recording that was read as a whole, damaged frames included."""

    recording: Recording | None
    info: RecordingInfo | None
    format: str
    faults: dict[str, int]
    first_at: dict[str, str]
    skipped: dict[str, int]


@cache
def read(path: Path) -> Read:
    with open_source(str(path), keep_bad=True) as source:
        pieces = list(source)
        tally = source.tally
        describe = Describe(source.info, tally)
        for piece in pieces:
            describe.extend(piece)
        whole: Recording | None = concatenate(pieces) if pieces else None  # type: ignore[type-var]
        info = describe.finish()[0] if pieces else None
        return Read(whole, info, source.info.format, dict(tally.faults), tally.examples, dict(tally.skipped))


def read_csi(path: Path) -> CsiRecording:
    recording = read(path).recording
    assert isinstance(recording, CsiRecording)
    return recording


def test_every_recording_is_known_here_and_in_the_table(data: Path) -> None:
    files = [path for kind in ("csi", "tokens") for path in (data / kind).rglob("*") if path.is_file()]
    names = {str(path.relative_to(data)) for path in files}
    assert names == {*CORPUS, *COMPANIONS}
    assert table(data).keys() == names - {*DERIVED}


def test_recordings_are_those_that_the_table_means(data: Path) -> None:
    for name, row in table(data).items():
        assert hashlib.sha256((data / name).read_bytes()).hexdigest()[:16] == row.digest, name


@every
def test_a_recording_has_the_format_frames_and_faults_that_are_known_of_it(data: Path, name: str) -> None:
    known, found, row = CORPUS[name], read(data / name), table(data).get(name, Row(""))
    assert found.format == known.format
    frames = len(found.recording) if found.recording else 0
    assert frames == (known.frames if row.frames is None else row.frames)
    assert (found.faults, found.first_at, found.skipped) == (known.faults, known.first_at, known.skipped)


@every
def test_a_recording_is_claimed_by_one_format_only(data: Path, name: str) -> None:
    head = (data / name).read_bytes()[:FIRST_LOOK]
    encoding = encoding_of(head)
    head = start_as_utf8(head, encoding) if encoding else head
    assert [form for form in formats.names() if formats.load(form).sniff(head)] == [CORPUS[name].format]
    assert formats.recognise(head) == CORPUS[name].format


NUMBERED = ("csi-recv", "ruview-udp")
"""Formats of senders that number their frames."""


@pytest.mark.parametrize("name", COMPANIONS)
def test_what_lies_beside_a_recording_is_of_no_format(data: Path, name: str) -> None:
    with pytest.raises(FormatError, match="nothing known reads"):
        open_source(str(data / name))


@every
def test_senders_losses_and_damage_on_the_air_are_told(data: Path, name: str) -> None:
    known, info = CORPUS[name], read(data / name).info
    if info is None:
        assert known.nodes == 0
        return
    assert len(info.nodes) == known.nodes
    lost = known.lost if known.format in NUMBERED else None
    assert (info.lost, info.resets, info.late) == (lost, 0, 0)
    assert info.dropped == ({"damaged on the air (rx_state)": known.damaged} if known.damaged else {})
    assert tuple(info.null_subcarriers) == known.nulls


@of_boards
def test_sizes_rate_and_duration_are_those_of_the_table(data: Path, name: str) -> None:
    recording, row = read_csi(data / name), table(data)[name]
    assert Counter((2 * recording.subcarriers).tolist()) == row.values
    assert Counter(recording.meta["len"].tolist()) == row.captured
    duration_s = (recording.time_ns[-1] - recording.time_ns[0]) / 1e9
    assert round(duration_s, 2) == row.duration_s
    assert round((len(recording) - 1) / duration_s, 2) == row.rate_hz


@of_boards
def test_time_goes_on_as_the_counter_does_and_one_of_them_wraps(data: Path, name: str) -> None:
    recording = read_csi(data / name)
    counted = np.diff(recording.meta["local_timestamp"])
    assert np.diff(recording.time_ns).tolist() == (counted % (1 << 32) * 1000).tolist()
    assert int((counted < 0).sum()) == int(name == "csi/pulse/mov_04.csv")
    repeated = {"csi/csikit/example_data.csv": 27, "csi/hernandez/rikesh_example_csi.csv": 570}
    assert name not in repeated or int((counted == 0).sum()) == repeated[name]


@of_boards
def test_only_the_classic_chip_leaves_junk_in_the_first_word(data: Path, name: str) -> None:
    meta = read_csi(data / name).meta
    invalid = meta["first_word_invalid"][meta["rx_state"] == 0]
    assert invalid.mean() == (0.0 if "hku" in name or "tristsou" in name else 1.0)


def test_frames_of_a_second_sender_are_of_another_kind(data: Path) -> None:
    for name, mode, frames in (("pulse/vacio_01.csv", 0, 1), ("csikit/example_fast2_100hz_pitraffic.csv", 1, 2)):
        recording = read_csi(data / "csi" / name)
        _, (second, _) = Counter(recording.node.tolist()).most_common()
        other_kind = recording.meta["sig_mode"] == mode
        assert recording.node[other_kind].tolist() == [second] * frames


def test_addresses_may_be_zero_and_mostly_garbage(data: Path) -> None:
    strangers = read_csi(data / "csi/nasty/ronghua_csi-raw_utf16le.csv")
    assert len(np.unique(strangers.node)) == 2205
    assert set(strangers.meta["rx_state"].tolist()) == {0, 65}
    log = read_csi(data / "csi/nasty/tristsou_empty_01_full_log.txt")
    assert node_number("00:00:00:00:00:00") in log.node


def test_a_second_clock_is_read_as_coarse_as_it_was_printed(data: Path) -> None:
    assert len(np.unique(read_csi(data / "csi/pulse/resp_6rpm.csv").meta["real_timestamp"])) == 601


@of_boards
def test_the_time_of_a_host_is_read_where_a_host_added_it(data: Path, name: str) -> None:
    known = ~np.isnan(read_csi(data / name).meta["host_time_s"])
    assert known.all() if "rikesh" in name or "ronghua" in name else not known.any()


def test_two_nodes_take_turns_in_three_layouts(data: Path) -> None:
    recording = read_csi(data / "csi/ruview/pretrain-1775182186.csi.jsonl")
    assert Counter(recording.subcarriers.tolist()) == {64: 4127, 128: 1134, 192: 48}
    assert np.isnan(recording.rssi).all()
    for node in (1, 2):
        times = recording.time_ns[recording.node == node]
        assert round(float((len(times) - 1) / np.ptp(times) * 1e9), 1) == pytest.approx(22.1, abs=0.1)


def test_packets_of_a_file_without_times_have_their_numbers(data: Path) -> None:
    recording = read_csi(data / DERIVED[0])
    assert recording.info.clock == "none"
    assert recording.seq.tolist() == list(range(1000))
    assert set(recording.node.tolist()) == {1}


def test_captures_hold_all_subcarriers_even_of_longer_packets(data: Path) -> None:
    for name in ("example_43455c0.pcap", "example_4358.pcap"):
        recording = read_csi(data / "csi/nexmon" / name)
        assert set(recording.subcarriers.tolist()) == {256}
    seconds = np.ptp(read_csi(data / "csi/nexmon/example_43455c0.pcap").time_ns) / 1e9
    assert round(float(seconds), 2) == 5.21


def test_what_deltas_hold_is_as_much_as_is_known(data: Path) -> None:
    for name, known in TOKENS.items():
        recording = read(data / "tokens" / name).recording
        assert isinstance(recording, TokenRecording)
        assert recording.info.clock == ("host" if known.format == "ollama" else "none")
