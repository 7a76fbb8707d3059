"""A recording as one file of another format: tokens as `.jsonl`, numbers and channel state as `.csv`, `.npz`, `.parquet`."""

import errno
import itertools
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self, cast

from midstream_cli.errors import StoreError, UsageError
from midstream_cli.recordings import Recording, concatenate
from midstream_cli.streams import formats
from midstream_cli.streams.arrow_columns import layout_of
from midstream_cli.streams.recording import RecordingWriter
from midstream_cli.streams.segments import whole_file
from midstream_cli.streams.tally import Tally

SUFFIXES = {".jsonl": "tokens-jsonl", ".csv": "csv", ".npz": "npz", ".parquet": "parquet"}
"""Which format a file is written in, by the end of its name; any other name is that of a folder."""

LOG = "tokens-jsonl"
"""The format that is written event by event; the others need all frames at once."""


def writer_for(out: Path, *, source: str = "", force: bool = False) -> "RecordingWriter | FileWriter":
    """What writes frames to `out`: a folder, or by its name a file.

    Raises:
        UsageError: there is something already.
        StoreError: it cannot be written.
    """
    if out.suffix.lower() in SUFFIXES:
        return FileWriter(out, force=force)
    return RecordingWriter(out, source=source, force=force)


class FileWriter:
    """Writes the pieces of one stream to one file: tokens as they come, everything else when it is closed."""

    def __init__(self, path: Path, *, force: bool = False) -> None:
        """Make sure that there is a place for the file.

        Raises:
            UsageError: there is something already.
            StoreError: its folder cannot be made.
        """
        self.path = path
        self.frames = self.kept = 0
        self.tally: Tally | None = None
        self.format = SUFFIXES[path.suffix.lower()]
        self._pieces: list[Recording] = []
        self._log: IO[bytes] | None = None
        self._closed = False
        if path.is_dir() or (path.exists() and not force):
            hint = "choose another name" if path.is_dir() else "choose another name, or replace it: --force"
            raise UsageError(f"there is a {'folder' if path.is_dir() else 'file'} {path} already", hint)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._refused(error) from None

    def append(self, piece: Recording) -> None:
        """Take the next frames of the stream.

        Raises:
            UsageError: the format cannot hold such frames.
            StoreError: there is no room for them.
        """
        if self.frames == 0:
            self._check(piece)
        elif self._pieces and layout_of(piece) != layout_of(self._pieces[0]):
            raise UsageError(
                f"the fields of the stream change on the way, which one {self.path.suffix} cannot hold",
                "record it into a folder",
            )
        self.frames += len(piece)
        if self.format != LOG:
            self._pieces.append(piece)
            return
        try:
            # the first message is the header
            first = self._log is None
            self._log = self._log or self.path.open("wb")
            self._log.writelines(itertools.islice(self._encoded(piece), None if first else 1, None))
        except OSError as error:
            raise self._refused(error) from None

    def _check(self, piece: Recording) -> None:
        if (piece.info.kind == "token") != (self.format == LOG):
            fitting = ", ".join(
                suffix for suffix, name in SUFFIXES.items() if (name == LOG) == (piece.info.kind == "token")
            )
            raise UsageError(
                f"{self.path.suffix} cannot hold a {piece.info.kind} stream", f"{fitting} can, and a folder always"
            )

    def _encoded(self, piece: Recording) -> Any:
        return cast(formats.WritableFormat, formats.load(self.format)).encode(piece)

    def flush(self) -> None:
        """Hand what was written to the system.

        Raises:
            StoreError: there is no room for it.
        """
        if self._log:
            try:
                self._log.flush()
            except OSError as error:
                raise self._refused(error) from None
            self.kept = self.frames

    def close(self) -> None:
        """Write what is left; a second call does nothing.

        Raises:
            StoreError: there is no room for it.
        """
        if self._closed:
            return
        self._closed = True
        try:
            if self._log:
                with self._log:
                    self.flush()
            elif self._pieces:
                joined: Recording = concatenate(self._pieces)  # type: ignore[type-var]
                with whole_file(self.path) as file:
                    file.writelines(self._encoded(joined))
                self.kept = self.frames
        except OSError as error:
            raise self._refused(error) from None

    def _refused(self, error: OSError) -> StoreError:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        return StoreError(
            f"{self.path} cannot be written: {error.strerror or error}",
            "make room, or choose another place" if full else "choose another place",
        )

    def discard(self) -> None:
        """Close; without frames there is no file."""
        self.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
            return
        with suppress(StoreError):
            self.close()
