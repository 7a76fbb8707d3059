"""What every test may use."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

# as commands do, before numpy is imported: matrices are small here, and threads that wait for one another burn time
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from midstream_cli.results import Match, Run

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

# a busy machine makes no example wrong
settings.register_profile("midstream", deadline=None)
settings.load_profile("midstream")

# whoever starts the tests in the background has them ignore interrupts, and every process that they start
for number, usual in (
    (signal.SIGINT, signal.default_int_handler),
    (signal.SIGTERM, signal.SIG_DFL),
    (signal.SIGHUP, signal.SIG_DFL),
):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real recordings; tests that need it are skipped where it is not."""
    if not DATA.is_dir():
        pytest.skip(f"real recordings are not at {DATA}")
    return DATA


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Where a store may be made."""
    return tmp_path / "midstream.duckdb"


@pytest.fixture(scope="session")
def make_run() -> Callable[[str], Run]:
    """A run of a given id."""
    return lambda run_id: Run(run_id, "compare", "{}", "0.1.0", "a.csv", "2026-01-02T03:04:05Z", None, 0, 0, 0)


@pytest.fixture(scope="session")
def make_matches() -> Callable[[int], list[Match]]:
    """So many matches."""
    return lambda n: [
        Match("a.csv", "3", i / 2, None, i, i + 5, 1, "s1", "walking", 0.25, 0.8, i % 2 == 0) for i in range(n)
    ]
