"""What comes out: each class is one DuckDB table, one JSON object, one CSV row and one section of the docs.

A field is written once, in its class. Its annotation holds its type and what it means.
"""

import importlib
import pkgutil
from typing import Any, get_args, get_type_hints

from midstream_cli.results.comparing import Capture as Capture
from midstream_cli.results.comparing import Comparison as Comparison
from midstream_cli.results.comparing import Confusion as Confusion
from midstream_cli.results.comparing import Distance as Distance
from midstream_cli.results.comparing import Edit as Edit
from midstream_cli.results.comparing import Match as Match
from midstream_cli.results.comparing import Occurrence as Occurrence
from midstream_cli.results.comparing import Place as Place
from midstream_cli.results.introspection import Calibration as Calibration
from midstream_cli.results.introspection import Event as Event
from midstream_cli.results.introspection import IntrospectionSnapshot as IntrospectionSnapshot
from midstream_cli.results.introspection import Similarity as Similarity
from midstream_cli.results.motion import Attractor as Attractor
from midstream_cli.results.motion import RegimeChange as RegimeChange
from midstream_cli.results.runs import RecordingInfo as RecordingInfo
from midstream_cli.results.runs import Run as Run

RESULTS: tuple[Any, ...] = tuple(
    value
    for module in pkgutil.iter_modules(__path__)
    for value in vars(importlib.import_module(f"{__name__}.{module.name}")).values()
    if isinstance(value, type) and "TABLE" in vars(value) and value.__module__ == f"{__name__}.{module.name}"
)
"""All of them, file by file: one that is added is found."""


def columns(result: Any) -> dict[str, tuple[Any, str]]:
    """The type and the meaning of each field of a result class."""
    hints = get_type_hints(result, include_extras=True)
    return {name: get_args(hint)[:2] for name, hint in hints.items() if name != "TABLE"}
