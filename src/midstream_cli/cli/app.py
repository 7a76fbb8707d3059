"""The command table: one file of `commands/` is one subcommand, by its name."""

import importlib
import os
import pkgutil
from collections.abc import Sequence
from typing import Any

import typer

from midstream_cli.cli import commands
from midstream_cli.errors import ExitCode, UsageError

INTRODUCTION = """Analyse streams while they flow and after they were recorded: WiFi channel state from ESP32 boards, and
token streams of language models."""

EPILOGUE = """\b
Try it without hardware:
  $ midstream compare demo://day --signatures signatures
  $ midstream help exit-codes"""

COMPLETE = "_MIDSTREAM_COMPLETE"
"""Set by a shell that asks for completions."""


def build() -> typer.Typer:
    """The application, with every command that has a file."""
    app = typer.Typer(
        name="midstream",
        help=INTRODUCTION,
        epilog=EPILOGUE,
        rich_markup_mode=None,
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )

    @app.callback()
    def version(
        show: bool = typer.Option(False, "--version", "-V", help="Show the version and exit.", is_eager=True),
        debug: bool = typer.Option(False, "--debug", envvar="MIDSTREAM_DEBUG", help="Show tracebacks of errors."),
    ) -> None: ...

    for module in pkgutil.iter_modules(commands.__path__):
        name = module.name.replace("_", "-")
        command = importlib.import_module(f"{commands.__name__}.{module.name}")
        if hasattr(command, "group"):
            app.add_typer(command.group, name=name)
        else:
            app.command(name, epilog=examples(command.EXAMPLES))(command.command)
    return app


def examples(lines: Sequence[str]) -> str:
    """The examples at the end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  $ {line}" for line in lines)


def tree() -> Any:
    """The command tree as the option parser sees it."""
    return typer.main.get_command(build())


def run(arguments: Sequence[str]) -> int:
    """Run a command line; return its exit code.

    Raises:
        UsageError: the command line makes no sense.
    """
    command = tree()
    try:
        code = command.main(
            args=list(arguments),
            prog_name="midstream",
            standalone_mode=False,
            default_map=_defaults(command, arguments),
        )
    except typer.Abort:
        return ExitCode.INTERRUPTED
    except SystemExit as error:
        # typer leaves when whoever read our output has gone; that is no failure of ours
        if isinstance(error.__context__, OSError):
            raise BrokenPipeError from None
        raise
    except Exception as error:
        # typer carries its own copy of click, under a name that has changed; the shape of its errors has not
        if not hasattr(error, "format_message"):
            raise
        if type(error).__name__ == "NoArgsIsHelpError":
            print(error.format_message())
            return ExitCode.USAGE
        context = getattr(error, "ctx", None)
        path = context.command_path if context else "midstream"
        raise UsageError(error.format_message().rstrip("."), f"see {path} --help") from None
    return int(code or 0)


def _defaults(command: Any, arguments: Sequence[str]) -> dict[str, Any]:
    """What configuration files set; where they are wrong, what tells so or helps must work all the same."""
    from midstream_cli.cli import config

    try:
        return config.defaults(command)
    except UsageError:
        helps = not arguments or arguments[0] in ("doctor", "help") or {"-h", "--help"} & set(arguments)
        if helps or COMPLETE in os.environ:
            return {}
        raise
