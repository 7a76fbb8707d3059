"""A field of a result is written once and is the same everywhere."""

import inspect
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_origin

import pytest

from midstream_cli import results
from midstream_cli.cli import output
from midstream_cli.results import RESULTS
from midstream_cli.store import schema

every_result = pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.__name__)

EXAMPLES: dict[Any, Any] = {str: "a", int: 1, float: 0.5, bool: True, list: [], dict: {}}


def example(result: type) -> Any:
    """Any instance of a result class."""
    kinds = {name: annotation for name, (annotation, _) in results.columns(result).items()}
    return result(
        **{
            name: None if type(None) in get_args(kind) else EXAMPLES[get_origin(kind) or kind]
            for name, kind in kinds.items()
        }
    )


@every_result
def test_fields_columns_and_json_keys_are_the_same(result: Any) -> None:
    names = [field.name for field in fields(result)]
    assert list(output.rows([example(result)])[0]) == names
    in_store = [column.name for column in schema.columns(result)]
    assert in_store == ([] if result is results.Run else ["run_id"]) + names


@every_result
def test_every_field_has_a_type_and_says_what_it_means(result: type) -> None:
    for column in schema.columns(result):
        assert column.type, column.name
        assert isinstance(column.meaning, str), column.name
        assert len(column.meaning) > 3, column.name


def test_every_result_class_is_listed_and_has_a_table_of_its_own() -> None:
    classes = {kind for _, kind in inspect.getmembers(results, inspect.isclass) if is_dataclass(kind)}
    assert set(RESULTS) == classes
    assert len({result.TABLE for result in RESULTS}) == len(RESULTS)
