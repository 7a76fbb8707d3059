"""How soon motions are recognised while a stream flows, how often wrongly, and what it costs, beside its peers.

Run as `python benchmarks/watch.py fixture`, `shapes` or `cost`; with `--quick` on a tenth of the frames, with `--json` for one
object a row. Peers that are not installed are left out, and said so.
"""

import sys
from importlib import import_module

from report import Report, main

PARTS = ("fixture", "shapes", "cost")


def measure(report: Report) -> None:
    """The parts that are asked for; all of them where none is."""
    asked = [word for word in sys.argv[1:] if not word.startswith("-")]
    if unknown := set(asked) - set(PARTS):
        sys.exit(f"no part is called {', '.join(unknown)}; known are {', '.join(PARTS)}")
    for part in asked or PARTS:
        import_module(f"watch_{part}").measure(report)


if __name__ == "__main__":
    main(measure)
