"""Keeping a run and its results: in one go, or while a long run goes on."""

import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from midstream_cli.errors import StoreError
from midstream_cli.results import Run
from midstream_cli.store import database, schema


def append(path: str | Path, run: Run, results: Sequence[Any], patience_s: float = database.PATIENCE_S) -> int:
    """Keep results, of whichever classes, and the run they come from; return how many results.

    All of it is kept, or nothing. A run that is there already has its counts brought up to date.

    Raises:
        StoreError: the store could not be opened or written.
    """
    return append_all(path, [(run, results)], patience_s)


def append_all(
    path: str | Path, runs: Sequence[tuple[Run, Sequence[Any]]], patience_s: float = database.PATIENCE_S
) -> int:
    """Keep several runs and their results, all or nothing; see `append`."""
    classes = dict.fromkeys(type(result) for _, results in runs for result in results)

    def work(connection: Any) -> None:
        schema.prepare(connection, [Run, *classes])
        for run, results in runs:
            _keep_run(connection, run)
            for each in classes:
                if rows := [result for result in results if type(result) is each]:
                    _insert(connection, rows, run.run_id)

    database.transact(Path(path), work, patience_s)
    return sum(len(results) for _, results in runs)


def _keep_run(connection: Any, run: Run) -> None:
    counts = [run.frames, run.lost, run.bad, run.run_id]
    update = "UPDATE runs SET frames = ?, lost = ?, bad = ? WHERE run_id = ?"
    if not connection.execute(update, counts).fetchall()[0][0]:
        _insert(connection, [run], run.run_id)


def _insert(connection: Any, rows: Sequence[Any], run_id: str) -> None:
    from midstream_cli.store.columns import arrays, expression

    first = rows[0]
    own = [column for column in schema.columns(type(first)) if column.name != "run_id"]
    connection.register("rows", arrays(own, rows))
    names = ", ".join(["run_id", *(schema.quoted(column.name) for column in own)])
    values = ", ".join(["?", *(expression(column) for column in own)])
    table = schema.quoted(first.TABLE)
    insert = f"INSERT INTO {table} ({names}) SELECT {values} FROM rows"  # noqa: S608 - the names are quoted
    connection.execute(insert, [run_id])
    connection.unregister("rows")


class Store:
    """The results of a run that goes on, kept so often that a crash costs no more than the last two seconds.

    ```
    with Store(path, run) as store:
        store.write(results)
        store.count(frames, lost, bad)
    ```
    Entering keeps the run, so that a store that cannot be written is found out at once. When a flush fails on the way,
    the rows wait for the next one; only when too many wait, or at the end, is it an error.
    """

    PATIENT_FLUSHES = 10
    """Rows of so many flushes may wait for a store that is locked."""

    def __init__(self, path: str | Path, run: Run, rows: int = 10_000, seconds: float = 2.0) -> None:
        self.path, self.run = path, run
        self.kept = 0
        """Rows in the store by now."""
        self._rows, self._seconds = rows, seconds
        self._waiting: list[Any] = []
        self._run_kept: Run | None = None
        self._due = self._not_before = 0.0

    def __enter__(self) -> Self:
        self.flush()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.flush()

    def write(self, results: Sequence[Any]) -> None:
        """Take results, none included; flush when many wait or some have waited for long.

        Raises:
            StoreError: the store has failed for so long that too many rows wait.
        """
        self._waiting.extend(results)
        now = time.monotonic()
        if now < self._not_before or (now < self._due and len(self._waiting) < self._rows):
            return
        try:
            # the frames that come in meanwhile would have to wait as well
            self.flush(patience_s=0.0)
        except StoreError:
            if len(self._waiting) > self.PATIENT_FLUSHES * self._rows:
                raise
            self._not_before = now + self._seconds / 10

    def count(self, frames: int, lost: int, bad: int) -> None:
        """Say how many frames the run has read, missed and passed over; kept with the next flush."""
        from dataclasses import replace

        self.run = replace(self.run, frames=frames, lost=lost, bad=bad)

    def flush(self, patience_s: float = database.PATIENCE_S) -> None:
        """Keep what waits.

        Raises:
            StoreError: the store could not be opened or written; what waits still waits.
        """
        self._due = time.monotonic() + self._seconds
        if self._waiting or self.run != self._run_kept:
            self.kept += append(self.path, self.run, self._waiting, patience_s)
            self._waiting, self._run_kept = [], self.run
