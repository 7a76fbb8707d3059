"""Our own recordings: a folder that grows while a stream is written, and loses no flushed frame whatever happens.

A folder holds `manifest.json`, sealed segments `segment-000000.parquet` and so on, and while it is being written one
hot segment `segment-000007.arrows`. Samples are bytes in the narrowest type that keeps them exactly.
"""

import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from midstream_cli import __version__
from midstream_cli.errors import StoreError
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, concatenate
from midstream_cli.streams.arrow_columns import SAMPLE_TYPES, batch_of, layout_of, recording_of
from midstream_cli.streams.expand import MANIFEST
from midstream_cli.streams.recording_folder import (
    FORMAT,
    VERSION,
    add_to_tally,
    being_written,
    claim,
    read_manifest,
    tally_to_json,
    write_manifest,
)
from midstream_cli.streams.segments import (
    HOT,
    SEALED,
    HotSegment,
    hot_batches,
    seal,
    sealed_batches,
    segment_files,
    segment_path,
)
from midstream_cli.streams.tally import Tally

FLUSH_S, FLUSH_BYTES = 0.1, 8 << 20
"""Frames wait for each other no longer than this before they are written, and take no more memory than this."""

SEAL_S, SEAL_BYTES = 30.0, 64 << 20
"""A segment is sealed when it is so old, or its hot file so large."""


class RecordingWriter:
    """Writes the pieces of one stream to a folder.

    Frames are safe from the death of this process once they are flushed, which `append` does on its own at most every
    100 ms; call `flush` when the stream pauses.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        source: str = "",
        tally: Tally | None = None,
        force: bool = False,
        flush_s: float = FLUSH_S,
        seal_s: float = SEAL_S,
        seal_bytes: int = SEAL_BYTES,
    ) -> None:
        """Make the folder.

        Args:
            path: a folder that is empty or does not exist yet.
            source: where the stream comes from, for the manifest.
            tally: what is counted of the stream while it is read; it is kept with the frames.
            force: replace a recording that is there already.
            flush_s, seal_s, seal_bytes: see the constants of this module.

        Raises:
            UsageError: there is something in the folder already.
            StoreError: another process writes there, or the folder cannot be made.
        """
        self.path = Path(path)
        self.tally = tally
        self.frames = 0
        """Appended so far."""
        self.kept = 0
        """Of those, safe by now."""
        self._flush_s, self._seal_s, self._seal_bytes = flush_s, seal_s, seal_bytes
        self._pending: list[Recording] = []
        self._pending_bytes = 0
        self._flush_due = self._seal_due = 0.0
        self._layout: Hashable = None
        self._hot: HotSegment | None = None
        self._segments = 0
        self._failure: StoreError | None = None
        self._closed = False
        self._manifest: dict[str, Any] = {
            "format": FORMAT,
            "version": VERSION,
            "kind": None,
            "info": None,
            "source": source,
            "created": datetime.now(UTC).isoformat(),
            "midstream": __version__,
            "csi_types": [f"pairs of {kind.__name__}, real part first" for kind in SAMPLE_TYPES],
            "closed": False,
        }
        self._lock = claim(self.path, force=force)
        try:
            self._write_manifest()
        except BaseException:
            self._lock.release()
            raise

    def append(self, piece: Recording) -> None:
        """Take the next frames of the stream.

        Raises:
            StoreError: the disk is full or the folder went away; what was flushed before is kept.
        """
        if self._closed:
            raise ValueError("the recording is closed")
        if self._failure:
            # going on behind a hole would be a recording that looks whole
            raise self._failure
        if len(piece) == 0:
            return
        layout = layout_of(piece)
        if layout != self._layout:
            self.flush()
            self._seal()
            self._layout = layout
        now = time.monotonic()
        if not self._pending:
            self._flush_due = now + self._flush_s
        self._pending.append(piece)
        self._pending_bytes += _size(piece)
        self.frames += len(piece)
        if now >= self._flush_due or self._pending_bytes >= FLUSH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand all frames to the system; when this returns, they survive the death of the process.

        Raises:
            StoreError: the disk is full or the folder went away; what was flushed before is kept.
        """
        if self._pending:
            joined: Recording = concatenate(self._pending)  # type: ignore[type-var]
            self._pending, self._pending_bytes = [], 0
            with self._storing():
                for piece in _slices(joined):
                    self._write(piece)
        if self._hot and (time.monotonic() >= self._seal_due or self._hot.size >= self._seal_bytes):
            self._seal()

    def _write(self, piece: Recording) -> None:
        batch = batch_of(piece)
        if self._hot is None:
            if self._manifest["info"] is None:
                self._manifest |= {"kind": piece.info.kind, "info": asdict(piece.info)}
                self._write_manifest()
            self._hot = HotSegment(segment_path(self.path, self._segments, HOT), batch.schema)
            self._segments += 1
            self._seal_due = time.monotonic() + self._seal_s
        self._hot.write(batch)
        self.kept += len(piece)

    def _seal(self) -> None:
        hot, self._hot = self._hot, None
        if hot is None:
            return
        with self._storing():
            hot.close()
            seal(hot.path)
            self._write_manifest()

    def _write_manifest(self, **closing: Any) -> None:
        tally = {"tally": tally_to_json(self.tally)} if self.tally else {}
        with self._storing():
            write_manifest(self.path, self._manifest | {"frames": self.kept, **tally, **closing})

    def close(self, tally: Tally | None = None) -> None:
        """Write and seal what is left, and what was counted; a second call does nothing.

        Raises:
            StoreError: there was no room for all of it; what was flushed before is kept.
        """
        if self._closed:
            return
        self._closed = True
        self.tally = tally or self.tally
        try:
            if self._failure:
                # there was no room before; what little still goes in, goes in
                with suppress(StoreError):
                    self._write_manifest(closed=True, segments=self._segments)
                return
            self.flush()
            self._seal()
            self._write_manifest(closed=True, segments=self._segments)
        finally:
            if self._hot:
                self._hot.abandon()
            self._lock.release()

    @contextmanager
    def _storing(self) -> Iterator[None]:
        """Turn what the system refuses into an error that says what was kept."""
        try:
            yield
        except OSError as error:
            what = f"{self.path} cannot be written: {error.strerror or error}"
            kept = f"{self.kept:,} of {self.frames:,} frames are kept there"
            self._failure = StoreError(f"{what}; {kept}", "make room, and record the rest into another folder")
            raise self._failure from None

    def discard(self) -> None:
        """Close, and take the folder away: for a stream that never came."""
        self.close()
        for path in (*segment_files(self.path), self.path / MANIFEST):
            path.unlink()
        with suppress(OSError):
            self.path.rmdir()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self.close()
            return
        # the error on its way out says more than one of closing
        with suppress(StoreError):
            self.close()


