"""The house stays in shape: small modules that say what they are for, no cycles, nothing that runs foreign code."""

import ast
import graphlib
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "midstream_cli"
MODULES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

MODULE_LINES, FUNCTION_LINES = 300, 70

NAMELESS = {"utils", "util", "helpers", "helper", "manager", "core", "common", "misc", "base", "lib"}
"""Names that say nothing of what is inside."""

FOREIGN = {"pickle", "cPickle", "dill", "marshal", "shelve"}
"""Modules that run what they read."""

RUNNERS = {"eval", "exec", "__import__", "unsafe_load", "full_load"}

NEVER = {"scipy.signal", "matplotlib.pyplot"}
"""820 ms, and a window system, before the first frame is read."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"))


def length(path: Path) -> int:
    """The lines of a file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def span(first: ast.stmt, last: ast.stmt) -> int:
    """The lines from where one statement begins to where another ends."""
    return (last.end_lineno or 0) - first.lineno + 1


def module_name(path: Path) -> str:
    """What `import` calls a file."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions(node: ast.AST) -> Iterator[Function]:
    """Every function under a node, methods and inner ones included."""
    return (each for each in ast.walk(node) if isinstance(each, Function))


def public(node: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.ClassDef | Function]]:
    """Classes, functions and methods that others may use; what is inside a function is its own affair."""
    for each in ast.iter_child_nodes(node):
        if isinstance(each, ast.ClassDef | Function) and not each.name.startswith("_"):
            yield prefix + each.name, each
            if isinstance(each, ast.ClassDef):
                yield from public(each, f"{each.name}.")
        elif not isinstance(each, ast.ClassDef | Function):
            yield from public(each, prefix)


def imports(node: ast.AST) -> Iterator[str]:
    """The full names that the import statements under a node bring, those of `from a import b` as `a` and `a.b`."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            yield from (alias.name for alias in each.names)
        elif isinstance(each, ast.ImportFrom):
            yield str(each.module)
            yield from (f"{each.module}.{alias.name}" for alias in each.names)


def at_import(tree: ast.Module) -> ast.Module:
    """What of a module runs when it is imported, without what only the type checker sees."""
    kept = [each for each in tree.body if not isinstance(each, Function | ast.ClassDef)]
    return ast.Module([each for each in kept if not (isinstance(each, ast.If) and is_for_types(each))], [])


def is_for_types(branch: ast.If) -> bool:
    """Whether this is `if TYPE_CHECKING:`."""
    return isinstance(branch.test, ast.Name) and branch.test.id == "TYPE_CHECKING"


def called(node: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """The calls under a node, with the last part of what is called."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call):
            yield (each.func.attr if isinstance(each.func, ast.Attribute) else getattr(each.func, "id", "")), each


def top_level(tree: ast.Module) -> Iterator[str]:
    """The names that a module defines or imports."""
    for each in tree.body:
        if isinstance(each, Function | ast.ClassDef):
            yield each.name
        elif isinstance(each, ast.Assign | ast.AnnAssign):
            targets = each.targets if isinstance(each, ast.Assign) else [each.target]
            yield from (target.id for target in targets if isinstance(target, ast.Name))
        elif isinstance(each, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name for alias in each.names)


def broken(rule: Callable[[Path], object]) -> dict[str, object]:
    """What a rule has to say about each module that breaks it."""
    said = {str(path.relative_to(PACKAGE)): rule(path) for path in MODULES}
    return {name: found for name, found in said.items() if found}


def test_every_module_says_what_it_is_for() -> None:
    assert broken(lambda path: ast.get_docstring(parsed(path)) is None) == {}


def test_no_module_is_longer_than_its_purpose_takes() -> None:
    assert broken(lambda path: max(0, length(path) - MODULE_LINES)) == {}


def test_what_others_may_use_says_what_it_does() -> None:
    assert broken(lambda path: [name for name, node in public(parsed(path)) if not ast.get_docstring(node)]) == {}


def test_no_function_is_longer_than_a_screen() -> None:
    def rule(path: Path) -> object:
        return [each.name for each in functions(parsed(path)) if span(each, each) > FUNCTION_LINES]

    assert broken(rule) == {}


def test_most_modules_and_functions_are_small() -> None:
    modules = sorted(map(length, MODULES))
    bodies = sorted(span(each.body[0], each) for path in MODULES for each in functions(parsed(path)))
    assert modules[len(modules) // 2] <= 120
    assert bodies[len(bodies) * 9 // 10] <= 25


def test_names_say_what_is_inside() -> None:
    assert broken(lambda path: set(module_name(path).split(".")) & NAMELESS) == {}


def test_what_is_private_is_told_by_its_name_alone() -> None:
    # __all__ says the same a second time, and goes stale
    assert broken(lambda path: "__all__" in top_level(parsed(path))) == {}


def test_what_is_read_is_never_run() -> None:
    def rule(path: Path) -> object:
        tree = parsed(path)
        foreign = FOREIGN & {name.partition(".")[0] for name in imports(tree)}
        return foreign or [call.lineno for name, call in called(tree) if runs_what_it_is_given(name, call)]

    assert broken(rule) == {}


def runs_what_it_is_given(name: str, call: ast.Call) -> bool:
    """Whether a call evaluates text, hands it to a shell, or unpacks objects."""
    given = {each.arg: isinstance(each.value, ast.Constant) and each.value.value for each in call.keywords}
    unpacks = "allow_pickle" in given and given["allow_pickle"] is not False
    reads_arrays = name == "load" and ast.unparse(call.func).startswith("np.") and "allow_pickle" not in given
    return name in RUNNERS or "shell" in given or unpacks or reads_arrays


def test_what_is_slow_to_import_is_never_imported() -> None:
    assert broken(lambda path: NEVER & set(imports(parsed(path)))) == {}


def test_no_module_imports_itself_through_others() -> None:
    known = {module_name(path): path for path in MODULES}
    graph = {name: known.keys() & set(imports(at_import(parsed(path)))) - {name} for name, path in known.items()}
    order = list(graphlib.TopologicalSorter(graph).static_order())  # which a cycle has not
    assert order.index("midstream_cli.errors") < order.index("midstream_cli.cli.main")


@pytest.mark.parametrize(
    ("folder", "offers"),
    [
        ("streams/transports", [{"open_stream"}]),
        ("streams/formats", [{"sniff"}, {"decode"}, {"KIND"}]),
        ("streams/features", [{"fit"}, {"vectors"}, {"KIND"}]),
        ("cli/commands", [{"EXAMPLES", "group"}, {"command", "group"}]),
    ],
)
def test_what_is_found_by_its_name_has_what_it_is_called_by(folder: str, offers: list[set[str]]) -> None:
    found = {path.name: set(top_level(parsed(path))) for path in (PACKAGE / folder).glob("[!_]*.py")}
    assert found
    assert [name for name, offered in found.items() if not all(offered & any_of for any_of in offers)] == []


def test_every_test_can_fail() -> None:
    tests = [(path.name, each) for path in TESTS for each in functions(parsed(path)) if each.name.startswith("test_")]
    assert len(tests) > len(TESTS)
    assert [f"{name} {test.name}" for name, test in tests if not says_something(test)] == []


def says_something(test: Function) -> bool:
    """Whether a test asserts, expects an error, or leaves both to a function that says so by its name."""
    if any(isinstance(each, ast.Assert) for each in ast.walk(test)):
        return True
    telling: Callable[[str], bool] = re.compile(r"_?(assert|check|raises|warns|fail)").match  # type: ignore[assignment]
    return any(telling(name) for name, _ in called(test))
