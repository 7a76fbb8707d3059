"""What `watch` remembers from one time to the next: the file of `--state`."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from midstream_cli.cli import console, interrupts
from midstream_cli.errors import StoreError

if TYPE_CHECKING:
    from midstream_cli.introspection.events import Events
    from midstream_cli.introspection.nodes import IntrospectNodes

SAVE_S = 60.0
"""A crash costs so much of what a state remembers."""


class Memory:
    """What is known, in a file from one time to the next; in none, where none is named."""

    def __init__(self, path: Path | None, settings: dict[str, Any], nodes: "IntrospectNodes", events: "Events") -> None:
        """Go on from what is in the file.

        Raises:
            FormatError: it is damaged, or was written with other settings.
            StoreError: there is no folder for it that can be written to.
        """
        self._path, self._settings, self._nodes, self._events = path, settings, nodes, events
        self._due = time.monotonic() + SAVE_S
        if path is None:
            return
        from midstream_cli.introspection import state

        if not os.access(path.parent, os.W_OK):
            # known at once, not when there is something to lose
            raise StoreError(f"{path} cannot be written: {path.parent} is no folder of yours", "choose another --state")
        known = state.load(path, settings)
        if known is not None:
            nodes.resume(known["nodes"])
            events.resume(known["events"])
            console.note(f"going on from {path}")

    def tick(self) -> None:
        """Save now and then, so that a crash costs little."""
        if self._path is not None and time.monotonic() > self._due:
            with interrupts.held_back():
                self.save()
            self._due = time.monotonic() + SAVE_S

    def save(self) -> None:
        """Write what is known.

        Raises:
            StoreError: the file cannot be written.
        """
        if self._path is None:
            return
        from midstream_cli.introspection import state

        state.save(self._path, {"nodes": self._nodes.known(), "events": self._events.known()}, self._settings)


def settings(given: Mapping[str, Any]) -> dict[str, Any]:
    """What must be the same when a state is gone on from."""
    asked = ("feature", "false_alarms_per_day", "node", "subcarriers")
    library = None if given["signatures"] is None else _digest(Path(given["signatures"]))
    return {name: given[name] for name in asked} | {"signatures": library}


def _digest(place: Path) -> str:
    import hashlib

    from midstream_cli.compare.signatures.library import files

    found = hashlib.sha256()
    for path in files(place):
        found.update(path.read_bytes())
    return found.hexdigest()
