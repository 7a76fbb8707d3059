"""How many threads a command gives to products of matrices."""

import os
import subprocess
import sys

import pytest

SEEN = (
    "import os, sys; from midstream_cli.cli import main; early = 'numpy' in sys.modules; main._prepare_matrices(); "
    "print(early, os.environ.get('OPENBLAS_NUM_THREADS'), os.environ.get('OMP_NUM_THREADS'))"
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, "False 1 None"),
        ({"OPENBLAS_NUM_THREADS": "4"}, "False 4 None"),
        ({"OMP_NUM_THREADS": "3"}, "False None 3"),
    ],
)
def test_one_thread_before_numpy_is_there_unless_told_otherwise(given: dict[str, str], expected: str) -> None:
    without = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    found = subprocess.run(
        [sys.executable, "-c", SEEN], env=without | given, capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() == expected
