"""The entry point: answers `--version` at once, and turns what went wrong into a message and an exit code."""

import os
import sys
from collections.abc import Sequence

from midstream_cli import __version__
from midstream_cli.errors import ExitCode, MidstreamError


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if arguments in (["--version"], ["-V"]):
        print(f"midstream {__version__}")
        sys.exit(0)
    sys.exit(_run(arguments))


def _run(arguments: Sequence[str]) -> int:
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
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.OK
    except Exception as error:
        if debug:
            raise
        console.error(
            f"{type(error).__name__}: {error}",
            f"this is a defect in midstream {__version__}; please report it with the output of the same command "
            "and --debug",
        )
        return ExitCode.BUG
