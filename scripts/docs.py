"""Write the generated pages of docs/, or with --check, fail where they are not what the code says.

python scripts/docs.py [--check] [FOLDER]
"""

import inspect
import itertools
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

from picture import picture

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Made by scripts/docs.py from the code; changes here are lost. -->"

os.environ["COLUMNS"] = "100"
os.environ["NO_COLOR"] = "1"


def main(arguments: Sequence[str]) -> int:
    """Write or check every generated page."""
    folder = next((Path(word) for word in arguments if not word.startswith("-")), DOCS)
    made = pages()
    if "--check" not in arguments:
        for name, text in made.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(text, encoding="utf-8")
        return 0
    stale = [name for name, text in made.items() if not same(folder / name, text)]
    known = {str(path.relative_to(folder)) for path in (folder / "commands").glob("*.md")}
    stale += [f"{name} (no such command)" for name in sorted(known - made.keys())]
    for name in stale:
        print(f"docs/{name} is not what the code says; run python scripts/docs.py", file=sys.stderr)
    return bool(stale)


def pages() -> dict[str, str]:
    """Every generated file: its name under docs/ and its text."""
    from midstream_cli.cli import topics

    exit_codes = table(("code", "name", "meaning"), topics.exit_code_rows())
    environment = table(("variable", "option", "what it sets"), map(coded, topics.environment_rows()))
    formats = table(("format", "midstream can", "what it is"), map(coded, topics.format_rows()))
    features = table(("feature", "kind of stream", "what it measures"), map(coded, topics.feature_rows()))
    return {
        "exit-codes.md": page("Exit codes", EXIT_CODES, exit_codes),
        "formats.md": page("Formats", FORMATS, formats, *format_sections()),
        "sources.md": page("Sources", SOURCES, *source_sections()),
        "features.md": page("Features", FEATURES, features, *feature_sections()),
        "configuration.md": page("Configuration", blocks(topics.configuration()), section("Environment", environment)),
        "tables.md": page("Tables", TABLES, *table_sections()),
        "picture.svg": picture(),
        **command_pages(),
    }


EXIT_CODES = """What the exit code of every command means; `midstream help exit-codes` says the same. An error is one line on
standard error, `error: ...`, and mostly a second, `hint: ...`, that says what to do."""
FORMATS = """The format of a stream is told by its content; `--input-format NAME` overrides. Malformed records are counted by
kind of damage and passed over; `midstream info` shows the counts. Those that can be written are what
`midstream simulate SCENE FILE --format NAME` writes."""
SOURCES = """A source is a path, `-`, or a URL. Paths may be globs (quoted, so that the shell leaves them alone) and folders;
gzip and zstd are told by their first bytes."""
FEATURES = """A feature turns frames into vectors; a signature names the one it was captured with. `--feature NAME` chooses.

`doppler`, the default, is of the change in the channel alone, and so are signatures of it: on five real recordings of two
rooms, empty and with somebody walking, two-second windows were told apart with a balanced accuracy of 0.96 to 1.0,
whichever take the signatures were captured from. The other features of channel state also hold where things stand. They
tell gestures and places apart within a recording, and mostly fail in one of another hour: there, balanced accuracy was 0.5
to 1.0, and an empty room was hardly ever recognised as such.

Vectors of channel state come 32 a second, or `--rate`; with `--every-frame` one a frame, which [watching](introspection.md) is
quickest with."""
TABLES = """Each result is one row of one DuckDB table, one JSON object and one CSV row, with the same names. In the store, every
table but `runs` has `run_id` as its first column. `midstream query` shows the tables that there are, and asks them:

```sh
midstream query 'SELECT source, label, count(*) AS windows FROM matches JOIN runs USING (run_id) WHERE rank = 1 GROUP BY ALL'
```"""
COMMANDS = """`midstream COMMAND --help` shows the same. Results go to standard output, as a table on a terminal and as JSON lines in
a pipe; everything else goes to standard error. What an [exit code](../exit-codes.md) means, and how
[files and variables](../configuration.md) set options, is the same for all."""


