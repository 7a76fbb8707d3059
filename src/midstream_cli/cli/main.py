"""The entry point: answers `--version` at once, and turns what went wrong into a message and an exit code."""

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from midstream_cli import __version__
from midstream_cli.errors import ExitCode, MidstreamError

UNWRITABLE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What an output says that has no room left, or has gone with its terminal."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    # what imports allocate stays: looking for garbage among it is a twentieth of a short command
    gc.set_threshold(100_000, 20, 20)
    _prepare_streams()
    _prepare_matrices()
    sys.exit(_run(arguments))


def _prepare_streams() -> None:
    """Closed streams lead nowhere; characters that an encoding lacks are written as their numbers."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open until the end
        elif isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _prepare_matrices() -> None:
    """One thread for each product of matrices: here they are so small that more of them mostly wait, and burn time at it."""
    # read once, when numpy is imported
    if not any(name in os.environ for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS")):
        os.environ["OPENBLAS_NUM_THREADS"] = "1"


def _run(arguments: Sequence[str]) -> int:
    """The exit code of a command line, whatever becomes of its output."""
    try:
        code = _answer(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        _mute()
        return ExitCode.OK
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        from midstream_cli.cli import console

        _mute()
        with suppress(OSError):
            console.error(f"the output cannot be written: {error.strerror}", "make room where it goes")
        return ExitCode.STORE
    return code


def _mute() -> None:
    """Whoever read our output has gone: say nothing more, neither now nor when Python closes the stream."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _answer(arguments: Sequence[str]) -> int:
    if arguments in (["--version"], ["-V"]):
        print(f"midstream {__version__}")
        return ExitCode.OK
    from midstream_cli.cli import console

    debug = "--debug" in arguments or bool(os.environ.get("MIDSTREAM_DEBUG"))
    try:
        from midstream_cli.cli.app import run

        return run([argument for argument in arguments if argument != "--debug"])
    except MidstreamError as error:
        if debug:
            raise
        console.error(str(error), error.hint)
        return error.exit_code
    except Exception as error:
        if debug or isinstance(error, BrokenPipeError) or getattr(error, "errno", None) in UNWRITABLE:
            raise
        console.error(
            f"{type(error).__name__}: {error}",
            f"this is a defect in midstream {__version__}; please report it with the output of the same command "
            "and --debug",
        )
        return ExitCode.BUG
