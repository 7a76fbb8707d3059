"""The picture of subcarriers: what moves stands out, whatever the gain, the level and the terminal."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from midstream_cli.cli.view.palette import TRUE, Palette
from midstream_cli.cli.view.waterfall import COLUMNS, Rolling, even_gain, picture

RNG = np.random.default_rng(5)


def noise(n: int, channels: int = 16) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    """Amplitudes of a quiet room, each subcarrier at its own level."""
    return 10.0 * (1.0 + np.arange(channels)) * (1.0 + 0.01 * RNG.normal(size=(n, channels)))


def rolled(rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", rate_hz: float = 8.0) -> Rolling:
    """Rows as a view takes them."""
    rolling = Rolling(rows.shape[1])
    rolling.pace(rate_hz)
    rolling.take(rows)
    return rolling


def test_what_moves_stands_out_against_any_level() -> None:
    rows = noise(200)
    rows[-20:, 4] *= 1.3
    rows[-20:, 9] *= 0.7
    unusual = rolled(rows).unusual
    assert unusual[-20:, 4].min() > 5.0
    assert unusual[-20:, 9].max() < -5.0
    quiet = np.delete(unusual[-20:], [4, 9], axis=1)
    assert np.abs(quiet).mean() < 2.0


def test_gain_control_is_not_motion() -> None:
    rows = noise(200)
    stepped = rows * np.where(np.arange(200) < 100, 1.0, 3.0)[:, None]
    assert np.allclose(even_gain(stepped), even_gain(rows))


@pytest.mark.parametrize("cuts", [[1] * 300, [7] * 43, [300], [299, 1]])
def test_however_rows_come_the_picture_is_the_same(cuts: list[int]) -> None:
    rows = noise(300)
    whole, cut = rolled(rows, 40.0), Rolling(16)
    cut.pace(40.0)
    at = 0
    for n in cuts:
        cut.take(rows[at : at + n])
        at += n
    assert whole.count == 60
    assert np.allclose(whole.values, cut.values, equal_nan=True)
    assert np.allclose(whole.unusual, cut.unusual, equal_nan=True, atol=1e-6)


def test_a_rate_that_trembles_does_not_change_the_pace() -> None:
    rolling = Rolling(2)
    rolling.pace(1000.0)
    for rate_hz in (960.0, 1040.0, 800.0, 1200.0):
        rolling.pace(rate_hz)
        assert rolling.rows_per_column == 125
    rolling.pace(100.0)
    assert rolling.rows_per_column == 12
    for unknown in (None, math.nan, math.inf, 0.0, -5.0):
        rolling.pace(unknown)
        assert rolling.rows_per_column == 1


@pytest.mark.parametrize("colours", [0, 16, 256, TRUE])
@pytest.mark.parametrize("unicode", [True, False])
def test_every_terminal_gets_a_picture_of_the_size_it_has_room_for(colours: int, unicode: bool) -> None:
    rolling = rolled(noise(60))
    palette = Palette(colours, unicode)
    for columns, lines in ((40, 4), (80, 8), (200, 16)):
        drawn = picture(rolling.unusual, columns, lines, palette)
        assert 0 < len(drawn) <= lines
        for line in drawn:
            assert sum(len(text) for text, _ in line) == min(columns, COLUMNS)
            painted = palette.painted(line, columns)
            assert unicode or re.sub(r"\x1b\[[\d;]*m", "", painted).isascii()
            assert colours or "\x1b" not in painted
            assert not unicode or not colours or "\x1b[" in painted


def test_motion_is_seen_without_colours_and_noise_is_not() -> None:
    rows = noise(200)
    rows[-5:, 8:] *= 1.2
    still = picture(rolled(rows[:-5]).unusual, 40, 8, Palette(0))
    moving = picture(rolled(rows).unusual, 40, 8, Palette(0))
    assert "".join(line[0][0] for line in still).strip() == ""
    assert all(line[0][0][-5:].strip() for line in moving[4:])
    assert not any(line[0][0][:-5].strip() for line in moving)


@given(
    hnp.arrays(np.float64, st.tuples(st.integers(0, 12), st.integers(1, 40)), elements=st.floats(width=64)),
    st.integers(1, 50),
    st.integers(1, 9),
    st.sampled_from([0, 16, 256, TRUE]),
)
def test_any_numbers_make_a_picture(
    rows: "np.ndarray[tuple[int, int], np.dtype[np.float64]]", columns: int, lines: int, colours: int
) -> None:
    rolling = Rolling(rows.shape[1])
    with np.errstate(all="ignore"):
        rolling.take(even_gain(rows))
        rolling.take(rows)
        drawn = picture(rolling.unusual, columns, lines, Palette(colours))
    assert all(sum(len(text) for text, _ in line) == columns for line in drawn)