def same(path: Path, text: str) -> bool:
    """Whether a page is up to date."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def page(title: str, *parts: str) -> str:
    """A whole page."""
    return "\n\n".join([f"# {title}", MADE, *(part.strip("\n") for part in parts)]) + "\n"


def section(title: str, text: str) -> str:
    """A part of a page."""
    return f"## {title}\n\n{text.strip()}"


def fenced(text: str) -> str:
    """Text as it stands."""
    return f"```text\n{text.rstrip()}\n```"


def blocks(text: str) -> str:
    """Text whose indented stretches stand as they are."""
    parts = []
    for indented, lines in itertools.groupby(text.split("\n\n"), lambda part: part.startswith("  ")):
        joined = "\n\n".join(lines)
        parts.append(fenced(inspect.cleandoc("\n" + joined)) if indented else joined)
    return "\n\n".join(parts)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table."""
    cells = [[cell.replace("|", r"\|") for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(row) + " |" for row in [header, ["---"] * len(header), *cells])


def coded(row: Sequence[str]) -> list[str]:
    """A row whose first cell, and every cell that is an option, is code."""
    return [f"`{cell}`" if i == 0 or cell.startswith("--") else cell for i, cell in enumerate(row)]


def command_pages() -> dict[str, str]:
    """One page a command, with the help of its subcommands, and a page that lists them."""
    from midstream_cli.cli import topics
    from midstream_cli.cli.app import tree

    made, rows = {}, []
    for name, command in tree().commands.items():
        subcommands = [section(f"midstream {name} {sub}", fenced(topics.page([name, sub]))) for sub in nested(command)]
        if name == "help":
            subcommands = [section("Topics", fenced(topics.page([])))]
        made[f"commands/{name}.md"] = page(f"midstream {name}", fenced(topics.page([name])), *subcommands)
        rows.append((f"[{name}]({name}.md)", summary(command.help)))
    index = table(("command", "what it does"), rows)
    return made | {"commands/README.md": page("Commands", COMMANDS, index)}


def nested(command: Any) -> list[str]:
    """The subcommands of a command, where it has any."""
    return list(getattr(command, "commands", ()))


def summary(text: str | None) -> str:
    """The first line of a help or a docstring."""
    return inspect.cleandoc(text or "").partition("\n")[0]


def format_sections() -> list[str]:
    """What the module of each format says beyond its first line."""
    from midstream_cli.streams import formats

    return rest_of([(name, formats.load(name)) for name in formats.names()])


def feature_sections() -> list[str]:
    """What the module of each feature says beyond its first line."""
    from midstream_cli.streams import features

    return rest_of([(name, features.load(name)) for name in features.names()])


def rest_of(modules: Iterable[tuple[str, object]]) -> list[str]:
    """A section each for the modules whose docstring goes on after its first line."""
    rests = ((name, inspect.cleandoc(module.__doc__ or "").partition("\n")[2]) for name, module in modules)
    return [section(name, blocks(rest.strip("\n"))) for name, rest in rests if rest.strip()]


def source_sections() -> list[str]:
    """What the module of each transport says; the scenes besides."""
    from midstream_cli.cli import topics
    from midstream_cli.streams import transports

    made = []
    for name in transports.names():
        text = blocks(inspect.cleandoc(transports.load(f"{name}://").__doc__ or ""))
        if name == "demo":
            text += "\n\n" + table(("scene", "kind of stream", "what happens"), map(coded, topics.scene_rows()))
        made.append(section(name, text))
    return made


def table_sections() -> list[str]:
    """One section a result class."""
    from midstream_cli.results import RESULTS, columns

    made = []
    for result in RESULTS:
        rows = [(f"`{name}`", type_name(kind), meaning) for name, (kind, meaning) in columns(result).items()]
        about = inspect.cleandoc(result.__doc__ or "")
        made.append(section(result.TABLE, f"{about}\n\n{table(('column', 'type', 'meaning'), rows)}"))
    return made


def type_name(kind: Any) -> str:
    """A type as people write it."""
    if get_origin(kind) is list:
        return f"list of {type_name(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        key, value = map(type_name, get_args(kind))
        return f"map of {key} to {value}"
    if is_typeddict(kind):
        return "object of " + ", ".join(f"{name} {type_name(each)}" for name, each in get_type_hints(kind).items())
    inner = [each for each in get_args(kind) if each is not NoneType]
    if inner:
        return f"{type_name(inner[0])} or null"
    return {"str": "text", "int": "int", "float": "real", "bool": "bool"}[kind.__name__]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
