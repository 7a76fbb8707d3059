"""What `midstream_cli.compare` offers: public names that cost nothing until they are used, and a page that is true."""

import ast
import doctest
import re
import subprocess
import sys
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest

from midstream_cli import compare

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "compare.md"
PACKAGE = Path(str(compare.__file__))

PUBLIC = sorted(set(dir(compare)) - {name for name in dir(compare) if name.startswith("_")} - set(vars(compare)))
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def run(program: str) -> str:
    """What a fresh Python prints."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_importing_the_package_imports_nothing_else() -> None:
    heavy = "numpy numba llvmlite scipy rapidfuzz"
    program = f"import sys, midstream_cli.compare as c; dir(c); print([m for m in {heavy.split()} if m in sys.modules])"
    assert run(program) == "[]"


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_is_what_its_module_defines(name: str) -> None:
    value: Any = getattr(compare, name)
    assert not isinstance(value, ModuleType)
    assert value.__name__ == name
    assert value.__module__.startswith("midstream_cli.compare.")
    assert value.__doc__


def test_a_public_name_means_the_same_whatever_was_imported_before() -> None:
    modules = sorted(path.stem for path in PACKAGE.parent.glob("[!_]*.py"))
    program = f"""
from importlib import import_module
for module in {modules}:
    import_module("midstream_cli.compare." + module)
import midstream_cli.compare as compare
print([name for name in {PUBLIC} if type(getattr(compare, name)).__name__ == "module"])
"""
    assert run(program) == "[]"


def test_type_checkers_see_the_names_that_there_are() -> None:
    tree = ast.parse(PACKAGE.read_text(encoding="utf-8"))
    guarded = next(each for each in tree.body if isinstance(each, ast.If))
    seen = {alias.asname for each in guarded.body if isinstance(each, ast.ImportFrom) for alias in each.names}
    assert sorted(map(str, seen)) == PUBLIC
    for each in guarded.body:
        assert isinstance(each, ast.ImportFrom)
        for alias in each.names:
            assert getattr(compare, alias.name).__module__ == each.module


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(AttributeError, match=r"'midstream_cli\.compare' has no attribute 'teleport'"):
        getattr(compare, "teleport")  # noqa: B009 - a type checker knows that there is none
    with pytest.raises(ImportError, match="teleport"):
        from midstream_cli.compare import teleport  # type: ignore[attr-defined]  # noqa: F401


def test_the_page_shows_every_function_and_class_that_does_something() -> None:
    shown = "\n".join(BLOCKS)
    doing = [
        name
        for name in PUBLIC
        if isinstance(getattr(compare, name), FunctionType) or name in {"Spring", "TemporalComparator", "Sequence"}
    ]
    assert [name for name in doing if not re.search(rf"\b{name}\(|\b{name}\.", shown)] == []


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_an_example_of_the_page_prints_what_it_shows(block: str) -> None:
    assert ">>> " in block
    example = doctest.DocTestParser().get_doctest(block, {}, PAGE.name, str(PAGE), 0)
    told: list[str] = []
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(example, out=told.append)
    assert result.attempted
    assert "".join(told) == ""
