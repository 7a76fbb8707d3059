"""What the live tap knows, kept in a file: baselines, paths, regimes, and who sent what."""

import hashlib
import json
import sys
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from midstream_cli import __version__
from midstream_cli.errors import FormatError, StoreError
from midstream_cli.introspection import graph


def save(path: Path, value: Any, settings: dict[str, Any]) -> None:
    """Write a value, whole or not at all.

    Args:
        settings: what it was made with, and must be asked for again; plain values.

    Raises:
        StoreError: the file cannot be written.
    """
    head = json.dumps({"version": __version__, "settings": settings}, sort_keys=True)
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        arrays = graph.dumped(value)
        sources = _sources(arrays["tree"].tobytes())
        extra: dict[str, Any] = {
            "_head": np.frombuffer(head.encode(), np.uint8),
            "_sources": np.frombuffer(json.dumps(sources).encode(), np.uint8),
        }
        with temporary.open("wb") as file:
            np.savez(file, allow_pickle=False, **arrays, **extra)
        temporary.replace(path)
    except OSError as error:
        raise StoreError(f"{path} cannot be written: {error}", "choose another --state, or make room there") from None
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def load(path: Path, settings: dict[str, Any]) -> Any:
    """The value in a file; None where there is no file.

    Raises:
        FormatError: it is damaged, of another version of the code, or of other settings.
    """
    if not path.exists():
        return None
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        head = json.loads(arrays.pop("_head").tobytes())
        sources = json.loads(arrays.pop("_sources").tobytes())
    except OSError as error:
        raise FormatError(f"{path} cannot be read: {error.strerror or error}", "choose another --state") from None
    except (ValueError, KeyError, AttributeError, zipfile.BadZipFile, EOFError):
        raise FormatError(
            f"{path} is no state of midstream, or damaged", "name another file, or delete this one to begin anew"
        ) from None
    if head["version"] != __version__ or sources != _sources(arrays["tree"].tobytes()):
        raise FormatError(f"{path} was written by another version of midstream", "delete it, and begin anew")
    asked = json.loads(json.dumps(settings))
    for name in sorted(set(asked) | set(head["settings"])):
        if asked.get(name) != head["settings"].get(name):
            raise FormatError(
                f"{path} was written with another {name}", "ask for the same, or name another file to begin anew"
            )
    return graph.loaded(arrays)


def _sources(tree: bytes) -> dict[str, str]:
    """A digest of the code of each class that a tree names: attributes of another version would mean something else."""
    names = sorted(set(_classes(json.loads(tree))))
    return {name: _digest(name) for name in names}


def _classes(tree: Any) -> list[str]:
    found, left = [], [tree]
    while left:
        node = left.pop()
        if isinstance(node, dict):
            found += [node[name].partition(":")[0] for name in ("object", "named", "enum") if name in node]
            left += node.values()
        elif isinstance(node, list):
            left += node
    return found


def _digest(module: str) -> str:
    place = getattr(sys.modules.get(module) or graph.module(module), "__file__", None)
    return hashlib.sha256(Path(place).read_bytes()).hexdigest()[:16] if place else ""
