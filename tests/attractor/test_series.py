"""From what was measured of a stream to the series that is analysed."""

from typing import Any

import numpy as np
import pytest

from midstream_cli.attractor.series import ALL, series
from midstream_cli.compare.named import Named
from midstream_cli.errors import InsufficientData, UsageError
from midstream_cli.frames import Float64

N = 200
SINE = np.sin(0.3 * np.arange(N))


def columns(*values: Any, times: Float64 | None = None, names: str = "xyzuvw") -> Named:
    """A stream of numbers."""
    stacked = np.stack([np.asarray(each, float) for each in values], axis=1)
    return Named("s.csv", "columns", stacked, parameters={"columns": list(names[: len(values)])}, time_s=times)


def on_grid(values: Float64, time_s: Float64, rate_hz: float = 10.0) -> Named:
    """A feature of channel state."""
    return Named("s", "bands8", values, parameters={"carrying": [1]}, rate_hz=rate_hz, time_s=time_s)


def test_a_single_column_is_taken_as_it_is_and_goes_by_its_name() -> None:
    found = series(columns(SINE))
    assert found.values.tolist() == SINE.tolist()
    assert (found.channel, found.rate_hz, found.start_s, found.end_s, found.notes) == ("x", None, None, None, ())


def test_the_leading_component_of_columns_does_not_know_their_units() -> None:
    other = np.cos(0.11 * np.arange(N))
    small, large = (series(columns(SINE, SINE + 0.1 * other, scale * other)).values for scale in (1.0, 1e9))
    assert small == pytest.approx(large, abs=1e-9)
    assert abs(np.corrcoef(small, SINE)[0, 1]) > 0.95


def test_the_leading_component_of_subcarriers_is_that_of_the_largest_motion() -> None:
    values = np.stack([100 * SINE, np.cos(0.11 * np.arange(N))], axis=1)
    found = series(on_grid(values, np.arange(N) / 10.0))
    assert abs(np.corrcoef(found.values, SINE)[0, 1]) > 0.9999
    assert (found.channel, found.rate_hz, found.start_s) == ("leading", 10.0, 0.0)
    assert found.end_s == pytest.approx(20.0)


@pytest.mark.parametrize(("channel", "at"), [("y", 1), ("1", 1), ("z", 2), ("0", 0)])
def test_a_channel_is_chosen_by_name_or_by_place(channel: str, at: int) -> None:
    given = columns(SINE, 2 * SINE, 3 * SINE)
    found = series(given, channel)
    assert found.values.tolist() == given.values[:, at].tolist()
    assert found.channel == "xyz"[at]


def test_a_name_that_is_a_number_goes_before_the_place() -> None:
    assert series(columns(SINE, 2 * SINE, names="10"), "0").values.tolist() == (2 * SINE).tolist()


def test_all_channels_stay_together() -> None:
    found = series(columns(SINE, 2 * SINE), ALL)
    assert found.values.shape == (N, 2)


@pytest.mark.parametrize("channel", ["q", "3", "-1", ""])
def test_a_channel_that_there_is_not_is_an_error_that_names_those_there_are(channel: str) -> None:
    with pytest.raises(UsageError, match="no channel") as caught:
        series(columns(SINE, SINE, SINE), channel)
    assert caught.value.hint == "known are leading, all, x, y, z"


def test_a_single_column_has_no_other_name() -> None:
    assert series(columns(SINE), "x").channel == series(columns(SINE), "0").channel == "x"
    with pytest.raises(UsageError, match="no channel 'y'"):
        series(columns(SINE), "y")


def test_of_a_series_with_holes_the_longest_stretch_is_taken() -> None:
    values = SINE.copy()
    values[[20, 21, 150]] = np.nan
    found = series(columns(values))
    assert found.values.tolist() == SINE[22:150].tolist()
    assert found.first == 22
    assert found.notes == ("72 of 200 values lie beyond holes and were left out",)


