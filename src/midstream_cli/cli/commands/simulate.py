"""`midstream simulate`: a stream that never was, written as if it had been."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from midstream_cli.cli import console, output
from midstream_cli.cli import options as o
from midstream_cli.errors import ExitCode, StoreError, UsageError

if TYPE_CHECKING:
    from midstream_cli.frames import Kind
    from midstream_cli.recordings import Recording

EXAMPLES = (
    "midstream simulate walking recordings/walking",
    "midstream simulate day day.csv --format esp32-csi-tool --truth > day.truth.jsonl",
    "midstream simulate breathing - --duration 30s --snr 25 | midstream info -",
    "midstream simulate chat chat.sse --format openai-chat",
    "midstream simulate lorenz lorenz.csv --noise 0.05",
)

Scene = Annotated[
    str, typer.Argument(metavar="SCENE", help="What happens; `midstream help scenes` lists all.", show_default=False)
]
Out = Annotated[
    str,
    typer.Argument(
        metavar="OUT",
        help="A folder; a file, by its name .jsonl (tokens), .csv, .npz or .parquet, or of any name with --format; or "
        "- for standard output.",
        show_default=False,
    ),
]
Format = Annotated[
    str | None,
    typer.Option("--format", metavar="NAME", help="Write a file in this format.", show_default=False),
]
Length = Annotated[
    float | None,
    typer.Option(
        "--duration", "-d", parser=o.seconds, metavar="TIME", help="How long (default: 1m, chat 10s, lorenz 100s)."
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        callback=o.a_number, metavar="HZ", help="Frames, tokens or samples a second (default: 100, chat 40, lorenz 50)."
    ),
]
Loss = Annotated[
    float | None, typer.Option(callback=o.a_number, metavar="SHARE", help="Packets that get lost, 0 to 1 (default: 0).")
]
Snr = Annotated[
    float | None, typer.Option(callback=o.a_number, metavar="DB", help="Ratio of signal to noise (default: 20).")
]
Number = Annotated[int | None, typer.Option(metavar="N", help="Another room; scenes in one room go together.")]
Nodes = Annotated[int | None, typer.Option(metavar="N", help="Senders, which take turns (default: 1).")]
Noise = Annotated[
    float | None,
    typer.Option(
        callback=o.a_number, metavar="SHARE", help="White noise on numbers, of their standard deviation (default: 0)."
    ),
]
Truth = Annotated[bool, typer.Option("--truth", help="Write what happens when to standard output, as JSON lines.")]


def command(
    scene: Scene,
    out: Out,
    format: Format = None,  # noqa: A002 - named as users type it
    duration: Length = None,
    rate: Rate = None,
    seed: o.Seed = 1,
    room: Number = None,
    nodes: Nodes = None,
    snr: Snr = None,
    loss: Loss = None,
    noise: Noise = None,
    truth: Truth = False,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there already.")] = False,
    quiet: o.Quiet = False,
) -> int:
    """Simulate a stream and write it down.

    The same options write the same frames every time.
    """
    from midstream_cli.streams.simulate import catalogue

    console.quiet = quiet
    given = {"duration": duration, "rate": rate, "room": room, "nodes": nodes, "snr": snr, "loss": loss, "seed": seed}
    given["noise"] = noise
    settings = {name: value for name, value in given.items() if value is not None}
    for name in settings.keys() - catalogue.options(scene).keys():
        raise UsageError(f"--{name} means nothing for {scene}", f"it knows --{', --'.join(catalogue.options(scene))}")
    played = catalogue.play(scene, settings)
    if truth and (out == "-" or played.truth is None):
        why = "they cannot both go to standard output" if out == "-" else f"nobody knows when what happens in {scene}"
        raise UsageError(
            f"--truth is not possible here: {why}", "name a file or a folder, and a scene that is not of tokens"
        )
    course = Course()
    pieces = course.follow(played.pieces)
    if format or out == "-":
        write_bytes(out, pieces, format or catalogue.FORMATS[played.kind], played.kind, force=force)
    else:
        write_frames(Path(out), pieces, scene, force=force)
    console.note(f"wrote {course.frames:,} frames to {out} ({course.seconds:.1f} s)")
    for start_s, end_s, label in (played.truth or ()) if truth else ():
        output.line({"start_s": start_s, "end_s": end_s, "label": label})
    return ExitCode.OK


@dataclass(slots=True)
class Course:
    """How far the scene has come."""

    frames: int = 0
    first_ns: int = 0
    last_ns: int = 0

    @property
    def seconds(self) -> float:
        """From the first frame to the last."""
        return (self.last_ns - self.first_ns) / 1e9

    def follow(self, pieces: "Iterator[Recording]") -> "Iterator[Recording]":
        """The same pieces, counted as they pass."""
        for piece in pieces:
            if len(piece):
                self.first_ns = self.first_ns if self.frames else int(piece.time_ns[0])
                self.last_ns = int(piece.time_ns[-1])
                self.frames += len(piece)
            yield piece


def write_bytes(out: str, pieces: "Iterator[Recording]", name: str, kind: "Kind", *, force: bool) -> None:
    """Write a stream in a format, to a file or to standard output.

    Raises:
        UsageError: there is a file already, or the format cannot hold the stream.
        StoreError: there is no room for it.
    """
    from midstream_cli.streams.segments import whole_file
    from midstream_cli.streams.simulate import wire

    data = wire.encoded(pieces, wire.encoder(name, kind))
    if out == "-":
        sys.stdout.buffer.writelines(data)
        return
    path = Path(out)
    if path.is_dir() or (path.exists() and not force):
        raise UsageError(f"there is {path} already", "choose another name, or replace a file: --force")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            file.writelines(data)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error.strerror}", "choose another place") from None


def write_frames(out: Path, pieces: "Iterator[Recording]", scene: str, *, force: bool) -> None:
    """Write a stream as a recording of our own, or as the file that its name says.

    Raises:
        UsageError: there is something already, or the name says nothing.
        StoreError: there is no room for it.
    """
    from midstream_cli.streams.single_file import SUFFIXES, writer_for

    if out.suffix and out.suffix.lower() not in SUFFIXES and not out.is_dir():
        raise UsageError(f"{out.suffix} does not say which format {out} is to have", "say it with --format")
    with writer_for(out, source=f"demo://{scene}", force=force) as writer:
        for piece in pieces:
            writer.append(piece)