def read(path: str | Path, tally: Tally | None = None) -> Iterator[Recording]:
    """The frames of a recording, piece by piece, also of one that was cut short or is still being written.

    Args:
        path: the folder.
        tally: takes what was counted when the stream was recorded, and what is damaged now.

    Raises:
        FormatError: the folder is not a recording.
    """
    folder, tally = Path(path), tally if tally is not None else Tally()
    growing = being_written(folder)
    manifest = read_manifest(folder)
    add_to_tally(tally, manifest.get("tally", {}))
    if not manifest["closed"]:
        tally.note(f"{folder} is still being written" if growing else f"{folder} was never closed: its writer died")
    last = max(segment_files(folder).values(), default=-1)
    numbers = range(max(manifest.get("segments", 0), last + 1))
    batches = (batch for number in numbers for batch in _batches(folder, number, tally, growing=growing))
    return map(recording_of, batches)


def _batches(folder: Path, number: int, tally: Tally, *, growing: bool) -> Iterator[Any]:
    import pyarrow as pa

    sealed, hot = segment_path(folder, number, SEALED), segment_path(folder, number, HOT)
    try:
        if not sealed.exists():
            with suppress(FileNotFoundError):
                # where it is sealed between the question and the answer, it is there under its other name
                yield from hot_batches(hot, None if growing else tally)
                return
        yield from sealed_batches(sealed)
    except FileNotFoundError:
        tally.fault("segment missing", segment_path(folder, number, "").name)
    except (pa.ArrowInvalid, OSError) as error:
        tally.fault("segment damaged", f"{sealed.name}: {str(error).splitlines()[0]}")


def _size(piece: Recording) -> int:
    """About how many bytes a piece takes in memory."""
    if isinstance(piece, CsiRecording):
        return piece.csi.nbytes + 8 * len(piece) * len(piece.meta)
    return 8 * len(piece) * (1 + len(piece.columns)) if isinstance(piece, NumericRecording) else 100 * len(piece)


def _slices(piece: Recording) -> Iterator[Recording]:
    """A piece in parts of bounded size, each one batch."""
    rows = max(1, len(piece) * FLUSH_BYTES // max(_size(piece), 1))
    if rows >= len(piece):
        yield piece
        return
    for start in range(0, len(piece), rows):
        yield piece.take(slice(start, start + rows))
