"""Names under which predicates know a snapshot: its fields, and short ones for what is asked for most."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args, get_origin

from midstream_cli.results import IntrospectionSnapshot, Similarity, columns

_SHORT = {"lyapunov": "lyapunov_exponent", "dimension": "attractor_dim", "confidence": "attractor_confidence"}
"""The names of the seed's own snapshots."""


def _types() -> dict[str, type]:
    found = {name: _scalar(annotation) for name, (annotation, _) in columns(IntrospectionSnapshot).items()}
    known = {name: kind for name, kind in found.items() if kind is not None}
    known |= {short: known[name] for short, name in _SHORT.items()}
    top = {f"top.{name}": _scalar(kind) for name, kind in Similarity.__annotations__.items()}
    return known | {name: kind for name, kind in top.items() if kind is not None}


def _scalar(annotation: Any) -> type | None:
    """The type of a single value that may be missing; None for lists."""
    if get_origin(annotation) is list:
        return None
    options = [option for option in get_args(annotation) or (annotation,) if option is not type(None)]
    return options[0] if len(options) == 1 and isinstance(options[0], type) else None


NAMES: Mapping[str, type] = _types()
"""Every name that a predicate over snapshots may use, and what it is."""


def values(snapshot: IntrospectionSnapshot) -> dict[str, Any]:
    """The values of these names."""
    found = {each: getattr(snapshot, each) for each in _FIELDS}
    found |= {short: found[name] for short, name in _SHORT.items()}
    if snapshot.top_k_similarity:
        found |= {f"top.{name}": value for name, value in snapshot.top_k_similarity[0].items()}
    return found


_FIELDS = tuple(each.name for each in fields(IntrospectionSnapshot))
