"""The checks of `doctor`: each looks at one thing that a working set-up needs."""

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from midstream_cli import __version__
from midstream_cli.cli.console import plural
from midstream_cli.cli.runs import NO_STORE
from midstream_cli.errors import MidstreamError

LIBRARIES = ("numpy", "scipy", "numba", "pyarrow", "duckdb", "pyserial", "rapidfuzz", "pyyaml", "typer", "rich")


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to."""

    check: str
    status: str
    """`ok`, `note` where something is missing that not everyone needs, or `fault`."""
    found: str
    hint: str = ""


def examine(store: str) -> Iterator[Finding]:
    """All checks, one after the other; what a check itself trips over is its finding."""
    checks: dict[str, Callable[[], Finding]] = {
        "versions": versions,
        "kernels": kernels,
        "demo": demo,
        "serial ports": serial_ports,
        "udp": udp,
        "store": lambda: store_file(store),
        "configuration": configuration,
        "terminal": terminal,
    }
    for name, check in checks.items():
        try:
            yield check()
        except MidstreamError as error:
            yield Finding(name, "fault", str(error), error.hint)


def versions() -> Finding:
    """Python, midstream and what it stands on."""
    from importlib.metadata import PackageNotFoundError, version

    found, missing = [], []
    for name in LIBRARIES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    here = f"midstream {__version__}, Python {sys.version.split()[0]}, {', '.join(found)}"
    if missing:
        return Finding("versions", "fault", f"missing: {', '.join(missing)}", f"pip install {' '.join(missing)}")
    return Finding("versions", "ok", here)


def kernel_modules() -> list[str]:
    """The names of all modules that are compiled."""
    from importlib import import_module
    from pkgutil import iter_modules

    from midstream_cli.compare import kernels as package
    from midstream_cli.compiled.kernel import declared

    names = [f"{package.__name__}.{found.name}" for found in iter_modules(package.__path__)]
    return [name for name in names if declared(import_module(name).__name__)]


def kernels() -> Finding:
    """Which kernels are compiled for this machine."""
    from midstream_cli.compiled import machine

    modules = kernel_modules()
    kept = {module: machine.path(module) for module in modules}
    sizes = [path.stat().st_size for path in kept.values() if path.exists()]
    found = f"{len(sizes)} of {len(modules)} modules are compiled for this machine"
    if sizes:
        found += f", {sum(sizes) / 1e3:,.0f} kB in {machine.folder()}"
    waits = (
        ""
        if len(sizes) == len(modules)
        else "the first command that needs the others compiles them; or: doctor --compile"
    )
    missing = [each for each in (machine.folder(), *machine.folder().parents) if each.exists()][:1]
    if missing and not os.access(missing[0], os.W_OK):
        return Finding(
            "kernels",
            "fault",
            f"{found}; you may not write to {missing[0]}",
            "choose another folder: export MIDSTREAM_CACHE=…",
        )
    return Finding("kernels", "note" if waits else "ok", found, waits)


def demo() -> Finding:
    """A simulated second goes through the whole chain."""
    from midstream_cli.streams.source import open_source

    with open_source("demo://walking?duration=1") as opened:
        frames = sum(len(piece) for piece in opened)
    if frames == 0:
        return Finding("demo", "fault", "demo://walking yields no frame", "reinstall midstream")
    return Finding("demo", "ok", f"{frames} simulated frames read as {opened.info.format}")


def serial_ports() -> Finding:
    """Ports, and whether this user may open them."""
    from midstream_cli.streams.ports import boards, cannot_open, listed

    found = boards()
    if not found:
        return Finding(
            "serial ports", "note", f"no ESP32 is plugged in; ports here: {listed()}", "some cables only charge"
        )
    for device in found:
        if not os.access(device, os.R_OK | os.W_OK):
            error = cannot_open(device, PermissionError(13, "Permission denied"))
            return Finding("serial ports", "fault", str(error), error.hint)
    return Finding("serial ports", "ok", listed(), f"midstream record serial://{found[0]} recordings/first")


def udp() -> Finding:
    """Whether the port that boards send to is free."""
    from midstream_cli.streams.tally import Tally
    from midstream_cli.streams.transports import Patience, load

    url = "udp://0.0.0.0:5005"
    load(url).open_stream(url, Patience(), Tally()).close()
    return Finding("udp", "ok", f"{url} can be listened on")


def store_file(store: str) -> Finding:
    """Whether results can be kept and read."""
    from pathlib import Path

    from midstream_cli.store.reading import tables

    if store == NO_STORE:
        return Finding("store", "ok", "results are not kept")
    path = Path(store).expanduser()
    if not path.exists():
        folder = path.absolute().parent
        if not folder.is_dir():
            return Finding("store", "fault", f"{store} cannot be made: {folder} is not a folder", f"mkdir -p {folder}")
        if not os.access(folder, os.W_OK):
            return Finding("store", "fault", f"you may not write to {folder}", "choose another file with --store")
        return Finding("store", "ok", f"{store} does not exist yet; the first result makes it")
    rows = sum(int(table["rows"]) for table in tables(store))
    if not os.access(path, os.W_OK):
        return Finding("store", "fault", f"you may not write to {store}", f"ls -l {store} shows who may")
    return Finding("store", "ok", f"{store} holds {plural(rows, 'row')}")


def configuration() -> Finding:
    """Whether the configuration files make sense."""
    from midstream_cli.cli import config
    from midstream_cli.cli.app import tree

    config.defaults(tree())
    return Finding("configuration", "ok", ", ".join(map(str, config.files())) or "no configuration file")


def terminal() -> Finding:
    """Whether pictures can be drawn."""
    from midstream_cli.cli import console

    encoding = sys.stdout.encoding or "ascii"
    if "utf" not in encoding.lower():
        return Finding("terminal", "note", f"its encoding is {encoding}, pictures need UTF-8", "export LANG=C.UTF-8")
    kind = "a terminal" if sys.stdout.isatty() else "not a terminal"
    return Finding(
        "terminal", "ok", f"{kind}, {encoding}, {'colours' if console.colourful(sys.stdout) else 'no colours'}"
    )
