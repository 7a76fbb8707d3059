"""The pages of `midstream help`, made from what the code itself says."""

import ast
import inspect
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any

from midstream_cli.errors import ExitCode, UsageError


def page(words: list[str]) -> str:
    """The page of a topic or of a command; without words, the list of topics.

    Raises:
        UsageError: there is no such page.
    """
    if not words:
        listed = "\n".join(f"  {name:<15}{_first_line(make)}" for name, make in TOPICS.items())
        return f"Topics:\n{listed}\n\nmidstream help TOPIC shows one, midstream help COMMAND the help of a command."
    if words[0] in TOPICS:
        return TOPICS[words[0]]()
    from midstream_cli.cli.app import tree

    command, path = tree(), "midstream"
    for word in words:
        if word not in getattr(command, "commands", {}):
            raise UsageError(f"there is no page on {' '.join(words)!r}", f"topics are {', '.join(TOPICS)}")
        command, path = command.commands[word], f"{path} {word}"
    return str(command.get_help(command.make_context(path, [], resilient_parsing=True)))


def exit_codes() -> str:
    """What the exit code of every command means."""
    return _table((str(int(code)), code.name, meaning) for code, meaning in code_meanings().items())


def code_meanings() -> dict[ExitCode, str]:
    """The documentation string under each exit code."""
    body = ast.parse(inspect.getsource(ExitCode)).body[0]
    assert isinstance(body, ast.ClassDef)
    meanings = {}
    for assignment, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(assignment, ast.Assign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            meanings[ExitCode[ast.unparse(assignment.targets[0])]] = str(text.value.value)
    return meanings


def sources() -> str:
    """Where frames can come from."""
    from midstream_cli.streams import transports

    return _modules("midstream_cli.streams.transports", transports.names())


def formats() -> str:
    """What formats are read, and which can be written."""
    from midstream_cli.streams import formats as known

    writable = set(known.writable())
    pages = [
        (name, "read, write" if name in writable else "read", _first_line(known.load(name))) for name in known.names()
    ]
    return _table(pages)


def features() -> str:
    """What recordings and signatures can be compared by."""
    from midstream_cli.streams import features as known

    return _table((name, known.load(name).KIND, _first_line(known.load(name))) for name in known.names())


def scenes() -> str:
    """What demo:// and midstream simulate can show."""
    from midstream_cli.streams.simulate import catalogue

    return _table((name, catalogue.about(name)) for name in catalogue.names())


def environment() -> str:
    """Variables that set options, weaker than flags and stronger than configuration files."""
    from midstream_cli.cli.app import tree

    found: dict[str, tuple[str, str]] = {}
    for command in tree().commands.values():
        for parameter in command.params:
            if getattr(parameter, "envvar", None):
                found[parameter.envvar] = (parameter.opts[0], parameter.help or "")
    rows = [(name, option, text) for name, (option, text) in sorted(found.items())]
    return _table([*rows, ("NO_COLOR", "", "Set: no colours."), ("FORCE_COLOR", "", "Set: colours in pipes too.")])


def configuration() -> str:
    """Files that set options, weakest first."""
    from midstream_cli.cli import config

    return inspect.cleandoc(config.defaults.__doc__ or "").partition("Raises:")[0] + inspect.cleandoc(
        """
        Files, weakest first:
          $XDG_CONFIG_HOME/midstream/config.toml   the user's own
          pyproject.toml                           its table [tool.midstream]
          midstream.toml                           in the working directory

        For example:
          store = "lab.duckdb"

          [capture-signature]
          background = "recordings/idle_room"
        """
    )


TOPICS: dict[str, Callable[[], str]] = {
    "exit-codes": exit_codes,
    "sources": sources,
    "formats": formats,
    "features": features,
    "scenes": scenes,
    "environment": environment,
    "configuration": configuration,
}


def _modules(package: str, names: Iterable[str]) -> str:
    pages = [inspect.cleandoc(import_module(f"{package}.{name}").__doc__ or "") for name in names]
    return "\n\n".join(f"{name}://\n  " + text.replace("\n", "\n  ") for name, text in zip(names, pages, strict=True))


def _first_line(thing: Any) -> str:
    return inspect.cleandoc(thing.__doc__ or "").partition("\n")[0]


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    listed = list(rows)
    widths = [max(len(row[i]) for row in listed) for i in range(len(listed[0]) - 1)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) + "  " + row[-1]
        for row in listed
    )
