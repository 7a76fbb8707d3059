"""Our own recordings as a source."""

from pathlib import Path

import numpy as np
import pytest

from midstream_cli.errors import FormatError
from midstream_cli.frames import StreamInfo, TokenFrame
from midstream_cli.recordings import CsiRecording, TokenRecording
from midstream_cli.streams import formats
from midstream_cli.streams.recording import RecordingWriter
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally


def test_a_folder_is_opened_by_its_path_and_says_where_it_was_read(tmp_path: Path) -> None:
    whole = CsiRecording.build(StreamInfo("udp://", "esp", clock="host"), [5, 6], np.ones((2, 3)), seq=[8, 9])
    with RecordingWriter(tmp_path / "r", tally=Tally(lost=2)) as writer:
        writer.append(whole)
    with open_source(str(tmp_path / "r")) as source:
        (piece,) = source
    assert isinstance(piece, CsiRecording)
    assert piece.info == StreamInfo(str(tmp_path / "r"), "midstream", "csi", "host")
    assert piece.seq.tolist() == [8, 9]
    assert source.tally.lost == 2


def test_a_recording_of_tokens_is_read_as_tokens(tmp_path: Path) -> None:
    frames = [TokenFrame(1, "Hello"), TokenFrame(2, "", finish="stop")]
    with RecordingWriter(tmp_path / "r") as writer:
        writer.append(TokenRecording.of(StreamInfo(kind="token", clock="host"), frames))
    with open_source(str(tmp_path / "r")) as source:
        (piece,) = source
    assert [(frame.text, frame.finish) for frame in piece if isinstance(frame, TokenFrame)] == [
        ("Hello", ""),
        ("", "stop"),
    ]
    assert piece.info.kind == "token"


def test_damaged_frames_are_kept_or_left_out_as_of_any_source(tmp_path: Path) -> None:
    meta = {"rx_state": np.array([0, 65, 0])}
    with RecordingWriter(tmp_path / "r") as writer:
        writer.append(CsiRecording.build(StreamInfo(), [1, 2, 3], np.ones((3, 1)), meta=meta))
    for keep_bad, frames in ((True, 3), (False, 2)):
        with open_source(str(tmp_path / "r"), keep_bad=keep_bad) as source:
            assert sum(map(len, source)) == frames


def test_a_folder_that_is_no_recording_and_a_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="is not a recording"):
        open_source(str(tmp_path))
    (tmp_path / "x").write_text("x")
    with pytest.raises(FormatError, match="is not a folder"):
        open_source(str(tmp_path / "x"), input_format="midstream")


def test_no_bytes_are_taken_for_a_folder() -> None:
    assert not any(formats.load("midstream").sniff(head) for head in (b"", b"ARROW1", b"PAR1", b"{}"))
