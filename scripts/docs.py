"""Write the generated pages of docs/, or with --check, fail where they are not what the code says."""

import os
import sys
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

DOCS = Path(__file__).resolve().parents[1] / "docs"
MADE = "<!-- Made by scripts/docs.py from the code; changes here are lost. -->\n\n"

os.environ["COLUMNS"] = "100"
os.environ["NO_COLOR"] = "1"


def main() -> int:
    """Write or check every generated page."""
    from midstream_cli.cli import topics

    pages = {
        "exit-codes.md": page("Exit codes", "What the exit code of every command means.", fenced(topics.exit_codes())),
        "formats.md": page("Formats", FORMATS, fenced(topics.formats()), *format_sections()),
        "sources.md": page("Sources", SOURCES, *(section(name, text) for name, text in source_sections())),
        "features.md": page("Features", FEATURES, fenced(topics.features())),
        "configuration.md": page(
            "Configuration", topics.configuration(), "## Environment", fenced(topics.environment())
        ),
        "tables.md": page("Tables", TABLES, *table_sections()),
        **command_pages(),
    }
    stale = [name for name, text in pages.items() if not same(DOCS / name, text)]
    known = {str(path.relative_to(DOCS)) for path in (DOCS / "commands").glob("*.md")}
    stale += [f"{name} (no such command)" for name in sorted(known - pages.keys())]
    if "--check" in sys.argv:
        for name in stale:
            print(f"docs/{name} is not what the code says; run python scripts/docs.py", file=sys.stderr)
        return bool(stale)
    for name, text in pages.items():
        (DOCS / name).parent.mkdir(parents=True, exist_ok=True)
        (DOCS / name).write_text(text, encoding="utf-8")
    return 0


FORMATS = """The format of a stream is told by its content; `--input-format NAME` overrides. Malformed records are counted by
kind of damage and passed over; `midstream info` shows the counts."""
SOURCES = """A source is a path, `-`, or a URL. Paths may be globs (quoted, so that the shell leaves them alone) and folders;
gzip and zstd are told by their first bytes."""
FEATURES = (
    """A feature turns frames into vectors; a signature names the one it was captured with. `--feature NAME` chooses."""
)
TABLES = """Each result is one row of one DuckDB table, one JSON object and one CSV row, with the same names. In the store, every
table but `runs` has `run_id` as its first column. `midstream query 'SQL'` reads them."""


def same(path: Path, text: str) -> bool:
    """Whether a page is up to date."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


def page(title: str, introduction: str, *sections: str) -> str:
    """A whole page."""
    return f"# {title}\n\n{MADE}" + "\n\n".join([introduction.strip(), *sections]) + "\n"


def section(title: str, text: str) -> str:
    """A part of a page."""
    return f"## {title}\n\n{text.strip()}"


def fenced(text: str) -> str:
    """Text as it stands."""
    return f"```text\n{text.rstrip()}\n```"


def command_pages() -> dict[str, str]:
    """One page a command, with the help of its subcommands."""
    from midstream_cli.cli import topics
    from midstream_cli.cli.app import tree

    pages = {}
    for name, command in tree().commands.items():
        helps = [topics.page([name])] + [topics.page([name, sub]) for sub in getattr(command, "commands", {})]
        summary = (command.help or "").strip().partition("\n")[0]
        pages[f"commands/{name}.md"] = page(f"midstream {name}", summary, *map(fenced, helps))
    return pages


def format_sections() -> list[str]:
    """What the module of each format says beyond its first line."""
    import inspect

    from midstream_cli.streams import formats

    found = []
    for name in formats.names():
        rest = inspect.cleandoc(formats.load(name).__doc__ or "").partition("\n")[2]
        if rest.strip():
            found.append(section(name, rest))
    return found


def source_sections() -> list[tuple[str, str]]:
    """What the module of each transport says."""
    import inspect

    from midstream_cli.streams import transports

    return [(name, inspect.cleandoc(transports.load(f"{name}://").__doc__ or "")) for name in transports.names()]


def table_sections() -> list[str]:
    """One section a result class."""
    import inspect

    from midstream_cli.results import RESULTS, columns

    found = []
    for result in RESULTS:
        rows = [f"| `{name}` | {type_name(kind)} | {meaning} |" for name, (kind, meaning) in columns(result).items()]
        table = "\n".join(["| column | type | meaning |", "|---|---|---|", *rows])
        found.append(section(result.TABLE, f"{inspect.cleandoc(result.__doc__ or '')}\n\n{table}"))
    return found


def type_name(kind: Any) -> str:
    """A type as people write it."""
    if get_origin(kind) is list:
        return f"list of {type_name(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        return "map of text to int"
    inner = [each for each in get_args(kind) if each is not NoneType]
    if inner:
        return f"{type_name(inner[0])} or null"
    return {"str": "text", "int": "int", "float": "real", "bool": "bool"}[kind.__name__]


if __name__ == "__main__":
    sys.exit(main())
