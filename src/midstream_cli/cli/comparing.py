"""What all ways to compare share: what is read, how it is shown and kept, and which answer that is."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from midstream_cli.cli.output import OutputFormat
from midstream_cli.cli.reading import Reading
from midstream_cli.errors import ExitCode


@dataclass(frozen=True, slots=True)
class Job:
    """What every comparison needs to know."""

    reading: Reading
    form: OutputFormat
    store: str
    threshold: float | None
    arguments: dict[str, Any]
    """As given, for the record."""
    plot: bool = True
    """A picture above each table."""
    figure: Path | None = None
    """Where to draw a picture to."""

    @staticmethod
    def nearness(row: Any) -> float:
        """The normalised distance of a result; of steps that give none, the distance."""
        return float(row.distance if math.isnan(row.normalised) else row.normalised)

    def answer(self, nearest: float) -> int:
        """Yes, unless there is a threshold and the nearest distance is above it."""
        return ExitCode.NO if self.threshold is not None and not nearest <= self.threshold else ExitCode.OK
