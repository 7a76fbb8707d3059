"""Machine code in memory: found in the cache, or built with a message and kept there.

Loading needs LLVM's binding only, some 30 ms; numba, ten times as much, is imported where something must be built.
"""

import fcntl
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from midstream_cli.compiled import calling
from midstream_cli.compiled.kernel import Kernel
from midstream_cli.compiled.vectors import REGISTER

if TYPE_CHECKING:
    import llvmlite.binding as llvm

FOLDER_VARIABLE = "MIDSTREAM_CACHE"
"""Where machine code is kept; by default `midstream` in the user's cache folder."""

SUFFIX = ".kernels"
_DIGEST = 32
"""Bytes before the code by which damage is told: machine code that is cut off would end the process."""

_lock = RLock()
_loaded: dict[str, "llvm.ExecutionEngine"] = {}

# a child that is forked while another thread loads would wait for ever
os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_lock.release)


def _print(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201 - a Python session has nobody else to tell


tell: Callable[[str], None] = _print
"""Who hears what takes a while."""


def folder() -> Path:
    """Where machine code is kept."""
    chosen = os.environ.get(FOLDER_VARIABLE)
    if chosen:
        return Path(chosen)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "midstream"


def function(kernel: Kernel[..., Any], *, hold_gil: bool = False) -> Callable[..., Any]:
    """A kernel's machine code as a function of arrays and numbers, which it checks."""
    with _lock:
        address = load(kernel.module).get_function_address(kernel.name)
    return calling.bound(kernel.name, address, hold_gil=hold_gil)


def load(module: str) -> "llvm.ExecutionEngine":
    """The machine code of a module's kernels, in memory from now on."""
    with _lock:
        engine = _loaded.get(module)
        if engine is None:
            engine = _loaded[module] = _engine(_object_code(module))
        return engine


def is_loaded(module: str) -> bool:
    """Whether a module's kernels are in memory."""
    return module in _loaded


@cache
def _target() -> "llvm.TargetMachine":
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        reloc="pic",
        codemodel="jitdefault",
    )


def _engine(code: bytes) -> "llvm.ExecutionEngine":
    import llvmlite.binding as llvm

    for name, address in calling.symbols().items():
        llvm.add_symbol(name, address)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), _target())
    engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    return engine


def path(module: str) -> Path:
    """Where the machine code of a module is kept: it is named after all that it depends on."""
    import llvmlite
    import llvmlite.binding as llvm

    _target()
    folders = (Path(str(sys.modules[module].__file__)).parent, Path(__file__).parent)
    sources = [source for each in folders for source in sorted(each.glob("*.py"))]
    told = [llvm.get_host_cpu_name(), llvm.get_host_cpu_features().flatten(), llvmlite.__version__, str(REGISTER)]
    digest = hashlib.sha256("\n".join(told).encode() + b"".join(source.read_bytes() for source in sources))
    return folder() / f"{module.rpartition('.')[2]}-{digest.hexdigest()[:16]}{SUFFIX}"


def _object_code(module: str) -> bytes:
    """From the cache, else built; a cache that cannot be written is no obstacle."""
    kept = path(module)
    code = _kept(kept)
    if code is not None:
        return code
    with _turn(kept):
        # whoever was before may have built it
        return _kept(kept) or _built(module, kept)


@contextmanager
def _turn(kept: Path) -> Iterator[None]:
    """One process at a time builds a module; where there is no way to wait, each builds its own."""
    turn = kept.with_suffix(".lock")
    try:
        kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = turn.open("w")
    except OSError:
        yield
        return
    with file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            turn.unlink(missing_ok=True)


def _built(module: str, kept: Path) -> bytes:
    begun = time.perf_counter()
    tell(f"compiling the {module.rpartition('.')[2]} kernels for this machine, once …")
    from midstream_cli.compiled import building

    code = building.object_code(module, _target())
    try:
        _keep(code, kept)
    except OSError as error:
        tell(f"compiled in {time.perf_counter() - begun:.1f} s; not kept: {error}")
    else:
        tell(f"compiled in {time.perf_counter() - begun:.1f} s, kept in {kept.parent}")
    return code


def _kept(file: Path) -> bytes | None:
    """The machine code in a file; None where there is none, or where it is damaged."""
    try:
        content = file.read_bytes()
    except OSError:
        return None
    digest, code = content[:_DIGEST], content[_DIGEST:]
    return code if hashlib.sha256(code).digest() == digest else None


def _keep(code: bytes, kept: Path) -> None:
    import tempfile

    with tempfile.NamedTemporaryFile(dir=kept.parent, delete=False) as file:
        file.write(hashlib.sha256(code).digest() + code)
    # whole or not at all
    Path(file.name).replace(kept)
