"""The one owner of stderr: notes, warnings, errors, and progress where someone is looking."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

quiet = False
"""Set by `--quiet`: nothing but errors is said."""

_COLOURS = {"error": "31;1", "warning": "33", "hint": "36", "note": "2"}


def error(message: str, hint: str = "") -> None:
    """Say what went wrong, and what to do next."""
    _say("error", message)
    if hint:
        _say("hint", hint)


def warning(message: str) -> None:
    """Say something that may spoil a result."""
    if not quiet:
        _say("warning", message)


def note(message: str) -> None:
    """Say what was done."""
    if not quiet:
        clear()
        print(message, file=sys.stderr, flush=True)


def plural(count: int, noun: str) -> str:
    """`1 frame`, `2,341 frames`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def colourful(stream: Any) -> bool:
    """Whether to use colours on a stream: `NO_COLOR` and `FORCE_COLOR` first, else whether it is a terminal."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return bool(stream.isatty()) and os.environ.get("TERM") != "dumb"


def watched() -> bool:
    """Whether someone may be looking at stderr, so that progress is worth drawing."""
    return not quiet and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def _say(kind: str, message: str) -> None:
    clear()
    sys.stdout.flush()
    head = f"\x1b[{_COLOURS[kind]}m{kind}:\x1b[0m" if colourful(sys.stderr) else f"{kind}:"
    print(f"{head} {message}", file=sys.stderr, flush=True)


class Progress(Protocol):
    """Something that long work reports to."""

    def update(self, done: float, text: str = "") -> None:
        """So much of the total is done; `text` replaces what stands behind the bar."""
        ...


class _Unwatched:
    def update(self, done: float, text: str = "") -> None:
        """Nobody looks."""


@contextmanager
def progress(title: str, total: float | None) -> Iterator[Progress]:
    """A progress bar on a watched terminal, after half a second of work; a counter where the total is not known."""
    if not watched() or _shown is not None:
        yield _Unwatched()
        return
    bar = _Bar(title, total)
    show(bar)
    try:
        yield bar
    finally:
        show(None)
        bar.hide()


class _Bar:
    """Draws at most ten times a second, and not for work that is over at once."""

    def __init__(self, title: str, total: float | None, patience_s: float = 0.1) -> None:
        self._title, self._total = title, total
        self._due = time.monotonic() + patience_s
        self._drawn: Any = None

    def update(self, done: float, text: str = "") -> None:
        now = time.monotonic()
        if now < self._due:
            return
        self._due = now + 0.1
        if self._drawn is None:
            self._drawn = self._open()
        self._drawn.start()
        self._drawn.update(self._drawn.task_ids[0], completed=done, text=text)
        self._drawn.refresh()

    def _open(self) -> Any:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

        known = (BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
        columns = [SpinnerColumn(), TextColumn("{task.description}"), *(known if self._total else ())]
        drawn = Progress(
            *columns,
            TextColumn("{task.fields[text]}"),
            console=Console(stderr=True),
            transient=True,
            auto_refresh=False,
            # or it would print what goes to stdout to the terminal itself
            redirect_stdout=False,
            redirect_stderr=False,
        )
        drawn.add_task(self._title, total=self._total, text="")
        return drawn

    def hide(self) -> None:
        """Take the bar off the screen until its next update."""
        if self._drawn is not None:
            self._drawn.stop()


class Drawn(Protocol):
    """Something that takes room on the terminal, and can be taken off it."""

    def hide(self) -> None:
        """Make room for something to be written; the next update brings it back."""
        ...


_shown: Drawn | None = None
"""The bar or the view of the work that goes on."""


def show(drawn: Drawn | None) -> None:
    """Tell what takes room on the terminal from now on; None when it is free again. No bar is drawn meanwhile."""
    global _shown  # noqa: PLW0603 - a terminal has room for one
    _shown = drawn


def clear() -> None:
    """Make room on the terminal for something to be written; the next update brings the progress bar back."""
    if _shown is not None:
        _shown.hide()
