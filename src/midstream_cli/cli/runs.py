"""The run that results come from, and keeping both in the store that `--store` names."""

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from midstream_cli import __version__
from midstream_cli.cli import console
from midstream_cli.cli.console import plural
from midstream_cli.cli.interrupts import held_back

if TYPE_CHECKING:
    from midstream_cli.results import Run
    from midstream_cli.store.writing import Store

NO_STORE = "none"
"""What `--store` is given to keep nothing."""

KEEP_S = 2.0
"""A crash costs the runs that ended in so many seconds."""

_HIDDEN = r"(?:password|passwd|secret|token|api_?key|key|credentials?)"
_SECRET_OPTION = re.compile(rf"(?i)(?:^|_){_HIDDEN}$")
_SECRET_PARAMETER = re.compile(rf"(?i)([?&](?:[^=&\s\"]*[_-])?{_HIDDEN}=)[^&\s\"]+")
_USERINFO = re.compile(r"(?<=://)[^/@\s\"]+@")


def new_run(command: str, arguments: Mapping[str, Any], source: str, seed: int | None = None) -> "Run":
    """A run that begins now. Arguments that were not given are left out, and so is what is secret."""
    import json
    from datetime import UTC, datetime

    from midstream_cli.results import Run

    given = {name: value for name, value in arguments.items() if value is not None and not _SECRET_OPTION.search(name)}
    return Run(
        run_id=os.urandom(6).hex(),
        command=command,
        arguments=without_secrets(json.dumps(given, sort_keys=True, separators=(",", ":"), default=str)),
        version=__version__,
        source=without_secrets(source),
        started=datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        seed=seed,
        frames=0,
        lost=0,
        bad=0,
    )


def without_secrets(text: str) -> str:
    """URLs without the user, the password and the keys in them."""
    return _SECRET_PARAMETER.sub(r"\1***", _USERINFO.sub("***@", text))


def keep(store: str, run: "Run", results: Sequence[Any]) -> None:
    """Keep a run and its results, and say so; `none` keeps nothing.

    Raises:
        StoreError: the store could not be opened or written.
    """
    if store == NO_STORE:
        return
    from midstream_cli.store.writing import append

    _told(store, run, append(store, run, results))


@contextmanager
def keeping_each(store: str) -> Iterator[Callable[["Run", Sequence[Any]], None]]:
    """Keep runs as they end, those of a few seconds at a time, and say at the end how many; `none` keeps nothing.

    What ended before an error or Ctrl-C is kept too.

    Raises:
        StoreError: the store could not be opened or written.
    """
    if store == NO_STORE:
        yield lambda _run, _results: None
        return
    from midstream_cli.store.writing import append_all

    waiting: list[tuple[Run, Sequence[Any]]] = []
    runs = rows = 0
    due = time.monotonic() + KEEP_S

    def flush() -> None:
        nonlocal rows, due
        with held_back():
            rows += append_all(store, waiting) if waiting else 0
            waiting.clear()
        due = time.monotonic() + KEEP_S

    def keep_one(run: "Run", results: Sequence[Any]) -> None:
        nonlocal runs
        runs += 1
        waiting.append((run, results))
        if time.monotonic() > due:
            flush()

    try:
        yield keep_one
    finally:
        flush()
        if runs:
            console.note(f"wrote {plural(rows, 'row')} of {plural(runs, 'run')} to {store}")


class Keeper(Protocol):
    """What takes the results of a run that goes on."""

    def write(self, results: Sequence[Any]) -> None:
        """Take results; call it with none now and then, so that it can flush."""
        ...

    def count(self, frames: int, lost: int, bad: int) -> None:
        """Say how many frames the run has read, missed and passed over."""
        ...


class _Nowhere:
    """Keeps nothing."""

    def write(self, results: Sequence[Any]) -> None: ...

    def count(self, frames: int, lost: int, bad: int) -> None: ...


class _Whole:
    """Keeps results in a store; an interrupt waits until a flush is over, so that no row is lost or kept twice."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self.count = store.count

    def write(self, results: Sequence[Any]) -> None:
        with held_back():
            self._store.write(results)


@contextmanager
def keeping(store: str, run: "Run") -> Iterator[Keeper]:
    """Keep the results of a run while it goes on, and say at the end how many; `none` keeps nothing.

    Raises:
        StoreError: the store could not be opened or written.
    """
    if store == NO_STORE:
        yield _Nowhere()
        return
    from midstream_cli.store.writing import Store

    sink = Store(store, run)
    sink.flush()
    try:
        yield _Whole(sink)
    finally:
        try:
            with held_back():
                sink.flush()
        finally:
            _told(store, run, sink.kept)


def _told(store: str, run: "Run", rows: int) -> None:
    console.note(f"wrote {plural(rows, 'row')} to {store} (run {run.run_id})")