def test_a_first_value_that_no_event_before_it_can_have_is_left_out_without_a_word() -> None:
    values = np.concatenate([[np.nan], SINE])[:, None]
    found = series(Named("t", "inter-arrival", values, time_s=np.arange(N + 1.0)))
    assert (len(found.values), found.rate_hz, found.start_s, found.notes) == (N, None, None, ())


def test_a_column_that_is_mostly_missing_does_not_cost_the_others() -> None:
    rare = np.where(np.arange(N) % 3, np.nan, SINE)
    found = series(columns(SINE, rare, 2 * SINE))
    assert len(found.values) == N
    assert found.notes == ("of y, most values are missing: left out",)
    assert series(columns(SINE, rare, 2 * SINE), "all").values.shape == (N, 2)


def test_nothing_left_is_too_little() -> None:
    with pytest.raises(InsufficientData) as caught:
        series(columns(np.full(N, np.nan)))
    assert (caught.value.needed, caught.value.available) == (2, 0)


def test_a_missing_value_of_an_even_grid_ends_a_stretch() -> None:
    times = np.delete(np.arange(N) / 10.0, 60)
    found = series(on_grid(np.delete(SINE, 60)[:, None], times))
    assert found.values.tolist() == SINE[61:].tolist()
    assert found.start_s == pytest.approx(6.1)


def test_uneven_times_are_brought_onto_an_even_grid() -> None:
    times = np.cumsum(np.random.default_rng(0).uniform(0.5, 1.5, 500)) / 50
    found = series(columns(np.sin(2 * np.pi * times), times=times))
    assert found.rate_hz == pytest.approx(50, rel=0.05)
    assert found.rate_hz is not None
    assert found.start_s == times[0]
    even = times[0] + np.arange(len(found.values)) / found.rate_hz
    assert np.abs(found.values - np.sin(2 * np.pi * even)).max() < 0.01


def test_a_silence_in_uneven_times_ends_a_stretch() -> None:
    times = np.arange(N) / 10.0 + np.where(np.arange(N) >= 70, 30.0, 0.0)
    found = series(columns(SINE, times=times))
    assert found.values.tolist() == SINE[70:].tolist()
    assert (found.start_s, found.first) == (37.0, 70)
    assert found.rate_hz == pytest.approx(10.0)


def test_values_that_come_in_blocks_come_at_their_mean_rate() -> None:
    found = series(columns(SINE, times=np.floor(np.arange(N) / 10) * 0.5))
    assert len(found.values) == N
    assert found.rate_hz == pytest.approx(20.0, rel=0.06)
    assert found.notes == ("values came in blocks: an even rate was assumed",)


def test_a_time_that_comes_twice_by_mistake_counts_once() -> None:
    times = np.arange(N) / 10.0
    times[50] = times[49]
    found = series(columns(SINE, times=times))
    assert found.rate_hz == pytest.approx(10.0, rel=0.01)
    assert found.notes == ("1 values of the same time as the one before were left out",)


def test_where_all_have_one_time_there_is_no_rate() -> None:
    found = series(columns(SINE, times=np.zeros(N)))
    assert (len(found.values), found.rate_hz) == (N, None)
    assert found.notes == ("all values have the same time: nothing is told per second",)


def test_times_that_go_backwards_are_an_error() -> None:
    times = np.arange(N) / 10.0
    times[50] = times[49] - 0.05
    with pytest.raises(UsageError, match="time does not increase"):
        series(columns(SINE, times=times))


def test_a_window_knows_where_it_lies() -> None:
    whole = series(on_grid(SINE[:, None], 5.0 + np.arange(N) / 10.0))
    part = whole.window(30, 50)
    assert part.values.tolist() == SINE[30:80].tolist()
    assert part.first == 30
    assert [part.start_s, part.end_s] == pytest.approx([8.0, 13.0])
    again = part.window(10, 5)
    assert again.first == 40
    assert again.start_s == pytest.approx(9.0)
    assert series(columns(SINE)).window(30, 50).start_s is None
