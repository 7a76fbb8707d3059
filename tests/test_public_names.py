"""What the rooms offer to Python: public names that cost nothing until they are used, and pages that are true."""

import ast
import doctest
import re
import subprocess
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from midstream_cli import attractor, compare, introspection, logic

DOCS = Path(__file__).resolve().parents[1] / "docs"

LIVE = {
    "Events", "Introspect", "IntrospectNodes", "LoopWatch", "Onset", "Recogniser", "RegimeWatch", "Spring", "TokenWatch",
}  # fmt: skip
"""Classes that take a stream bit by bit."""

WHOLE = {"AttractorAnalyzer", "PhasePoint", "Sequence", "TemporalComparator", "Trajectory"}
"""Classes of the crates whose interface is kept."""

ROOMS = (compare, attractor, introspection, logic)


def name_of(room: ModuleType) -> str:
    """The last part of a package's name."""
    return room.__name__.rpartition(".")[2]


every_room = pytest.mark.parametrize("room", ROOMS, ids=name_of)


def public(room: ModuleType) -> list[str]:
    """The names that a package offers, its own modules aside."""
    return sorted({name for name in dir(room) if not name.startswith("_")} - vars(room).keys())


PUBLIC = {room: public(room) for room in ROOMS}

NAMES = [(room, name) for room in ROOMS for name in PUBLIC[room]]


def page(room: ModuleType) -> Path:
    """What explains a package."""
    return DOCS / f"{name_of(room)}.md"


def blocks(room: ModuleType) -> list[str]:
    """The examples of its page."""
    return re.findall(r"^```python\n(.*?)^```", page(room).read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


EXAMPLES = [
    pytest.param(room, block, id=f"{name_of(room)}-{at}") for room in ROOMS for at, block in enumerate(blocks(room))
]


def run(program: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@every_room
def test_importing_the_package_imports_nothing_else(room: ModuleType) -> None:
    heavy = "numpy numba llvmlite scipy rapidfuzz"
    program = f"import sys, {room.__name__} as c; dir(c); print([m for m in {heavy.split()} if m in sys.modules])"
    assert run(program) == "[]"


@pytest.mark.parametrize(("room", "name"), NAMES, ids=lambda each: each if isinstance(each, str) else name_of(each))
def test_a_public_name_is_what_its_module_defines(room: ModuleType, name: str) -> None:
    value: Any = getattr(room, name)
    assert not isinstance(value, ModuleType)
    assert value.__name__ == name
    assert value.__module__.startswith((f"{room.__name__}.", "midstream_cli.errors"))
    assert value.__doc__


@every_room
def test_a_public_name_means_the_same_whatever_was_imported_before(room: ModuleType) -> None:
    modules = sorted(path.stem for path in Path(str(room.__file__)).parent.glob("[!_]*") if path.stem != "kernels")
    program = f"""
from importlib import import_module
for module in {modules}:
    import_module("{room.__name__}." + module)
import {room.__name__} as room
print([name for name in {PUBLIC[room]} if type(getattr(room, name)).__name__ == "module"])
"""
    assert run(program) == "[]"


@every_room
def test_type_checkers_see_the_names_that_there_are(room: ModuleType) -> None:
    tree = ast.parse(Path(str(room.__file__)).read_text(encoding="utf-8"))
    guarded = next(each for each in tree.body if isinstance(each, ast.If))
    imports = [each for each in guarded.body if isinstance(each, ast.ImportFrom)]
    assert sorted(str(alias.asname) for each in imports for alias in each.names) == PUBLIC[room]
    for each in imports:
        for alias in each.names:
            assert getattr(room, alias.name).__module__ == each.module


@every_room
def test_an_unknown_name_is_told(room: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"'{re.escape(room.__name__)}' has no attribute 'teleport'"):
        getattr(room, "teleport")  # noqa: B009 - a type checker knows that there is none
    with pytest.raises(ImportError, match="teleport"):
        exec(f"from {room.__name__} import teleport")  # noqa: S102 - as a user writes it


@every_room
def test_the_page_shows_every_function_and_class_that_does_something(room: ModuleType) -> None:
    shown = "\n".join(blocks(room))
    doing = [name for name in PUBLIC[room] if isinstance(getattr(room, name), FunctionType) or name in LIVE | WHOLE]
    assert [name for name in doing if not re.search(rf"\b{name}\(|\b{name}\.", shown)] == []


@pytest.mark.parametrize(("room", "block"), EXAMPLES)
def test_an_example_of_the_page_prints_what_it_shows(room: ModuleType, block: str) -> None:
    assert ">>> " in block
    example = doctest.DocTestParser().get_doctest(block, {}, page(room).name, str(page(room)), 0)
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example, out=told.append)
    assert result.attempted
    assert "".join(told) == ""
