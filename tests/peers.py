"""Libraries to compare with."""

from typing import Any
from unittest.mock import patch

import pytest


def as_written(name: str) -> Any:
    """A library whose functions numba would compile, left as they are written: of small cases, compiling takes longest.

    The test is skipped where the library is not installed.
    """
    import numba

    with patch.object(numba.config, "DISABLE_JIT", new=True):
        return pytest.importorskip(name)
