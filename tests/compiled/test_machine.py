"""Machine code is built once, kept, and loaded without a compiler."""

import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import one_kernel
import pytest

from midstream_cli.compiled import machine

USE = """
import sys, numpy, one_kernel
x, y = numpy.arange(8.0), numpy.full(8, 3.0)
print(one_kernel.lower(x, y), "numba" in sys.modules, "llvmlite" in sys.modules)
"""


def use(folder: Path, **environment: str) -> tuple[str, str]:
    """What a process prints that calls a kernel, on its two outputs."""
    done = subprocess.run(
        [sys.executable, "-c", USE],
        cwd=Path(__file__).parent,
        env=os.environ | {"MIDSTREAM_CACHE": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip(), done.stderr


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the machine code of these tests' kernels, and nothing said but once."""
    folder = tmp_path_factory.mktemp("cache") / "midstream"
    said, told = use(folder)
    assert said == "7 True True"
    assert told.startswith("compiling the one_kernel kernels for this machine, once …\ncompiled in ")
    assert told.rstrip().endswith(f"s, kept in {folder}")
    return folder


def test_the_second_process_compiles_nothing(cache: Path) -> None:
    assert use(cache) == ("7 False True", "")
    assert [file.suffix for file in cache.iterdir()] == [machine.SUFFIX]


def test_who_uses_numba_too_can_go_on_after_a_build(tmp_path: Path) -> None:
    then = """
import numba
@numba.njit
def rows(n):
    return numpy.empty((n, 2)).shape[0] + min(n, 5)
print(rows(3))
"""
    done = subprocess.run(
        [sys.executable, "-c", USE + then],
        cwd=Path(__file__).parent,
        env=os.environ | {"MIDSTREAM_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["7", "True", "True", "6"]


def test_damaged_machine_code_is_built_again(cache: Path) -> None:
    (file,) = cache.iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:-100], whole[:2000] + bytes([whole[2000] ^ 1]) + whole[2001:], b""):
        file.write_bytes(damaged)
        said, told = use(cache)
        assert said == "7 True True"
        assert "compiling" in told
    assert use(cache) == ("7 False True", "")


def test_another_machine_gets_machine_code_of_its_own(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(machine.FOLDER_VARIABLE, str(cache))
    here = machine.path("one_kernel")
    assert here.exists()
    monkeypatch.setattr(machine, "REGISTER", 1)
    assert machine.path("one_kernel") != here


def test_a_cache_that_cannot_be_written_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    said, told = use(tmp_path / "file" / "cache")
    assert said == "7 True True"
    assert "not kept: " in told


def test_two_processes_may_build_at_once(tmp_path: Path) -> None:
    environment = os.environ | {"MIDSTREAM_CACHE": str(tmp_path)}
    command = [sys.executable, "-c", USE]
    folder = Path(__file__).parent
    both = [subprocess.Popen(command, cwd=folder, env=environment, stdout=-1, stderr=-1) for _ in range(2)]
    assert sorted(process.communicate()[0] for process in both) == [b"7 False True\n", b"7 True True\n"]
    assert [process.returncode for process in both] == [0, 0]
    assert use(tmp_path) == ("7 False True", "")


FORK = """
import os, signal, threading, time
from midstream_cli.compiled import machine
loading = threading.Event()

def load():
    with machine._lock:
        loading.set()
        time.sleep(0.3)

thread = threading.Thread(target=load)
thread.start()
loading.wait()
child = os.fork()
if child == 0:
    signal.alarm(5)
    one_kernel.lower.function()
    os._exit(0)
thread.join()
print(os.waitpid(child, 0)[1])
"""


def test_a_child_that_is_forked_while_kernels_are_loaded_can_load_them_too(cache: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", USE + FORK],
        cwd=Path(__file__).parent,
        env=os.environ | {"MIDSTREAM_CACHE": str(cache)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[1] == "0"


def test_without_compiled_code_kernels_run_as_they_are_written(tmp_path: Path) -> None:
    assert use(tmp_path / "never", MIDSTREAM_COMPILED="off") == ("7 False False", "")
    assert not (tmp_path / "never").exists()


def test_the_folder_is_the_users_unless_told_otherwise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(machine.FOLDER_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert machine.folder() == tmp_path / "midstream"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert machine.folder() == tmp_path / ".cache" / "midstream"


def test_a_module_is_in_memory_once_a_kernel_was_called() -> None:
    assert not machine.is_loaded("no_such_kernels")
    assert one_kernel.lower(np.zeros(8), np.ones(8)) == 255
    assert machine.is_loaded("one_kernel") == (os.environ.get("MIDSTREAM_COMPILED") != "off")


KERNEL = """
import numpy as np
from midstream_cli.compiled.kernel import F1, kernel

@kernel
def unfit(x: F1) -> float:
    {}
    return x[0]
"""


@pytest.mark.parametrize(
    ("name", "line", "why"),
    [
        ("allocating", "x = np.zeros(x.shape[0])", "Only accept returning of array passed into the function"),
        ("raising", "if x.shape[0] == 3: raise ValueError(3)", "kernel unfit can raise an exception"),
        ("printing", "print(x[0])", "kernel unfit needs .*Py"),
    ],
)
def test_a_kernel_that_needs_a_running_compiler_is_refused(
    name: str, line: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from numba.core.errors import TypingError

    (tmp_path / f"{name}_kernels.py").write_text(KERNEL.format(line))
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv(machine.FOLDER_VARIABLE, str(tmp_path / "cache"))
    module = importlib.import_module(f"{name}_kernels")
    with pytest.raises((AssertionError, TypingError), match=why):
        module.unfit.function()
    assert list((tmp_path / "cache").iterdir()) == []
