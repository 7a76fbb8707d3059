"""Every gate of the project, in the order in which they fail fastest. Run it with the interpreter of the environment.

python scripts/check.py            all gates
python scripts/check.py lint types only these
"""

import os
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = Path(sysconfig.get_path("scripts"))


def lint() -> None:
    """Formatting and lint."""
    run(SCRIPTS / "ruff", "format", "--check")
    run(SCRIPTS / "ruff", "check")


def types() -> None:
    """Strict types."""
    run(SCRIPTS / "mypy")


def layers() -> None:
    """Imports run one way through the rooms."""
    run(SCRIPTS / "lint-imports")


def docs() -> None:
    """The generated pages are what the code says."""
    run(sys.executable, "scripts/docs.py", "--check")


def tests() -> None:
    """All tests on all processors, with branch coverage, command lines included; kernels without a compiler too.

    Examples are the same each time, so that a change is judged by what it changes; plain `pytest` looks for new ones.
    """
    pytest = ("pytest", "--hypothesis-profile=ci", "--numprocesses=auto", "--dist=worksteal")
    measured = (sys.executable, "-m", "coverage", "run", "-m", *pytest)
    kernels = [*Path(ROOT, "tests").rglob("kernels/test_*.py"), *Path(ROOT, "tests", "compiled").glob("test_*s.py")]
    run(sys.executable, "-m", "coverage", "erase")
    run(*measured, "--durations=10")
    run(*measured, *sorted(kernels), environment=os.environ | {"MIDSTREAM_COMPILED": "off"})
    run(sys.executable, "-m", "coverage", "combine", "--quiet")
    run(sys.executable, "-m", "coverage", "report")


def wheel() -> None:
    """A wheel, installed into an empty environment, does the main job from there."""
    with tempfile.TemporaryDirectory() as folder:
        run(sys.executable, "-m", "build", "--wheel", "--outdir", folder)
        (built,) = Path(folder).glob("*.whl")
        venv.create(Path(folder) / "env", with_pip=True)
        python = Path(folder) / "env" / "bin" / "python"
        run(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", built)
        midstream = python.with_name("midstream")
        run(midstream, "--version", folder=folder)
        run(midstream, "doctor", folder=folder)
        run(midstream, "capture-signature", "demo://walking", "--background", "demo://idle_room", folder=folder)
        run(midstream, "compare", "demo://day", "--signatures", "signatures", "--quiet", folder=folder, hush=True)
        run(midstream, "query", "SELECT label, count(*) FROM matches GROUP BY label", folder=folder)


GATES: tuple[Callable[[], None], ...] = (lint, types, layers, docs, tests, wheel)


def run(
    *words: object, folder: Path | str = ROOT, hush: bool = False, environment: Mapping[str, str] = os.environ
) -> None:
    """Run a command; a failure ends the gate."""
    output = subprocess.DEVNULL if hush else None
    subprocess.run([str(word) for word in words], cwd=folder, stdout=output, env=environment, check=True)


def main() -> int:
    """Run the gates that were asked for, all where none was; say how each went and how long it took."""
    chosen = [gate for gate in GATES if not sys.argv[1:] or gate.__name__ in sys.argv[1:]]
    failed = []
    for gate in chosen:
        says = (gate.__doc__ or "").partition("\n")[0]
        print(f"── {gate.__name__}: {says}", flush=True)
        begun = time.monotonic()
        try:
            gate()
        except subprocess.CalledProcessError as error:
            failed.append(gate.__name__)
            print(f"   failed: {' '.join(map(str, error.cmd))}", flush=True)
        print(f"   {time.monotonic() - begun:.1f} s", flush=True)
    print("failed: " + ", ".join(failed) if failed else "all gates passed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
