"""The pages of `midstream help`, made from what the code itself says."""

import ast
import inspect
from collections.abc import Callable, Iterable
from textwrap import indent
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

    command = tree()
    context = command.make_context("midstream", [], resilient_parsing=True)
    for word in words:
        if word not in getattr(command, "commands", {}):
            raise UsageError(f"there is no page on {' '.join(words)!r}", f"topics are {', '.join(TOPICS)}")
        command = command.commands[word]
        context = command.make_context(word, [], parent=context, resilient_parsing=True)
    return str(command.get_help(context))


def exit_codes() -> str:
    """What the exit code of every command means."""
    return _table(exit_code_rows())


def exit_code_rows() -> list[tuple[str, ...]]:
    """Number, name, and the documentation string under each exit code."""
    body = ast.parse(inspect.getsource(ExitCode)).body[0]
    assert isinstance(body, ast.ClassDef)
    found: list[tuple[str, ...]] = []
    for assignment, text in zip(body.body, body.body[1:], strict=False):
        if isinstance(assignment, ast.Assign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            name = ast.unparse(assignment.targets[0])
            found.append((str(int(ExitCode[name])), name, str(text.value.value)))
    return found


def sources() -> str:
    """Where frames can come from."""
    from midstream_cli.streams import transports

    return "\n\n".join(
        f"{name}://\n" + indent(inspect.cleandoc(transports.load(f"{name}://").__doc__ or ""), "  ")
        for name in transports.names()
    )


def formats() -> str:
    """What formats are read, and which can be written."""
    return _table(format_rows())


def format_rows() -> list[tuple[str, ...]]:
    """Name, what midstream can do with it, and what it is, of each format."""
    from midstream_cli.streams import formats as known

    writable = set(known.writable())
    return [
        (name, "read, write" if name in writable else "read", _first_line(known.load(name))) for name in known.names()
    ]


def features() -> str:
    """What recordings and signatures can be compared by."""
    return _table(feature_rows())


def feature_rows() -> list[tuple[str, ...]]:
    """Name, kind of stream, and meaning of each feature."""
    from midstream_cli.streams import features as known

    return [(name, known.load(name).KIND, _first_line(known.load(name))) for name in known.names()]


def scenes() -> str:
    """What demo:// and midstream simulate can show."""
    return _table(scene_rows())


def scene_rows() -> list[tuple[str, ...]]:
    """Name, kind of stream, and course of each scene."""
    from midstream_cli.streams.simulate import catalogue

    return [(name, catalogue.kind_of(name), catalogue.about(name)) for name in catalogue.names()]


def environment() -> str:
    """Variables that set options, weaker than flags and stronger than configuration files."""
    return _table(environment_rows())


def environment_rows() -> list[tuple[str, ...]]:
    """Name, option, and meaning of each variable."""
    from midstream_cli.cli.app import tree

    found: dict[str, tuple[str, str]] = {}
    waiting = [tree()]
    for command in waiting:
        waiting += getattr(command, "commands", {}).values()
        for parameter in command.params:
            if getattr(parameter, "envvar", None):
                found[parameter.envvar] = (parameter.opts[0], parameter.help or "")
    rows = [(name, option, text) for name, (option, text) in sorted(found.items())]
    rows += [
        ("MIDSTREAM_CACHE", "", "The folder for machine code (default: midstream in the user's cache folder)."),
        ("MIDSTREAM_COMPILED", "", "off: kernels run as they are written, a thousand times slower; for tests."),
    ]
    return [*sorted(rows), ("NO_COLOR", "", "Set: no colours."), ("FORCE_COLOR", "", "Set: colours in pipes too.")]


def configuration() -> str:
    """Files that set options, weakest first."""
    return inspect.cleandoc(
        """
        Flags are stronger than environment variables, and these are stronger than files. Files, weakest first:

          $XDG_CONFIG_HOME/midstream/config.toml   the user's own
          pyproject.toml                           its table [tool.midstream]
          midstream.toml                           in the working directory

        A key at the top of a file is a default of every command that has such an option; a table holds the defaults of
        one command, [signatures.evaluate] those of one subcommand. Keys are the long names of options:

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


def _first_line(thing: Any) -> str:
    return inspect.cleandoc(thing.__doc__ or "").partition("\n")[0]


def _table(rows: Iterable[tuple[str, ...]]) -> str:
    listed = list(rows)
    widths = [max(len(row[i]) for row in listed) for i in range(len(listed[0]) - 1)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)) + "  " + row[-1]
        for row in listed
    )
