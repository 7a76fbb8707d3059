"""A command of the user's own, run for every event, that nothing waits for."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import Any

from midstream_cli.cli import console, output
from midstream_cli.results import Event

CLOSING_S = 2.0
"""How long the end waits for commands that still run."""

FIELDS = ("kind", "name", "signature_id", "score", "node", "time_s")
"""Of an event, in the environment of the command: `MIDSTREAM_KIND` and so on."""

STDERR = 2
"""Where the command's stdout goes: ours carries results alone."""


@dataclass(slots=True)
class Hooks:
    """Runs a shell command for events, each in a process and a session of its own, which Ctrl-C does not reach.

    The event is on its stdin as one line of JSON, and in its environment as `MIDSTREAM_KIND`, `MIDSTREAM_NAME`,
    `MIDSTREAM_SIGNATURE_ID`, `MIDSTREAM_SCORE`, `MIDSTREAM_NODE` and `MIDSTREAM_TIME_S`, empty where there is none. Its stdout
    goes to our stderr; its own stderr is kept, and told of where it fails. Each kind of failure is warned of once, by
    whoever calls next.

    Args:
        command: what `sh -c` runs.
        limit: how many may run at a time; events that come meanwhile are skipped.
    """

    command: str
    limit: int = 4
    warn: Callable[[str], None] = console.warning
    skipped: int = 0
    """Events for which nothing was run."""
    failed: int = 0
    """Commands that did not start, or ended with another code than 0."""
    _running: list[threading.Thread] = field(default_factory=list)
    _failures: list[tuple[str, str]] = field(default_factory=list)
    _told: set[str] = field(default_factory=set)

    def run(self, event: Event) -> None:
        """Run the command for an event, or count it as skipped; returns at once."""
        self.tell()
        if len(self._running) >= self.limit:
            self.skipped += 1
            return
        thread = threading.Thread(target=self._work, args=(output.rows([event])[0],), daemon=True)
        self._running.append(thread)
        thread.start()

    def tell(self) -> None:
        """Warn of what has failed since, and forget who has ended."""
        self._running = [thread for thread in self._running if thread.is_alive()]
        while self._failures:
            how, said = self._failures.pop(0)
            self.failed += 1
            if how not in self._told:
                self._told.add(how)
                self.warn(f"{self._brief()} {how}{': ' + said if said else ''} (this is told once)")

    def close(self) -> None:
        """Wait a moment for the commands that still run, and leave them to themselves."""
        until = time.monotonic() + CLOSING_S
        for thread in self._running:
            thread.join(max(0.0, until - time.monotonic()))
        self.tell()
        if self._running:
            self.warn(
                f"{self.command!r} still runs for {console.plural(len(self._running), 'event')}, and is left alone"
            )
        if self.skipped:
            self.warn(
                f"{self._brief()} was not run for {console.plural(self.skipped, 'event')}: {self.limit} still ran"
            )

    def _brief(self) -> str:
        return self.command if len(self.command) <= 60 else self.command[:59] + "…"

    def _work(self, event: Mapping[str, Any]) -> None:
        """One command, from its start to its end, in a thread of its own."""
        try:
            # files, not pipes: nobody has to read or to write while it runs
            with TemporaryFile() as stdin, TemporaryFile() as stderr:
                stdin.write(_encoded(json.dumps(event, ensure_ascii=False) + "\n"))
                stdin.seek(0)
                code = subprocess.Popen(  # noqa: S603 - the user's own command, as asked for
                    ["/bin/sh", "-c", self.command],
                    stdin=stdin,
                    stdout=STDERR,
                    stderr=stderr,
                    env=os.environ | {f"MIDSTREAM_{name.upper()}": _variable(event[name]) for name in FIELDS},
                    start_new_session=True,
                ).wait()
                if code:
                    stderr.seek(0)
                    first, _, _ = stderr.read(4096).strip().partition(b"\n")
                    self._failures.append((_ended(code), first.decode(errors="replace")))
        except (OSError, ValueError) as error:
            self._failures.append(("could not be run", str(error)))


def _encoded(text: str) -> bytes:
    """UTF-8; half a character of a stream that was cut becomes a question mark."""
    return text.encode(errors="replace")


def _variable(value: Any) -> str:
    """A value as a variable of the environment, which knows no null and no byte 0."""
    return "" if value is None else _encoded(str(value)).decode().replace("\0", "")


def _ended(code: int) -> str:
    if code > 0:
        return f"ended with exit code {code}"
    name = str(-code)
    with suppress(ValueError):
        name = signal.Signals(-code).name
    return f"was ended by signal {name}"
