"""Recordings as one file of another format."""

from pathlib import Path

import numpy as np
import pytest

from midstream_cli.errors import StoreError, UsageError
from midstream_cli.frames import StreamInfo, TokenFrame
from midstream_cli.recordings import NumericRecording, TokenRecording
from midstream_cli.streams.recording import RecordingWriter
from midstream_cli.streams.single_file import FileWriter, writer_for
from midstream_cli.streams.source import open_source


def table(*columns: str) -> NumericRecording:
    return NumericRecording(
        StreamInfo(kind="numeric", clock="none"), np.zeros(1, np.int64), {c: np.ones(1) for c in columns}
    )


def tokens(*texts: str) -> TokenRecording:
    frames = [TokenFrame(10**18 + i, text) for i, text in enumerate(texts)]
    return TokenRecording.of(StreamInfo(kind="token", clock="host"), frames)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("r", RecordingWriter), ("r.2024-01-01", RecordingWriter), ("r.csv", FileWriter), ("r.NPZ", FileWriter)],
)
def test_the_name_decides_between_folder_and_file(name: str, kind: type, tmp_path: Path) -> None:
    writer = writer_for(tmp_path / name)
    assert isinstance(writer, kind)
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_file_appears_when_it_is_complete(tmp_path: Path) -> None:
    with FileWriter(tmp_path / "r.csv") as writer:
        writer.append(table("a"))
        writer.append(table("a"))
        writer.flush()
        assert (writer.frames, writer.kept) == (2, 0)
        assert list(tmp_path.iterdir()) == []
    assert writer.kept == 2
    assert (tmp_path / "r.csv").read_text() == "a\n1\n1\n"


def test_an_error_on_its_way_out_still_writes_the_file(tmp_path: Path) -> None:
    def write_and_fail() -> None:
        with FileWriter(tmp_path / "r.csv") as writer:
            writer.append(table("a"))
            raise KeyError("lost")

    with pytest.raises(KeyError):
        write_and_fail()
    assert (tmp_path / "r.csv").read_text() == "a\n1\n"


def test_fields_that_change_on_the_way_need_a_folder(tmp_path: Path) -> None:
    writer = FileWriter(tmp_path / "r.csv")
    writer.append(table("a"))
    with pytest.raises(UsageError, match="fields of the stream change") as caught:
        writer.append(table("a", "b"))
    assert "folder" in caught.value.hint
    writer.close()
    assert (tmp_path / "r.csv").read_text() == "a\n1\n"


def test_a_log_of_tokens_grows_with_every_flush_and_has_one_header(tmp_path: Path) -> None:
    with FileWriter(tmp_path / "r.jsonl") as writer:
        for text in ("a", "b"):
            writer.append(tokens(text))
            writer.flush()
            assert writer.kept == writer.frames
    assert (tmp_path / "r.jsonl").read_text().count("midstream-tokens") == 1
    with open_source(str(tmp_path / "r.jsonl")) as source:
        assert [frame.text for piece in source for frame in piece if isinstance(frame, TokenFrame)] == ["a", "b"]


@pytest.mark.parametrize(("name", "piece"), [("r.csv", tokens("a")), ("r.jsonl", table("a"))])
def test_a_stream_of_another_kind_is_refused_at_its_first_frame(
    name: str, piece: TokenRecording | NumericRecording, tmp_path: Path
) -> None:
    writer = FileWriter(tmp_path / name)
    with pytest.raises(UsageError, match=f"cannot hold a {piece.info.kind} stream"):
        writer.append(piece)
    writer.discard()
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_an_error_of_the_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        FileWriter(tmp_path / "file" / "r.csv")
    for name, piece in (("r.csv", table("a")), ("r.jsonl", tokens("a"))):
        (tmp_path / "gone").mkdir()
        writer = FileWriter(tmp_path / "gone" / name)
        (tmp_path / "gone").rmdir()

        def write(writer: FileWriter = writer, piece: NumericRecording | TokenRecording = piece) -> None:
            writer.append(piece)
            writer.close()

        with pytest.raises(StoreError, match="No such file or directory") as caught:
            write()
        assert caught.value.hint == "choose another place"
