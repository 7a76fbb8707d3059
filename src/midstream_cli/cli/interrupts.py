"""Ctrl-C, SIGTERM and a terminal that closes while something must not be cut in two."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from midstream_cli.cli import console
from midstream_cli.errors import ExitCode

Result = TypeVar("Result")

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def take_all_as_ctrl_c() -> None:
    """Each of them then raises KeyboardInterrupt."""
    for number in _heard():
        signal.signal(number, signal.default_int_handler)


@contextmanager
def held_back() -> Iterator[None]:
    """Let the work inside be done, and only then be interrupted.

    Raises:
        KeyboardInterrupt: an interrupt came meanwhile.
    """
    came = False

    def remember(*_: object) -> None:
        nonlocal came
        came = True

    before = [(number, signal.signal(number, remember)) for number in _heard()]
    try:
        yield
    finally:
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
    results: list[Result] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - raised by whoever waits
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    try:
        thread.start()
        if title:
            _show(title, thread)
        thread.join()
    except KeyboardInterrupt:
        console.clear()
        # Python would wait for the threads that compare
        os._exit(ExitCode.INTERRUPTED)
    if errors:
        raise errors[0]
    return results[0]


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
