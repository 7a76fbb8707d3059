"""Predicates over snapshots: every field by its name, that of the best signature as `top.score`, `top.label` and so on."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Literal

from midstream_cli.attractor.live.rules import Regime
from midstream_cli.logic.fields import of_result
from midstream_cli.logic.predicate import Predicate, parse
from midstream_cli.results import IntrospectionSnapshot

TYPES: Mapping[str, Any] = of_result(IntrospectionSnapshot) | {
    "regime": Literal[tuple(regime.value for regime in Regime)],
    "background": Literal["none", "learning", "steady", "unsettled"],
}
"""What each field can hold."""

_FIELDS = tuple(each.name for each in fields(IntrospectionSnapshot))


def of_snapshots(text: str) -> Predicate:
    """Read a condition on snapshots.

    Raises:
        UsageError: it is no condition, or asks for what a snapshot cannot hold; the message shows the place.
    """
    return parse(text, TYPES)


def holds(predicate: Predicate, snapshot: IntrospectionSnapshot) -> bool:
    """Whether a condition is true of a snapshot."""
    return predicate.holds({name: getattr(snapshot, name) for name in _FIELDS})
