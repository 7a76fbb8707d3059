"""What `midstream record` does: read a source to its end, or to Ctrl-C, and write down every frame of it."""

import time
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from midstream_cli.cli import console, interrupts, output
from midstream_cli.cli.reading import follow, losses
from midstream_cli.errors import ExitCode, FormatError, MidstreamError, SourceError
from midstream_cli.recordings import Recording
from midstream_cli.streams.select import between, limited
from midstream_cli.streams.single_file import FileWriter, writer_for
from midstream_cli.streams.source import Source, open_source
from midstream_cli.streams.transports import Patience

if TYPE_CHECKING:
    from midstream_cli.streams.describe import Describe
    from midstream_cli.streams.recording import RecordingWriter


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be written down, and where."""

    source: str
    out: Path
    force: bool
    input_format: str | None
    frame_rate_hz: float | None
    keep_bad: bool
    frames: int | None
    duration_s: float | None
    patience: Patience
    describe: bool
    """Say on stdout what was written."""


@dataclass(slots=True)
class _Course:
    """What has been seen of the source so far."""

    opened: Source | None = None
    begun_s: float = field(default_factory=time.monotonic)
    span_ns: tuple[int, int] | None = None
    description: "Describe | None" = None

    def add(self, piece: Recording, *, describe: bool) -> None:
        if piece.info.clock != "none":
            first, last = int(piece.time_ns[0]), int(piece.time_ns[-1])
            self.span_ns = (self.span_ns[0] if self.span_ns else first, last)
        if describe and self.description is None:
            from midstream_cli.streams.describe import Describe

            self.description = Describe(piece.info, self.opened.tally if self.opened else None)
        if self.description:
            self.description.extend(piece)

    @property
    def seconds(self) -> float:
        """How long the stream was by its own clock; without one, by ours."""
        return (self.span_ns[1] - self.span_ns[0]) / 1e9 if self.span_ns else time.monotonic() - self.begun_s


def record(job: Job) -> int:
    """Write a source down; whatever ends it, what came until then is kept and told.

    Raises:
        SourceError: the source went away, or not one frame came.
        FormatError: what came is nothing that can be read.
        StoreError: there was no room for all of it.
        UsageError: there is something at the destination already, or it cannot hold such a stream.
    """
    interrupts.take_all_as_ctrl_c()
    course, end = _Course(), None
    with writer_for(job.out, source=job.source, force=job.force) as writer:
        try:
            _copy(job, writer, course)
        except (KeyboardInterrupt, MidstreamError) as reason:
            end = reason
        finally:
            interrupts.last_chance()
            if writer.frames == 0:
                writer.discard()
        writer.close()
    if writer.frames:
        _tell(job, writer, course)
    elif end is None:
        raise _nothing(job, course)
    else:
        console.note("no frame came: nothing is kept")
    if isinstance(end, MidstreamError):
        raise end
    return ExitCode.INTERRUPTED if end else ExitCode.OK


def _copy(job: Job, writer: "RecordingWriter | FileWriter", course: _Course) -> None:
    opened = open_source(
        job.source,
        input_format=job.input_format,
        frame_rate_hz=job.frame_rate_hz,
        patience=job.patience,
        say=console.warning,
        keep_bad=job.keep_bad,
    )
    with opened:
        course.opened, writer.tally = opened, opened.tally
        opened.pieces = limited(between(opened.pieces, None, job.duration_s), job.frames)
        # closed here, whatever happens, so that its progress is off the terminal before anything is said
        with closing(follow(opened, "recording", job.duration_s)) as pieces:
            for piece in pieces:
                with interrupts.held_back():
                    if piece is None:
                        writer.flush()
                    else:
                        writer.append(piece)
                        course.add(piece, describe=job.describe)


def _nothing(job: Job, course: _Course) -> MidstreamError:
    """Why a source that ended well has left nothing to keep."""
    bad = course.opened.tally.bad if course.opened else 0
    if bad:
        return FormatError(
            f"{job.source} has not one whole frame, but {bad:,} damaged ones", "midstream info tells more"
        )
    return SourceError(f"no frame came from {job.source}", "midstream doctor finds what is wrong with a set-up")


def _tell(job: Job, writer: "RecordingWriter | FileWriter", course: _Course) -> None:
    """Say what was written, and what was not."""
    tally = course.opened.tally if course.opened else None
    said = [f"{course.seconds:.1f} s"]
    if tally:
        said += [f"{tally.lost:,} lost"] if tally.numbered else []
        said += [f"{tally.dropped.total():,} dropped"] if tally.dropped else []
    console.note(f"wrote {writer.kept:,} frames to {job.out} ({', '.join(said)})")
    for sentence in losses(course.opened) if course.opened else ():
        console.warning(sentence)
    if course.description:
        form = writer.format if isinstance(writer, FileWriter) else "midstream"
        results = [replace(result, path=str(job.out), format=form) for result in course.description.finish()]
        output.write(results, output.OutputFormat.JSONL)
