"""Results as columns, in the form that every DuckDB takes, and takes fastest: numpy arrays of numbers and of text.

Lists and maps travel as JSON text and are cast on arrival; numpy has no missing numbers, so a column that may lack
some is accompanied by one that says where. Text is kept as it is, NUL included; what is not Unicode, such as the
undecodable bytes of a file name, becomes a question mark.
"""

import json
from collections.abc import Sequence
from operator import attrgetter
from typing import Any

import numpy as np
import numpy.typing as npt

from midstream_cli.errors import StoreError
from midstream_cli.store import schema

_NUMBERS: dict[str, type[np.generic]] = {"BIGINT": np.int64, "DOUBLE": np.float64, "BOOLEAN": np.bool_}


def arrays(columns: Sequence[schema.Column], rows: Sequence[Any]) -> dict[str, npt.NDArray[Any]]:
    """The values of the rows, an array a column and one for where a number is missing.

    Raises:
        StoreError: a whole number of more than 64 bits.
    """
    found: dict[str, npt.NDArray[Any]] = {}
    for column in columns:
        values = list(map(attrgetter(column.name), rows))
        if column.type == "VARCHAR":
            found[column.name] = _text(values)
        elif column.type not in _NUMBERS:
            found[column.name] = _text([None if v is None else json.dumps(v, ensure_ascii=False) for v in values])
        else:
            if column.nullable:
                found[_missing(column)] = np.array([value is None for value in values], np.bool_)
                values = [0 if value is None else value for value in values]
            found[column.name] = _numbers(column, values)
    return found


def expression(column: schema.Column) -> str:
    """The SQL that turns the arrays of a column back into its values."""
    value = schema.quoted(column.name)
    if column.type == "VARCHAR":
        return value
    if column.type not in _NUMBERS:
        return f"CAST({value}::JSON AS {column.type})"
    if column.type == "DOUBLE":
        # DuckDB reads a numpy NaN as NULL
        value = f"coalesce({value}, 'NaN'::DOUBLE)"
    return f"CASE WHEN NOT {schema.quoted(_missing(column))} THEN {value} END" if column.nullable else value


def _missing(column: schema.Column) -> str:
    return f"{column.name} is missing"


def _numbers(column: schema.Column, values: Sequence[Any]) -> npt.NDArray[Any]:
    try:
        return np.array(values, _NUMBERS[column.type])
    except OverflowError:
        raise StoreError(
            f"{column.name} holds a whole number that does not fit into 64 bits",
            "keep it between -2^63 and 2^63 - 1",
        ) from None


def _text(values: Sequence[str | None]) -> npt.NDArray[np.object_]:
    array = np.empty(len(values), object)
    array[:] = values
    try:
        "".join(filter(None, values)).encode()
    except UnicodeEncodeError:
        array[:] = [value and value.encode(errors="replace").decode() for value in values]
    return array
