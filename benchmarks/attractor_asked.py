"""Which tables are asked for, and what every library answers."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attractor_series import Float64
from report import Report


def asked(title: str, words: Sequence[str]) -> bool:
    """Whether a table is asked for: by words of its title, however they are written, or because none is."""
    wanted = [word.lower() for word in words if not word.startswith("-")]
    return not wanted or any(word in title.lower() for word in wanted)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a library says of a series."""

    value: Float64
    """Shape (1,), (3,) with an interval, or any number of a spectrum; nan where it says nothing."""
    seconds: float
    """Processor time of the call."""
    why: str = ""
    """Why it says nothing."""


def answers(report: Report, libraries: Sequence[Any], kind: str, x: Float64, given: Any) -> dict[str, Answer]:
    """Every library's answers to one question, by library and call; who fails says nothing."""
    found: dict[str, Answer] = {}
    for library in libraries:
        offered = getattr(library, kind, None)
        try:
            ways = list(offered(x, given)) if offered else []
        except Exception as error:  # noqa: BLE001 - peers raise anything, and what is not there cannot be measured
            report.note(f"{library.name} offers no {kind}: {type(error).__name__}: {error}")
            continue
        for way in ways:
            begun = time.process_time()
            try:
                result = way.call()
                value = way.read(result) if way.read else np.array([np.nan])
                found[f"{way.library} {way.how}"] = Answer(value, time.process_time() - begun)
            except Exception as error:  # noqa: BLE001 - peers raise anything
                why = f"{type(error).__name__}: {error}"
                found[f"{way.library} {way.how}"] = Answer(np.array([np.nan]), time.process_time() - begun, why)
    return found
