"""A single `CSI_DATA` line without any damage, as a live stream brings them: read at once, not column by column."""

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from midstream_cli.streams.csi_records import RECORD
from midstream_cli.streams.text_columns import LONGEST_TEXT, MOST_DIGITS

_PATTERNS = {
    "int": rb"(-?\d{1,%d})" % MOST_DIGITS,
    "mac": rb"([0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5})",
    "text": rb"([!-+\--Z^-~]{0,%d})" % LONGEST_TEXT,
    "real": rb"(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)",
    "moment": rb"(-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)",
}


class Single(NamedTuple):
    """What stands on one line."""

    fields: dict[str, npt.NDArray[Any]]
    """Each shape (1,)."""
    values: npt.NDArray[np.int16]


class SingleLine:
    """Reads whole records that stand alone on their line; of any other it says nothing."""

    def __init__(self, names: list[str], by_kind: dict[str, list[int]]) -> None:
        """Expect fields of these names; `by_kind` says where those of each kind are."""
        kinds = {at: kind for kind, places in by_kind.items() for at in places}
        fields = b",".join(_PATTERNS[kinds[at]] for at in range(len(names)))
        self._line = re.compile(re.escape(RECORD) + fields + rb',"?\[ *([-\d][-\d ,]*?) *\]"?\r{0,2}\n')
        self._by_kind = by_kind
        self._names = names

    def read(self, line: bytes) -> Single | None:
        """The record of a line with its end; None where there may be anything else."""
        found = self._line.fullmatch(line)
        if found is None or line.find(RECORD[:-1], 1) >= 0:
            return None
        *texts, data = found.groups()
        separated = data if b" " not in data else data.replace(b" ", b",")
        try:
            # numbers that JSON refuses, such as 007, and those beyond 16 bits, are looked at elsewhere
            values = np.array(json.loads(f"[{separated.decode()}]"), np.int16)
        except (ValueError, OverflowError):
            return None
        fields: dict[str, npt.NDArray[Any]] = {}
        for kind, places in self._by_kind.items():
            column = np.array([_READ[kind](texts[at]) for at in places])
            for i, at in enumerate(places):
                fields[self._names[at]] = column[i : i + 1]
        return Single(fields, values)


_READ: dict[str, Callable[[bytes], int | float | str]] = {
    "int": int,
    "mac": lambda text: int(text.replace(b":", b""), 16),
    "text": bytes.decode,
    "real": float,
    "moment": lambda text: float(text) / 1000,
}
