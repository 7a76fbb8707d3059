"""The tables of the store: they follow from the result classes and from nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints, is_typeddict

from midstream_cli import results
from midstream_cli.errors import StoreError

VERSION = 1
"""To be raised when a column changes its type or its meaning; a new column or table needs no new version."""

_SCALARS = {str: "VARCHAR", int: "BIGINT", float: "DOUBLE", bool: "BOOLEAN"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    type: str
    nullable: bool
    meaning: str

    @property
    def declaration(self) -> str:
        """As it stands in CREATE TABLE."""
        return f"{quoted(self.name)} {self.type}{'' if self.nullable else ' NOT NULL'}"


def columns(result: type) -> list[Column]:
    """The columns of a result class: its fields, after the id of the run they come from."""
    fields = {"run_id": (str, "the run this comes from, as in the table runs")} | results.columns(result)
    return [Column(name, *_type(annotation), meaning) for name, (annotation, meaning) in fields.items()]


def _type(annotation: Any) -> tuple[str, bool]:
    if get_origin(annotation) in (Union, UnionType):
        others = [option for option in get_args(annotation) if option is not NoneType]
        if len(others) == 1:
            return sql_type(others[0]), True
    return sql_type(annotation), False


def sql_type(annotation: Any) -> str:
    """The DuckDB type that holds every value of a Python type.

    Raises:
        TypeError: there is none; the result class needs another one.
    """
    if annotation in _SCALARS:
        return _SCALARS[annotation]
    parts = get_args(annotation)
    if get_origin(annotation) is list:
        return f"{sql_type(parts[0])}[]"
    if get_origin(annotation) is dict and parts[0] is str:
        return f"MAP(VARCHAR, {sql_type(parts[1])})"
    if is_typeddict(annotation):
        fields = get_type_hints(annotation).items()
        return f"STRUCT({', '.join(f'{quoted(name)} {_type(kind)[0]}' for name, kind in fields)})"
    raise TypeError(f"a column cannot hold {annotation}")


def create(result: Any) -> str:
    """The statement that makes the table of a result class."""
    declarations = ",\n".join(f"    {column.declaration}" for column in columns(result))
    return f"CREATE TABLE {quoted(result.TABLE)} (\n{declarations}\n)"


def comments(result: Any) -> list[str]:
    """The statements that write into the store what a table and its columns mean."""
    table, meaning = quoted(result.TABLE), result.__doc__.splitlines()[0]
    return [
        f"COMMENT ON TABLE {table} IS {_text(meaning)}",
        *(f"COMMENT ON COLUMN {table}.{quoted(c.name)} IS {_text(c.meaning)}" for c in columns(result)),
    ]


def prepare(connection: Any, classes: Iterable[Any]) -> None:
    """Make what a store lacks to hold results of these classes: tables, and columns that a table has gained since.

    The table `midstream` lists the tables that are ours: to look for them in DuckDB's own catalogue takes ten times
    as long as everything else here.

    Raises:
        StoreError: the store was made by a newer midstream, or a table by something else.
    """
    connection.execute("CREATE TABLE IF NOT EXISTS midstream (table_name VARCHAR NOT NULL, schema_version BIGINT)")
    ours = dict(connection.execute("SELECT table_name, schema_version FROM midstream").fetchall())
    for result in classes:
        version = ours.get(result.TABLE)
        if version is None:
            _make(connection, result)
        elif version > VERSION:
            raise _too_new(f"{result.TABLE} follows version {version} of the schema, and this midstream {VERSION}")
        else:
            _extend(connection, result)


def _make(connection: Any, result: Any) -> None:
    import duckdb

    try:
        connection.execute(create(result))
    except duckdb.CatalogException:
        raise StoreError(
            f"it has a table {result.TABLE} that midstream did not make", "choose another file with --store"
        ) from None
    connection.execute(";\n".join(comments(result)))
    connection.execute("INSERT INTO midstream VALUES (?, ?)", [result.TABLE, VERSION])


def _extend(connection: Any, result: Any) -> None:
    """Add the columns that a table lacks; in its old rows they are NULL."""
    # a user may have dropped it
    connection.execute(create(result).replace("TABLE", "TABLE IF NOT EXISTS", 1))
    found = connection.execute('SELECT name, "notnull" FROM pragma_table_info(?)', [result.TABLE]).fetchall()
    known, wanted = dict(found), columns(result)
    strange = sorted({name for name, required in known.items() if required} - {column.name for column in wanted})
    if strange:
        raise _too_new(f"{result.TABLE} wants values for {', '.join(strange)}")
    for column in wanted:
        if column.name not in known:
            table, name = quoted(result.TABLE), quoted(column.name)
            connection.execute(f"ALTER TABLE {table} ADD COLUMN {name} {column.type}")
            connection.execute(f"COMMENT ON COLUMN {table}.{name} IS {_text(column.meaning)}")


def _too_new(why: str) -> StoreError:
    return StoreError(
        f"it was made by a newer midstream: {why}",
        "upgrade with: pip install --upgrade midstream-cli; or choose another file with --store",
    )


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
