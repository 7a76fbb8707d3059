"""Recordings on disk: they come back exactly, and what was flushed survives everything."""

import errno
import fcntl
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from any_recording import RECORDINGS, all_bits
from hypothesis import given, settings
from hypothesis import strategies as st
from mortal_writer import piece

from midstream_cli.errors import FormatError, StoreError, UsageError
from midstream_cli.frames import StreamInfo
from midstream_cli.recordings import CsiRecording, Recording, concatenate
from midstream_cli.streams import recording, segments
from midstream_cli.streams.recording import RecordingWriter, read
from midstream_cli.streams.tally import Tally

MORTAL = Path(__file__).with_name("mortal_writer.py")


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def frames(pieces: Sequence[Recording]) -> CsiRecording:
    """Channel state put together again."""
    kept = [piece for piece in pieces if isinstance(piece, CsiRecording)]
    assert len(kept) == len(pieces)
    return concatenate(kept)


def one_by_one(pieces: Sequence[Recording]) -> list[dict[str, object]]:
    return [all_bits(whole.take(slice(i, i + 1))) for whole in pieces for i in range(len(whole))]


@given(st.lists(RECORDINGS, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_whatever_is_written_comes_back_in_order_and_bit_for_bit(
    streams: list[Recording], chance: random.Random
) -> None:
    with tempfile.TemporaryDirectory() as place:
        with RecordingWriter(Path(place) / "r", seal_s=chance.choice([0, 30])) as writer:
            for whole in streams:
                cut = chance.randint(0, len(whole))
                for part in (whole.take(slice(cut)), whole.take(slice(cut, None))):
                    writer.append(part)
                    if chance.random() < 0.5:
                        writer.flush()
        assert one_by_one(list(read(Path(place) / "r"))) == one_by_one(streams)
        assert writer.kept == writer.frames == sum(map(len, streams))


def test_a_closed_recording_is_a_manifest_and_sealed_segments(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r", source="serial:///dev/ttyUSB0") as writer:
        writer.append(piece(0, 10))
    assert files(tmp_path / "r") == ["manifest.json", "segment-000000.parquet"]
    text = (tmp_path / "r" / "manifest.json").read_text()
    for said in ('"midstream-recording"', '"closed": true', '"frames": 10', '"kind": "csi"', "serial:///dev/ttyUSB0"):
        assert said in text


def test_a_source_whose_name_is_no_utf8_can_be_recorded(tmp_path: Path) -> None:
    info = StreamInfo("caf\udce9.csv", "csv")
    with RecordingWriter(tmp_path / "r", source=info.source) as writer:
        writer.append(CsiRecording.build(info, [1], np.ones((1, 1))))
    assert [whole.info for whole in read(tmp_path / "r")] == [info]


def test_an_empty_recording_holds_nothing(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r"):
        pass
    assert list(read(tmp_path / "r")) == []


def test_other_fields_begin_another_segment(tmp_path: Path) -> None:
    fields = [
        {"a": np.array([1])},
        {"a": np.array([2])},
        {"a": np.array([0.5])},
        {"a": np.array([1]), "b": np.array([1])},
    ]
    with RecordingWriter(tmp_path / "r") as writer:
        for meta in fields:
            writer.append(CsiRecording.build(StreamInfo(), [1], np.ones((1, 2)), meta=meta))
    assert files(tmp_path / "r")[1:] == [f"segment-{i:06d}.parquet" for i in range(3)]
    assert [list(whole.meta) for whole in read(tmp_path / "r") if isinstance(whole, CsiRecording)] == [["a"]] * 2 + [
        ["a", "b"]
    ]


def test_old_and_large_segments_are_sealed_on_the_way(tmp_path: Path) -> None:
    for name, limits in (("old", {"seal_s": 0.0}), ("large", {"seal_bytes": 1})):
        writer = RecordingWriter(tmp_path / name, **limits)
        for i in range(3):
            writer.append(piece(i, 1))
            writer.flush()
        assert [file for file in files(tmp_path / name) if file.endswith(".arrows")] == []
        writer.close()
        assert frames(list(read(tmp_path / name))).seq.tolist() == [0, 1, 2]


def test_frames_wait_for_each_other_no_longer_than_the_flush_interval(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r", flush_s=0.01) as writer:
        writer.append(piece(0, 1))
        assert writer.kept == 0
        time.sleep(0.02)
        writer.append(piece(1, 1))
        assert writer.kept == 2


def test_a_recording_can_be_read_while_it_is_written(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "r", seal_s=0.0)
    writer.append(piece(0, 5))
    writer.flush()
    writer._seal_s = 30.0
    writer.append(piece(5, 5))
    writer.flush()
    writer.append(piece(10, 5))
    tally = Tally()
    assert files(tmp_path / "r")[1:] == ["segment-000000.parquet", "segment-000001.arrows", "writer.lock"]
    assert frames(list(read(tmp_path / "r", tally))).seq.tolist() == list(range(10))
    assert tally.notes == [f"{tmp_path / 'r'} is still being written"]
    with (tmp_path / "r" / "segment-000001.arrows").open("ab") as hot:
        hot.write(b"\xff\xff\xff\xff half of what is being written")
    growing = Tally()
    assert frames(list(read(tmp_path / "r", growing))).seq.tolist() == list(range(10))
    assert growing.bad == 0
    writer.close()


def test_a_segment_that_is_sealed_while_its_recording_is_read_is_read_all_the_same(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "r", seal_s=0.0)
    writer.append(piece(0, 5))
    writer.flush()
    writer._seal_s = 30.0
    writer.append(piece(5, 5))
    writer.flush()
    pieces = read(tmp_path / "r")
    first = next(pieces)
    writer.close()
    assert frames([first, *pieces]).seq.tolist() == list(range(10))


def test_a_long_recording_is_read_in_pieces(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r") as writer:
        writer.append(piece(0, 50_000))
    lengths = [len(whole) for whole in read(tmp_path / "r")]
    assert sum(lengths) == 50_000
    assert max(lengths) <= segments.READ_ROWS


def test_a_large_piece_is_written_in_batches_of_bounded_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "FLUSH_BYTES", 1000)
    writer = RecordingWriter(tmp_path / "r")
    writer.append(piece(0, 500))
    batches = list(segments.hot_batches(tmp_path / "r" / "segment-000000.arrows", None))
    assert len(batches) > 10
    writer.close()
    assert frames(list(read(tmp_path / "r"))).seq.tolist() == list(range(500))


def test_ten_thousand_frames_come_back_when_each_is_a_piece(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    parts = rng.integers(-90, 90, (10_000, 512)).astype(np.float32)
    whole = CsiRecording.build(
        StreamInfo("wire", "esp32"), np.arange(10_000) * 10**6, parts.view(np.complex64), seq=np.arange(10_000)
    )
    pieces = [whole.take(slice(i, i + 1)) for i in range(10_000)]
    with RecordingWriter(tmp_path / "r") as writer:
        for one in pieces:
            writer.append(one)
    assert all_bits(frames(list(read(tmp_path / "r")))) == all_bits(whole)


# what goes wrong


@pytest.fixture
def torn(tmp_path: Path) -> tuple[Path, bytes, list[int]]:
    """A recording whose writer died: its folder, its hot file, and where in that each batch ends."""
    writer = RecordingWriter(tmp_path / "r")
    hot = tmp_path / "r" / "segment-000000.arrows"
    writer.append(piece(0, 1))
    writer.flush()
    ends = [hot.stat().st_size]
    for i in range(1, 3):
        writer.append(piece(i, 1))
        writer.flush()
        ends.append(hot.stat().st_size)
    content = hot.read_bytes()
    writer.close()
    (tmp_path / "r" / "segment-000000.parquet").unlink()
    return tmp_path / "r", content, ends


def test_a_hot_file_cut_anywhere_is_read_to_its_last_whole_batch(torn: tuple[Path, bytes, list[int]]) -> None:
    folder, content, ends = torn
    batch = ends[1] - ends[0]
    schema = ends[0] - batch
    assert len(content) == ends[-1]
    near = {edge + offset for edge in (0, schema, *ends) for offset in range(-9, 10)}
    for cut in sorted({*near, *range(0, len(content), 7)} & {*range(len(content) + 1)}):
        (folder / "segment-000000.arrows").write_bytes(content[:cut])
        tally = Tally()
        got = [int(frame.seq) for whole in read(folder, tally) for frame in whole]  # type: ignore[union-attr]
        assert got == list(range(sum(end <= cut for end in ends)))
        assert tally.faults == ({} if cut in (0, schema, *ends) else {"recording cut short": 1})


def test_garbage_behind_the_last_batch_is_told(torn: tuple[Path, bytes, list[int]]) -> None:
    folder, content, _ = torn
    for garbage in (bytes(4096), b"\xff" * 100, b"\xff\xff\xff\xff\x10\0\0\0" + b"x" * 64):
        (folder / "segment-000000.arrows").write_bytes(content + garbage)
        tally = Tally()
        assert frames(list(read(folder, tally))).seq.tolist() == [0, 1, 2]
        assert tally.faults == {"recording cut short": 1}


def test_a_crash_between_sealing_and_removing_the_hot_file_doubles_nothing(torn: tuple[Path, bytes, list[int]]) -> None:
    folder, content, _ = torn
    hot = folder / "segment-000000.arrows"
    hot.write_bytes(content)
    segments.seal(hot)
    # cut, so that it shows which of the two is read
    hot.write_bytes(content[:-1])
    tally = Tally()
    assert frames(list(read(folder, tally))).seq.tolist() == [0, 1, 2]
    assert tally.bad == 0


def test_a_crash_while_sealing_leaves_the_hot_file_in_charge(torn: tuple[Path, bytes, list[int]]) -> None:
    folder, content, _ = torn
    (folder / "segment-000000.arrows").write_bytes(content)
    (folder / "segment-000000.parquet.tmp").write_bytes(b"PAR1 half")
    assert frames(list(read(folder))).seq.tolist() == [0, 1, 2]


def test_a_segment_that_is_missing_or_damaged_is_counted_and_passed_over(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r", seal_s=0.0) as writer:
        for i in range(4):
            writer.append(piece(i, 1))
            writer.flush()
    (tmp_path / "r" / "segment-000001.parquet").unlink()
    (tmp_path / "r" / "segment-000003.parquet").unlink()
    damaged = tmp_path / "r" / "segment-000002.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-10])
    tally = Tally()
    assert frames(list(read(tmp_path / "r", tally))).seq.tolist() == [0]
    assert tally.faults == {"segment missing": 2, "segment damaged": 1}
    assert tally.examples["segment missing"] == "segment-000001"


def test_no_flushed_frame_is_lost_when_the_writer_is_killed_at_any_moment(tmp_path: Path) -> None:
    chance = random.Random(7)
    command = [sys.executable, str(MORTAL)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as mortal:
        assert mortal.stdin
        assert mortal.stdout
        for i in range(24):
            folder = tmp_path / str(i)
            mortal.stdin.write(f"{folder}\n")
            child = int(mortal.stdout.readline())
            # two of three die while they write, the others while they begin
            said = [mortal.stdout.readline()] if i % 3 else []
            time.sleep(chance.uniform(0.0, 0.08))
            os.kill(child, signal.SIGKILL)
            said += iter(mortal.stdout.readline, "dead\n")
            safe = int(said[-1]) if said else 0
            if not (folder / "manifest.json").exists():
                assert safe == 0
                continue
            tally = Tally()
            got = list(read(folder, tally))
            found = sum(map(len, got))
            assert found >= safe
            assert tally.notes == [f"{folder} was never closed: its writer died"]
            if got:
                assert one_by_one([frames(got)]) == one_by_one([piece(0, found)])
        mortal.stdin.close()


# who may write where


def test_a_second_writer_is_turned_away_until_the_first_has_closed(tmp_path: Path) -> None:
    first = RecordingWriter(tmp_path / "r")
    for force in (False, True):
        with pytest.raises(StoreError, match=f"is being written by process {os.getpid()} on ") as caught:
            RecordingWriter(tmp_path / "r", force=force)
        assert "stop it first" in caught.value.hint
    first.append(piece(0, 3))
    first.close()
    assert frames(list(read(tmp_path / "r"))).seq.tolist() == [0, 1, 2]
    RecordingWriter(tmp_path / "r", force=True).close()


def test_the_lock_of_a_writer_that_died_keeps_nobody_out(tmp_path: Path) -> None:
    code = (
        "import os, sys; from midstream_cli.streams.recording import RecordingWriter; "
        "RecordingWriter(sys.argv[1]); os.kill(os.getpid(), 9)"
    )
    died = subprocess.run([sys.executable, "-c", code, str(tmp_path / "r")], check=False)
    assert died.returncode == -signal.SIGKILL
    assert "writer.lock" in files(tmp_path / "r")
    with RecordingWriter(tmp_path / "r", force=True) as writer:
        writer.append(piece(0, 1))
    assert files(tmp_path / "r") == ["manifest.json", "segment-000000.parquet"]


def test_a_file_system_without_locks_can_be_recorded_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with RecordingWriter(tmp_path / "r") as writer:
        writer.append(piece(0, 1))
    assert frames(list(read(tmp_path / "r"))).seq.tolist() == [0]


def test_a_lock_that_its_holder_has_just_taken_away_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "r" / "writer.lock"
    flock = fcntl.flock
    calls: list[int] = []

    def locked_too_late(file: IO[bytes], operation: int) -> None:
        flock(file, operation)
        if not calls:
            path.unlink()
        calls.append(operation)

    monkeypatch.setattr(fcntl, "flock", locked_too_late)
    with RecordingWriter(tmp_path / "r"):
        assert path.exists()
    assert len(calls) == 2


def test_a_recording_is_replaced_only_by_force(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r", seal_s=0.0) as writer:
        for i in range(3):
            writer.append(piece(i, 1))
            writer.flush()
    with pytest.raises(UsageError, match="there is a recording in") as caught:
        RecordingWriter(tmp_path / "r")
    assert "--force" in caught.value.hint
    assert frames(list(read(tmp_path / "r"))).seq.tolist() == [0, 1, 2]
    with RecordingWriter(tmp_path / "r", force=True) as writer:
        writer.append(piece(7, 1))
    assert frames(list(read(tmp_path / "r"))).seq.tolist() == [7]


@pytest.mark.parametrize("manifest", [None, "{}", "not json", '{"name": "an app", "version": 1}'])
def test_what_is_not_a_recording_is_never_touched(tmp_path: Path, manifest: str | None) -> None:
    (tmp_path / "segment-000000.parquet").write_bytes(b"mine")
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    before = files(tmp_path)
    with pytest.raises(UsageError, match="not a recording, and not empty"):
        RecordingWriter(tmp_path, force=True)
    assert files(tmp_path) == before
    assert (tmp_path / "segment-000000.parquet").read_bytes() == b"mine"


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        RecordingWriter(tmp_path / "r", force=True)
    with pytest.raises(StoreError, match="cannot be written: Not a directory"):
        RecordingWriter(tmp_path / "r" / "s")


def test_what_is_no_recording_or_one_to_come_is_not_read(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is not a recording"):
        read(tmp_path)
    (tmp_path / "manifest.json").write_text('{"format": "midstream-recording", "version": 99}')
    with pytest.raises(FormatError, match="newer midstream"):
        read(tmp_path)


def test_a_discarded_recording_leaves_no_trace(tmp_path: Path) -> None:
    RecordingWriter(tmp_path / "r").discard()
    assert files(tmp_path) == []


def test_nothing_can_be_appended_to_a_closed_recording(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "r")
    writer.close()
    with pytest.raises(ValueError, match="closed"):
        writer.append(piece(0, 1))


# no room


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """The system takes no file of more than so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def fill(writer: RecordingWriter) -> None:
    """Write until something gives way."""
    while True:
        writer.append(piece(writer.frames, 10))
        writer.flush()


def test_where_there_is_no_room_the_error_says_what_is_kept_and_that_is_kept(tmp_path: Path) -> None:
    writer = RecordingWriter(tmp_path / "r")
    said = r"cannot be written: File too large; [\d,]+ of [\d,]+ frames are kept"
    with room_for(20_000):
        with pytest.raises(StoreError, match=said) as caught:
            fill(writer)
        with pytest.raises(StoreError, match=said):
            writer.append(piece(writer.frames, 10))
        writer.close()
    assert "make room" in caught.value.hint
    tally = Tally()
    kept = frames(list(read(tmp_path / "r", tally)))
    assert tally.bad == 0
    assert len(kept) == writer.kept == writer.frames - 10
    assert all_bits(kept) == all_bits(piece(0, len(kept)))


def test_where_there_is_no_room_to_seal_the_hot_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    writer = RecordingWriter(tmp_path / "r")
    writer.append(piece(0, 10))
    monkeypatch.setattr(recording, "seal", full)
    with pytest.raises(StoreError, match="No space left on device; 10 of 10 frames are kept"):
        writer.close()
    assert files(tmp_path / "r") == ["manifest.json", "segment-000000.arrows"]
    assert frames(list(read(tmp_path / "r"))).seq.tolist() == list(range(10))


# what was counted


def test_what_was_counted_of_the_stream_is_counted_again_when_it_is_read(tmp_path: Path) -> None:
    tally = Tally(lost=3, resets=1, late=2, usage={"prompt": 5}, notes=["mind the gap"])
    tally.fault("record cut short", "line 7", 4)
    tally.skipped["other text"] = 9
    with RecordingWriter(tmp_path / "r", tally=tally) as writer:
        writer.append(piece(0, 1))
        tally.dropped["late to the party"] = 2
    found = Tally()
    assert len(frames(list(read(tmp_path / "r", found)))) == 1
    assert found == tally


def test_counts_are_known_up_to_the_last_sealed_segment_when_a_writer_dies(tmp_path: Path) -> None:
    tally = Tally(lost=3)
    writer = RecordingWriter(tmp_path / "r", tally=tally, seal_s=0.0)
    writer.append(piece(0, 1))
    writer.flush()
    found = Tally()
    list(read(tmp_path / "r", found))
    assert found.lost == 3
    writer.close()


def test_an_error_on_its_way_out_still_closes_the_recording(tmp_path: Path) -> None:
    def write_and_fail() -> None:
        with RecordingWriter(tmp_path / "r") as writer:
            writer.append(piece(0, 2))
            raise KeyError("lost")

    with pytest.raises(KeyError):
        write_and_fail()
    tally = Tally()
    assert frames(list(read(tmp_path / "r", tally))).seq.tolist() == [0, 1]
    assert tally.notes == []
