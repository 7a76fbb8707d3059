"""Ctrl-C, SIGTERM and a terminal that closes while something must not be cut in two."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Generic, NoReturn, TypeVar

from midstream_cli.cli import console
from midstream_cli.errors import ExitCode

Result = TypeVar("Result")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def take_all_as_ctrl_c() -> None:
    """Each of them then raises KeyboardInterrupt."""
    for number in _heard():
        signal.signal(number, signal.default_int_handler)


_holding = False
"""Somebody holds interrupts back."""


@contextmanager
def held_back() -> Iterator[None]:
    """Let the work inside be done, and only then be interrupted; inside of another, when that one's is done.

    Raises:
        KeyboardInterrupt: an interrupt came meanwhile.
    """
    global _holding  # noqa: PLW0603 - a process has one set of signals
    if _holding:
        yield
        return
    came = False

    def remember(*_: object) -> None:
        nonlocal came
        came = True

    before = [(number, signal.signal(number, remember)) for number in _heard()]
    _holding = True
    try:
        yield
    finally:
        _holding = False
        for number, handler in before:
            signal.signal(number, handler)
    if came:
        raise KeyboardInterrupt


def waited_for(work: Callable[[], Result], title: str = "") -> Result:
    """The result of work that may be in compiled code for long, which nothing can stop: an interrupt ends the process.

    Nothing of the command may be half written when it is called.

    Args:
        title: what to show as going on, for work that shows nothing itself.

    Raises:
        Exception: what the work raised.
    """
    going = _Work(work)
    try:
        going.start()
        if title:
            _show(title, going)
        going.join()
    except KeyboardInterrupt:
        console.clear()
        # Python would wait for the threads that compare
        os._exit(ExitCode.INTERRUPTED)
    return going.result()


def left_behind(work: Callable[[], Result], tell: Callable[[float], None]) -> Result:
    """The result of work that may be in compiled code for long; an interrupt leaves it to itself, and can be answered.

    What is left goes on until the process ends, which is then for `leave` to bring about.

    Args:
        tell: called ten times a second with the seconds that have passed.

    Raises:
        Exception: what the work raised.
        KeyboardInterrupt: an interrupt came.
    """
    going = _Work(work)
    begun = time.monotonic()
    going.start()
    while going.is_alive():
        going.join(0.1)
        tell(time.monotonic() - begun)
    return going.result()


def leave(code: int) -> NoReturn:
    """End the process without waiting for work that was left behind; nothing may be half written."""
    console.clear()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


def abandon(code: int) -> NoReturn:
    """End the process at once, as nobody reads what it has written to stdout."""
    with suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


class _Work(threading.Thread, Generic[Result]):
    """Work that goes on beside the thread that hears interrupts."""

    def __init__(self, work: Callable[[], Result]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._results: list[Result] = []
        self._errors: list[Exception] = []

    def run(self) -> None:
        try:
            self._results.append(self._work())
        except Exception as error:  # noqa: BLE001 - raised by whoever waits
            self._errors.append(error)

    def result(self) -> Result:
        """What the work came to, once it is done."""
        if self._errors:
            raise self._errors[0]
        return self._results[0]


def _show(title: str, thread: threading.Thread) -> None:
    begun = time.monotonic()
    with console.progress(title, None) as bar:
        while thread.is_alive():
            thread.join(0.1)
            passed_s = time.monotonic() - begun
            bar.update(passed_s, f"{passed_s:.0f} s")


def last_chance() -> None:
    """From here on, another interrupt ends the process at once."""
    for number in _heard():
        signal.signal(number, signal.SIG_DFL)


def _heard() -> list[signal.Signals]:
    """Those that are not ignored: whoever starts a job in the background may have asked for that."""
    return [number for number in SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]
