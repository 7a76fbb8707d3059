"""How exact and how fast attractors are measured: against known answers, beside the libraries that do the same.

Run as `python benchmarks/attractor.py`, or with words that the titles of some tables hold: `attractor.py exponent`,
`attractor.py flows`, `attractor.py speed`. `--quick` leaves out 20,000 samples and half of the flows; `--full` lets the
peers too do 20,000 samples, which takes nolds half a minute and three gigabytes each; `--development` takes the flows that
may be tuned to. The peers are for Python 3.12
(nolds does not import on 3.11); one that is not installed is named and left out.
"""

import os
import resource
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import attractor_acceptance
import attractor_accuracy
import attractor_speed
from attractor_ours import Midstream
from attractor_peers import PEERS
from report import Report, main

MOST_BYTES = 12 << 30
"""Of address space: a call that wants more fails, and says nothing."""

PARTS: tuple[Callable[[Report, list[Any], list[str]], None], ...] = (
    attractor_accuracy.measure,
    attractor_acceptance.measure,
    attractor_speed.measure,
)


def libraries(report: Report) -> list[Any]:
    """Midstream and the peers that are installed."""
    there: list[Any] = [Midstream()]
    versions = []
    for peer in PEERS:
        try:
            there.append(peer())
        except ImportError as error:
            report.note(f"{peer.name} is missing ({error}): pip install -e '.[benchmark]'")
        else:
            versions.append(f"{peer.name} {version(peer.name)}")
    report.note(
        f"beside {', '.join(versions)}; load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return there


def measure(report: Report) -> None:
    """Everything that is asked for."""
    # neurokit2 asks for 16 GB where a series repeats exactly, nolds for 3 GB at 20,000 samples
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, resource.getrlimit(resource.RLIMIT_AS)[1]))
    warnings.simplefilter("ignore")  # peers warn of one another's versions, and of logarithms of 0
    there = libraries(report)
    for part in PARTS:
        part(report, there, sys.argv[1:])


if __name__ == "__main__":
    main(measure)
