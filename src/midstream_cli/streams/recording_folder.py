"""The folder that is a recording: its manifest, and the lock that lets one writer in at a time."""

import errno
import fcntl
import json
import os
import socket
from pathlib import Path
from typing import Any

from midstream_cli.errors import FormatError, SourceError, StoreError, UsageError
from midstream_cli.streams.expand import MANIFEST
from midstream_cli.streams.segments import segment_files, whole_file
from midstream_cli.streams.tally import Tally

FORMAT, VERSION = "midstream-recording", 1
LOCK = "writer.lock"


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a recording says of itself.

    Raises:
        FormatError: the folder is not a recording, or is one of a version to come.
        SourceError: it cannot be read.
    """
    try:
        content = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError):
        content = None
    except OSError as error:
        raise SourceError(
            f"{folder / MANIFEST} cannot be read: {error.strerror}", f"ls -l {folder} shows who may read it"
        ) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise FormatError(f"the folder {folder} is not a recording", "midstream record SOURCE OUT writes one")
    if content.get("version") != VERSION:
        raise FormatError(f"the recording {folder} was written by a newer midstream", "update midstream to read it")
    return content


def write_manifest(folder: Path, content: dict[str, Any]) -> None:
    """Replace the manifest as a whole.

    Raises:
        OSError: there is no room for it.
    """
    with whole_file(folder / MANIFEST) as file:
        # a path may hold bytes that are no UTF-8
        file.write(json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "surrogatepass") + b"\n")


def tally_to_json(tally: Tally) -> dict[str, Any]:
    """A tally as a plain object."""
    return {
        name: dict(value) if isinstance(value, dict) else value
        for name, value in ((name, getattr(tally, name)) for name in Tally.__dataclass_fields__)
    }


def add_to_tally(tally: Tally, recorded: dict[str, Any]) -> None:
    """Count what was counted when the stream was recorded: it is as true of the recording."""
    for name, value in recorded.items():
        own = getattr(tally, name)
        if isinstance(own, dict):
            own.update(value)  # which, of a counter, adds
        elif isinstance(own, list):
            own.extend(sentence for sentence in value if sentence not in own)
        else:
            setattr(tally, name, own or value if isinstance(own, bool) else own + value)


def claim(folder: Path, *, force: bool) -> "WriterLock":
    """Make an empty folder for a new recording, and lock it.

    Args:
        folder: is made where it does not exist.
        force: replace a recording that is there; whatever else is there is never touched.

    Raises:
        UsageError: something is there already.
        StoreError: another process writes there, or the folder cannot be made.
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", "a recording is a folder: choose another name")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _holds_recording(folder)
        lock = WriterLock(folder)
        try:
            _make_room(folder, force=force)
        except BaseException:
            lock.release()
            raise
    except OSError as error:
        raise StoreError(f"{folder} cannot be written: {error.strerror}", "choose another folder") from None
    return lock


def _make_room(folder: Path, *, force: bool) -> None:
    if _holds_recording(folder) and not force:
        raise UsageError(f"there is a recording in {folder} already", "choose another folder, or replace it: --force")
    for path in segment_files(folder):
        path.unlink()


def _holds_recording(folder: Path) -> bool:
    """Whether a recording is in a folder, rather than nothing.

    Raises:
        UsageError: there is something else.
    """
    if all(path.name == LOCK for path in folder.iterdir()):
        return False
    try:
        read_manifest(folder)
    except FormatError as error:
        raise UsageError(f"{error}, and not empty", "choose another folder") from None
    return True


def being_written(folder: Path) -> bool:
    """Whether a process is writing to the recording at this moment."""
    try:
        with (folder / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


class WriterLock:
    """Held by the one process that writes to a recording.

    The lock is the system's: it ends with the process, however that ends, so that a lock file left by a crash keeps
    nobody out. The file says who holds it, for the message to whoever comes second.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._file = self._path.open("a+b")
        try:
            self._lock(folder)
            while not self._is_current():
                self._file.close()
                self._file = self._path.open("a+b")
                self._lock(folder)
        except BaseException:
            self._file.close()
            raise
        self._file.truncate(0)
        self._file.write(f"process {os.getpid()} on {socket.gethostname()}".encode())
        self._file.flush()

    def _lock(self, folder: Path) -> None:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.seek(0)
            holder = self._file.read().decode(errors="replace") or "another process"
            raise StoreError(
                f"{folder} is being written by {holder}", "stop it first, or choose another folder"
            ) from None
        except OSError as error:
            # some network file systems have no locks, and a recording without one is better than none
            if error.errno not in {errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS}:
                raise

    def _is_current(self) -> bool:
        """Whether the locked file still has its name: the holder before may have taken it away in between."""
        try:
            return os.path.samestat(os.fstat(self._file.fileno()), self._path.stat())
        except FileNotFoundError:
            return False

    def release(self) -> None:
        """Let the next writer in."""
        with self._file:
            self._path.unlink(missing_ok=True)
