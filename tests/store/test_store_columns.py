"""What goes into the store comes out of it, whatever it is."""

import json
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints, is_typeddict

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli import results
from midstream_cli.errors import StoreError
from midstream_cli.results import RESULTS, Run
from midstream_cli.store import schema
from midstream_cli.store.writing import _insert


@dataclass(frozen=True, slots=True)
class Everything:
    """Every type that a result may have."""

    TABLE: ClassVar[str] = "everything"

    end: Annotated[str, "a word of SQL"]
    text: Annotated[str | None, ""]
    number: Annotated[int | None, ""]
    yes: Annotated[bool | None, ""]
    texts: Annotated[list[str] | None, ""]
    numbers: Annotated[list[float], ""]
    pairs: Annotated[list[list[int]] | None, ""]
    counts: Annotated[dict[str, int] | None, ""]
    curves: Annotated[dict[str, list[float]], ""]


IDS = {Run: {"run_id": st.just("run")}}
"""The id of a run is given beside it."""


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type."""
    parts = get_args(annotation)
    if get_origin(annotation) is UnionType:
        return st.one_of([values(part) for part in parts])
    if get_origin(annotation) is list:
        return st.lists(values(parts[0]), max_size=4)
    if get_origin(annotation) is dict:
        return st.dictionaries(values(parts[0]), values(parts[1]), max_size=4)
    if is_typeddict(annotation):
        return st.fixed_dictionaries({name: values(kind) for name, kind in get_type_hints(annotation).items()})
    scalars: dict[Any, st.SearchStrategy[Any]] = {
        NoneType: st.none(),
        str: st.one_of(
            st.text(), st.sampled_from(["", "NULL", "'", '"', "\0", "\\", "nan", "[]", "ünï", "\U0001f600"])
        ),
        int: st.one_of(st.integers(-(2**63), 2**63 - 1), st.sampled_from([-(2**63), 2**63 - 1, 2**53 + 1])),
        float: st.floats(),
        bool: st.booleans(),
    }
    return scalars[annotation]


def exactly(value: Any) -> Any:
    """A value in a form in which NaN equals NaN, -0.0 is not 0.0, and 1 is not True."""
    if isinstance(value, list):
        return [exactly(item) for item in value]
    if isinstance(value, dict):
        return {key: exactly(item) for key, item in value.items()}
    return repr(value)


@pytest.mark.parametrize("result", [*RESULTS, Everything], ids=lambda result: result.__name__)
def test_every_value_of_every_result_survives(result: Any) -> None:
    kinds = {name: values(annotation) for name, (annotation, _) in results.columns(result).items()} | IDS.get(
        result, {}
    )
    connection = duckdb.connect()
    schema.prepare(connection, [result])

    @settings(max_examples=25, deadline=None)
    @given(st.lists(st.builds(result, **kinds), min_size=1, max_size=5))
    def survives(rows: list[Any]) -> None:
        connection.execute("BEGIN")
        _insert(connection, rows, "run")
        found = connection.table(result.TABLE).fetchall()
        connection.execute("ROLLBACK")
        assert exactly([list(row[-len(kinds) :]) for row in found]) == exactly(
            [[getattr(row, name) for name in kinds] for row in rows]
        )

    survives()
    connection.close()


def kept(**changes: Any) -> Any:
    """A run with some fields changed, as it comes back."""
    given: dict[str, Any] = dict.fromkeys(["run_id", "command", "arguments", "version", "source", "started"], "x")
    run = Run(**(given | {"seed": None, "frames": 0, "lost": 0, "bad": 0} | changes))
    connection = duckdb.connect()
    schema.prepare(connection, [Run])
    _insert(connection, [run], "x")
    row = connection.execute("SELECT * FROM runs").fetchall()[0]
    connection.close()
    return Run(*row)


def test_text_that_is_not_unicode_becomes_question_marks() -> None:
    undecodable = b"caf\xe9.csv".decode("utf-8", "surrogateescape")
    assert kept(source=undecodable).source == "caf?.csv"
    assert kept(source="café.csv").source == "café.csv"


def test_text_that_is_not_unicode_inside_a_list_becomes_question_marks() -> None:
    connection = duckdb.connect()
    schema.prepare(connection, [Everything])
    _insert(connection, [Everything("", None, None, None, ["\udce9", 'é"'], [], None, {"\ud800": 1}, {})], "x")
    assert connection.execute("SELECT texts, counts FROM everything").fetchall() == [(["?", 'é"'], {"?": 1})]
    connection.close()


@pytest.mark.parametrize("number", [2**63, -(2**63) - 1, 10**30])
def test_a_whole_number_of_more_than_64_bits_is_refused_by_name(number: int) -> None:
    with pytest.raises(StoreError, match="seed holds a whole number that does not fit into 64 bits"):
        kept(seed=number)


def test_maps_and_lists_can_be_asked_about_by_key_and_position() -> None:
    connection = duckdb.connect()
    schema.prepare(connection, [Everything])
    _insert(connection, [Everything("", None, None, None, ["a", "b"], [], [[1, 2], [3, 4]], {"k": 7}, {})], "x")
    found = connection.execute("SELECT counts['k'], texts[2], pairs[2][1], len(pairs) FROM everything").fetchall()
    assert json.dumps(found) == '[[7, "b", 3, 2]]'
    connection.close()
