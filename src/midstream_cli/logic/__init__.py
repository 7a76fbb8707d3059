"""What must be true of a stream: conditions on named values."""

from typing import TYPE_CHECKING

from midstream_cli.lazy import public_names

if TYPE_CHECKING:
    from midstream_cli.logic.predicate import Predicate as Predicate
    from midstream_cli.logic.predicate import parse as parse

_MODULES = {"predicate": "Predicate parse"}

if not TYPE_CHECKING:
    # a type checker that saw it would take every misspelt name for one of its own
    __getattr__, __dir__ = public_names(__name__, _MODULES)
