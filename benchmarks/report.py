"""What benchmarks print: tables and bars for people; with --json, one JSON object for each."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Row = Mapping[str, object]


class Report:
    """Prints the figures of one benchmark as they come, and remembers whether every bar was held."""

    def __init__(self, benchmark: str, *, as_json: bool) -> None:
        self.benchmark = benchmark
        self.held = True
        self._as_json = as_json

    def table(self, title: str, rows: Sequence[Row]) -> None:
        """Rows with the same columns."""
        if self._as_json:
            for row in rows:
                self._line({"table": title, **row})
            return
        names = list(rows[0])
        lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
        widths = [max(len(line[i]) for line in lines) for i in range(len(names))]
        right = [isinstance(value, int | float) for value in rows[-1].values()]
        print(f"\n{title}\n")
        for line in lines:
            cells = (f"{cell:{'>' if r else '<'}{w}}" for cell, w, r in zip(line, widths, right, strict=True))
            print("  " + "  ".join(cells).rstrip(), flush=True)

    def note(self, sentence: str) -> None:
        """Something to know about the figures."""
        self._line({"note": sentence}) if self._as_json else print(f"\n{sentence}", flush=True)

    def at_least(self, bar: float, what: str, measured: float, unit: str = "") -> None:
        """A bar that is held by so much or more."""
        self._bar(what, measured, f"at least {_cell(bar)}", unit, held=measured >= bar)

    def at_most(self, bar: float, what: str, measured: float, unit: str = "") -> None:
        """A bar that is held by so much or less."""
        self._bar(what, measured, f"at most {_cell(bar)}", unit, held=measured <= bar)

    def _bar(self, what: str, measured: float, bar: str, unit: str, *, held: bool) -> None:
        self.held &= held
        if self._as_json:
            self._line({"bar": f"{what}: {bar} {unit}".rstrip(), "measured": measured, "held": held})
        else:
            print(
                f"\n{'held' if held else 'MISSED'}: {what}: {' '.join(filter(None, (_cell(measured), unit)))} ({bar})"
            )

    def _line(self, item: Row) -> None:
        print(json.dumps({"benchmark": self.benchmark, **item}), flush=True)


def main(measure: Callable[[Report], None]) -> None:
    """Run one benchmark as a program; it fails where a bar is missed."""
    report = Report(Path(sys.argv[0]).stem, as_json="--json" in sys.argv[1:])
    measure(report)
    sys.exit(not report.held)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
