"""Ctrl-C, SIGTERM and a terminal that closes while something must not be cut in two."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

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


def last_chance() -> None:
    """From here on, another interrupt ends the process at once."""
    for number in _heard():
        signal.signal(number, signal.SIG_DFL)


def _heard() -> list[signal.Signals]:
    """Those that are not ignored: whoever starts a job in the background may have asked for that."""
    return [number for number in SIGNALS if signal.getsignal(number) not in (signal.SIG_IGN, None)]
