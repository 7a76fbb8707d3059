"""Work in other processes: plain ones, each at the end of a pipe, that end when we do."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, NamedTuple, TypeVar

from midstream_cli.cli import console
from midstream_cli.errors import ExitCode

Job = TypeVar("Job")
Result = TypeVar("Result")

# a forked child would inherit locks and threads of this process
_CONTEXT = get_context("spawn")


class _Worker(NamedTuple):
    process: BaseProcess
    connection: Any


def each(
    jobs: Sequence[Job], work: Callable[[Job], Result], died: Callable[[Job, int], Result], workers: int
) -> Iterator[Result]:
    """The result of `work` on each job, in their order; whatever ends the iteration ends the processes.

    Args:
        work: picklable, as jobs and results are.
        died: what takes the place of a result where the process at work on it died, with its exit code.
        workers: processes at work at a time.
    """
    idle: list[_Worker] = []
    busy: dict[Any, tuple[_Worker, int]] = {}
    waiting = iter(range(len(jobs)))
    results: dict[int, Result] = {}

    def hand_out() -> None:
        """Give an idle worker, or a new one, the next job, if there is one."""
        if (i := next(waiting, None)) is not None:
            worker = idle.pop() if idle else _started(work)
            busy[worker.connection] = worker, i
            with suppress(OSError):  # of a worker that died meanwhile, the end of its pipe is read
                worker.connection.send(jobs[i])

    try:
        for _ in range(workers):
            hand_out()
        for i in range(len(jobs)):
            while i not in results:
                for connection in wait(list(busy)):
                    worker, at = busy.pop(connection)
                    try:
                        results[at] = worker.connection.recv()
                        idle.append(worker)
                    except EOFError:
                        worker.process.join()
                        results[at] = died(jobs[at], worker.process.exitcode or 0)
                    hand_out()
            yield results.pop(i)
        for worker in idle:
            worker.connection.send(None)
            worker.process.join()
    finally:
        for worker in [*idle, *(worker for worker, _ in busy.values())]:
            worker.process.kill()
            worker.process.join()


def _started(work: Callable[[Job], Result]) -> _Worker:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_serve, args=(theirs, work, console.quiet), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _serve(connection: Any, work: Callable[[Any], object], quiet: bool) -> None:
    """Do one job after the other; Ctrl-C, which goes to every process on a terminal, ends this one without a word."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    console.quiet = quiet
    while (job := connection.recv()) is not None:
        connection.send(work(job))


def _end_with_parent() -> None:
    """A parent that is killed can end nobody: what works for it would go on for hours."""
    parent = parent_process()
    assert parent is not None
    parent.join()
    os._exit(ExitCode.INTERRUPTED)
