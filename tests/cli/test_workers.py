"""Jobs in other processes: in order, whatever happens to the processes."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from command_line import SIGNATURES, WAIT_S, running

from midstream_cli.cli import console
from midstream_cli.cli.workers import each


def slept(job: float) -> tuple[float, int]:
    time.sleep(job)
    return job, os.getpid()


def odd(job: int) -> int:
    if job == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    if job == 5:
        os._exit(7)
    return job


def told(job: int, quiet: bool) -> bool:
    return console.quiet == quiet and job > 0


def touched(job: str) -> str:
    Path(job).touch()
    time.sleep(60)
    return job


def no_children() -> bool:
    return multiprocessing.active_children() == []


def died(job: object, code: int) -> tuple[object, int]:
    return job, code


def test_results_come_in_the_order_of_the_jobs_from_as_many_processes_as_asked_for() -> None:
    jobs = [0.3, 0.0, 0.1, 0.0, 0.0]
    found = list(each(jobs, slept, died, 2))
    assert [job for job, _ in found] == jobs
    assert len({pid for _, pid in found}) == 2
    assert os.getpid() not in {pid for _, pid in found}
    assert no_children()


def test_a_process_that_dies_costs_one_job() -> None:
    found = list(each([1, 2, 3, 4, 5, 6], odd, died, 2))
    assert found == [1, 2, (3, -signal.SIGKILL), 4, (5, 7), 6]
    assert no_children()


@pytest.mark.parametrize("quiet", [True, False])
def test_processes_are_as_quiet_as_we_are(quiet: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "quiet", quiet)
    assert list(each([1, 2], partial(told, quiet=quiet), lambda *_: False, 2)) == [True, True]


def test_an_interrupt_ends_the_processes_in_the_middle_of_their_work(tmp_path: Path) -> None:
    jobs = [str(tmp_path / "a"), str(tmp_path / "b")]

    def look(*_: object) -> None:
        if all(Path(job).exists() for job in jobs):
            raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    begun = time.monotonic()
    try:
        with pytest.raises(KeyboardInterrupt):
            list(each(jobs, touched, died, 2))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)
    assert time.monotonic() - begun < 30
    assert no_children()


def test_workers_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    sources = [f"demo://day?duration=99999&seed={seed}" for seed in range(2)]
    arguments = ("signatures", "evaluate", SIGNATURES, *sources, "--truth", "*=idle", "-j", 2, "-s", "none")
    with running(*arguments, folder=tmp_path) as process:
        children = wait_for(lambda: children_of(process.pid))
        assert all(Path(f"/proc/{pid}").exists() for pid in children)
        process.kill()
        process.wait(WAIT_S)
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in children) or None)


def children_of(pid: int) -> list[int]:
    """Workers of a process, once there are two beside what multiprocessing starts for itself."""
    found = [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found if len(found) >= 3 else []


def wait_for(found: Callable[[], Any]) -> Any:
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        if value := found():
            return value
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")
