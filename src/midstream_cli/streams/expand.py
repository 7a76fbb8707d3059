"""From what users type to the recordings they mean."""

from glob import glob, has_magic
from pathlib import Path

from midstream_cli.errors import SourceError
from midstream_cli.streams.transports import scheme_of

MANIFEST = "manifest.json"
"""A folder with this file is one recording."""

COMPANIONS = (".md", ".meta.json", ".sig.json")
"""Files that lie beside recordings and are none."""


def expand(sources: list[str]) -> list[str]:
    """Every recording that is meant: globs matched, folders entered, in the order given, each once.

    Of several, one that matches or holds nothing stands for itself, and fails when it is read.

    Raises:
        SourceError: the only one matches or holds nothing.
    """
    found: dict[str, None] = {}
    for source in sources:
        if scheme_of(source) != "file" or source.startswith("file://"):
            found[source] = None
            continue
        pattern = has_magic(source) and not Path(source).exists()
        matches = sorted(glob(source, recursive=True)) if pattern else [source]  # noqa: PTH207 - keeps ~ and ..
        paths = [Path(path) for path in matches]
        if not paths and len(sources) == 1:
            raise SourceError(f"no file matches {source}", "check the pattern, and that it is quoted")
        for path in paths or [Path(source)]:
            inside = _recordings_in(path) if path.is_dir() else [path]
            if not inside and len(sources) == 1:
                raise SourceError(f"the folder {path} holds no recording", "midstream record SOURCE OUT writes one")
            found.update(dict.fromkeys(map(str, inside or [path])))
    return list(found)


def _recordings_in(folder: Path, above: frozenset[Path] = frozenset()) -> list[Path]:
    """The recordings of a folder and its folders; one that may not be entered stands for itself, and fails when read."""
    try:
        return _entered(folder, above)
    except PermissionError:
        return [folder]


def _entered(folder: Path, above: frozenset[Path]) -> list[Path]:
    """What is in a folder; a link back to one of those it lies in is not followed."""
    if (folder / MANIFEST).is_file():
        return [folder]
    above |= {folder.resolve()}
    inside: list[Path] = []
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name.endswith(COMPANIONS):
            continue
        if not path.is_dir():
            inside.append(path)
        elif path.resolve() not in above:
            inside += _recordings_in(path, above)
    return inside
