"""Frames that are kept longer than the piece they came in."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from midstream_cli.recordings import Recording


def detached(piece: Recording) -> Recording:
    """The same frames in memory of their own: whoever keeps a piece keeps no more of what was read than that."""
    own: dict[str, Any] = {}
    for each in fields(piece):
        value = getattr(piece, each.name)
        if isinstance(value, Mapping):
            own[each.name] = {name: column.copy() for name, column in value.items()}
        elif each.name != "info":
            own[each.name] = value.copy()
    return replace(piece, **own)
