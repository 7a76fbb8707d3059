"""The DuckDB file: opened for one transaction or one query, and closed again, so that other processes get their turn.

While one process has the file open for writing, no other can open it, not even to read. Whoever finds it locked waits
for up to two seconds.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from midstream_cli.errors import StoreError

PATIENCE_S = 2.0
"""How long to wait for another process to close the file."""

_OFFLINE: dict[str, Any] = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}

_SHUT = _OFFLINE | {
    "enable_external_access": "false",
    "python_enable_replacements": "false",
    "lock_configuration": "true",
}

_READABLE_SINCE = "v1.4.0"
"""The oldest DuckDB that reads the files of any other: the oldest that midstream runs with."""


def transact(path: Path, work: Callable[[Any], None], patience_s: float = PATIENCE_S) -> None:
    """Do `work(connection)` in one transaction, which is kept as a whole, or not at all when it fails.

    A new store appears with its first transaction in it, whatever kills us meanwhile. `work` may be called twice.

    Raises:
        StoreError: the file could not be opened or written.
    """
    import duckdb

    path = _absolute(path)
    try:
        if path.exists() or not _begin(path, work):
            _transact(_connect(path, _OFFLINE, patience_s, read_only=False), work)
    except (duckdb.Error, OSError, RuntimeError) as error:
        if is_interrupt(error):
            raise KeyboardInterrupt from None
        if isinstance(error, RuntimeError):
            raise
        raise StoreError(*_explained(path, str(error))) from None
    except StoreError as error:
        raise StoreError(f"{path}: {error}", error.hint) from None


@contextmanager
def reading(path: Path, patience_s: float = PATIENCE_S) -> Iterator[Any]:
    """A connection that reads the store and can reach nothing else: no file, no network, no setting.

    Raises:
        StoreError: there is no such store, or it could not be opened.
    """
    import duckdb

    path = _absolute(path)
    if not path.exists():
        raise StoreError(
            f"there is no store at {path}",
            "results get there when a command such as capture-signature or compare runs; --store names another file",
        )
    try:
        connection = _connect(path, _SHUT, patience_s, read_only=True)
    except duckdb.Error as error:
        raise StoreError(*_explained(path, str(error))) from None
    try:
        yield connection
    finally:
        connection.close()


def _absolute(path: Path) -> Path:
    # a relative ":memory:" or "md:name" would not be a file to DuckDB, and of a path like a?b it makes two
    path = path.expanduser().absolute()
    if "?" in str(path):
        raise StoreError(
            f"{path} has a question mark, which DuckDB cannot have in a path", "choose another with --store"
        )
    return path


def _begin(path: Path, work: Callable[[Any], None]) -> bool:
    """Make a store with its first transaction in it; False when another process was quicker."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix=".midstream-", dir=path.parent) as folder:
        fresh = Path(folder) / path.name
        config = _OFFLINE | {"storage_compatibility_version": _READABLE_SINCE}
        # with nothing left in the log, the file alone is the store
        _transact(_connect(fresh, config, 0.0, read_only=False), work, "CHECKPOINT")
        try:
            os.link(fresh, path)
        except FileExistsError:
            return False
        except OSError:
            # a file system without hard links
            fresh.replace(path)
    return True


def _transact(connection: Any, work: Callable[[Any], None], afterwards: str = "") -> None:
    import duckdb

    try:
        connection.execute("BEGIN")
        work(connection)
        connection.execute("COMMIT")
        if afterwards:
            connection.execute(afterwards)
    except BaseException:
        # closing alone leaves an interrupted statement behind, and DuckDB 1.4 then waits for it for ever
        with suppress(duckdb.Error):
            connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()


def _connect(path: Path, config: dict[str, Any], patience_s: float, *, read_only: bool) -> Any:
    import duckdb

    deadline = time.monotonic() + patience_s
    pause_s = 0.005
    while True:
        try:
            return duckdb.connect(str(path), read_only=read_only, config=config)
        except (duckdb.IOException, duckdb.ConnectionException) as error:
            if not _is_locked(str(error)) or time.monotonic() + pause_s > deadline:
                raise
        time.sleep(pause_s)
        pause_s = min(2 * pause_s, 0.1)


def _is_locked(message: str) -> bool:
    # the second is how another thread of this process meets the same lock
    return "Could not set lock" in message or "different configuration than existing connections" in message


def is_interrupt(error: Exception) -> bool:
    """Whether an error is Ctrl-C, in one of the shapes that it comes out of DuckDB in."""
    return any(sign in str(error) for sign in ("Query interrupted", "Interrupted!", "KeyboardInterrupt:"))


def _explained(path: Path, message: str) -> tuple[str, str]:
    """What went wrong with a file, and what to do about it."""
    elsewhere = "choose another file with --store"
    causes = (
        (_is_locked(message), f"is locked by {_holder(message)}", f"wait until it has ended, or {elsewhere}"),
        (path.is_dir(), "is a folder", f"name a file in it: --store {path / 'midstream.duckdb'}"),
        (not path.parent.is_dir(), f"cannot be made: {path.parent} is not a folder", f"mkdir -p {path.parent}"),
        ("Permission denied" in message, "may not be read or written", f"ask who owns it, or {elsewhere}"),
        ("Read-only file system" in message, "is on a read-only file system", elsewhere),
        ("No space left" in message, "is on a full disk; nothing of this was kept", f"make room, or {elsewhere}"),
        ("quota exceeded" in message, "exceeds your quota; nothing of this was kept", f"make room, or {elsewhere}"),
        ("File too large" in message, "would be larger than files may be; nothing of this was kept", "see ulimit -f"),
        ("with version number" in message, "was written by a newer DuckDB", "pip install --upgrade duckdb"),
        ("Corrupt database file" in message, "is damaged", f"bring back a copy of it, or {elsewhere}"),
        ("WAL does not match" in message, "has the log of another store beside it", f"if that is gone: rm {path}.wal"),
        (not _is_duckdb(path), "is not a DuckDB database", elsewhere),
    )
    for applies, what, hint in causes:
        if applies:
            return f"{path} {what}", hint
    return f"{path}: {summary(message)}", f"see whether DuckDB itself opens it; if not, {elsewhere}"


def _is_duckdb(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(12)[8:] == b"DUCK"
    except OSError:
        return True


def _holder(message: str) -> str:
    found = re.search(r"held in (\S+) \(PID (\d+)\)", message)
    return f"process {found[2]} ({Path(found[1]).name})" if found else "another process"


def summary(message: str) -> str:
    """DuckDB's message without the kind of exception before it and the stack trace behind it."""
    text = message.partition("Stack Trace:")[0].strip()
    return re.sub(r"^(?:\w+ )+Error: ", "", text)
