"""Run all benchmarks, or those that are named, each in a process of its own: `python benchmarks/run.py parse startup`.

With --json, every row is a JSON object. The exit code is 1 where a bar is missed.
"""

import subprocess
import sys
from pathlib import Path

ALL = (
    "parse", "compare", "attractor", "attractor_regimes", "attractor_live", "attractor_onset", "watch", "watch_real",
    "watch_tokens", "startup", "store", "record", "memory",
)  # fmt: skip


def main() -> int:
    """Run them; say which missed a bar."""
    chosen = [word for word in sys.argv[1:] if not word.startswith("-")] or ALL
    if unknown := set(chosen) - set(ALL):
        print(f"no benchmark is called {', '.join(unknown)}; known are {', '.join(ALL)}", file=sys.stderr)
        return 2
    missed = []
    for name in chosen:
        print(f"── {name}", file=sys.stderr, flush=True)
        script = Path(__file__).with_name(f"{name}.py")
        as_json = [word for word in sys.argv[1:] if word == "--json"]
        if subprocess.run([sys.executable, script, *as_json], check=False).returncode:  # noqa: S603 - our own scripts
            missed.append(name)
    print(f"missed: {', '.join(missed)}" if missed else "every bar is held", file=sys.stderr)
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
