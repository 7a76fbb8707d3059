"""The paths of a wave, against closed forms and against brute force."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.streams.simulate.propagation import (
    SPEED_OF_LIGHT,
    Band,
    Images,
    direct,
    images,
    phasor,
    scattered,
)

CENTRE_HZ = 2.437e9
WAVELENGTH_M = SPEED_OF_LIGHT / CENTRE_HZ
SIZE_M = np.array([5.0, 4.0, 2.6])
REFLECTION = -np.array([[0.7, 0.6], [0.8, 0.5], [0.65, 0.75]])

Points = npt.NDArray[np.float64]


def one_image(*position: float, gain: float = 1.0) -> Images:
    return Images(np.array([position]), np.array([gain]), np.zeros(1, np.int64))


def mirrored_again_and_again(antenna: Points, order: int) -> dict[tuple[float, ...], tuple[float, int]]:
    """Every image by position: its gain, and how many mirrors it took at least."""
    found = {tuple(antenna.round(9)): (1.0, 0)}
    edge = [(antenna, 1.0)]
    for bounces in range(1, order + 1):
        following = []
        for position, gain in edge:
            for axis in range(3):
                for side, wall in enumerate((0.0, SIZE_M[axis])):
                    image = position.copy()
                    image[axis] = 2 * wall - image[axis]
                    if tuple(image.round(9)) not in found:
                        reflected = gain * REFLECTION[axis, side]
                        found[tuple(image.round(9))] = (reflected, bounces)
                        following.append((image, reflected))
        edge = following
    return found


@given(
    place=st.tuples(*(st.floats(0.1, 0.45) for _ in range(3))),
    order=st.integers(0, 4),
)
def test_images_are_those_of_mirroring_wall_by_wall(place: tuple[float, ...], order: int) -> None:
    antenna = SIZE_M * np.array(place)
    found = images(antenna, SIZE_M, REFLECTION, order)
    expected = mirrored_again_and_again(antenna, order)
    assert {tuple(position.round(9)) for position in found.positions} == set(expected)
    for position, gain, bounces in zip(found.positions, found.gains, found.bounces, strict=True):
        assert (gain, bounces) == (
            pytest.approx(expected[tuple(position.round(9))][0]),
            expected[tuple(position.round(9))][1],
        )


def test_the_antenna_itself_is_its_first_image() -> None:
    antenna = np.array([1.0, 2.0, 1.5])
    found = images(antenna, SIZE_M, REFLECTION, 3)
    np.testing.assert_array_equal(found.positions[0], antenna)
    assert found.gains[0] == 1.0
    assert (np.diff(found.bounces) >= 0).all()


def test_one_path_has_a_phase_that_falls_by_its_delay_and_no_fading() -> None:
    length_m = 7.3
    frequencies = Band.of(CENTRE_HZ, 20.0).frequencies
    channel = direct(one_image(0.0, 0.0, length_m), np.zeros(3), frequencies)[0]
    slope = np.diff(np.unwrap(np.angle(channel))) / np.diff(frequencies)
    np.testing.assert_allclose(slope, -2 * np.pi * length_m / SPEED_OF_LIGHT, rtol=1e-6)
    np.testing.assert_allclose(np.abs(channel), SPEED_OF_LIGHT / frequencies / (4 * np.pi * length_m), rtol=1e-12)


def test_two_paths_interfere_with_the_period_of_their_difference() -> None:
    near_m, far_m = 3.0, 9.0
    two = Images(np.array([[near_m, 0, 0], [far_m, 0, 0]]), np.array([1.0, far_m / near_m]), np.zeros(2, np.int64))
    period_hz = SPEED_OF_LIGHT / (far_m - near_m)
    frequencies = CENTRE_HZ + np.linspace(0, 2 * period_hz, 401)
    power = np.abs(direct(two, np.zeros(3), frequencies).sum(axis=0) * frequencies) ** 2
    power /= power.max()
    np.testing.assert_allclose(power[:201], power[200:], atol=1e-9)
    np.testing.assert_allclose(power, np.cos(np.pi * (frequencies * (far_m - near_m) / SPEED_OF_LIGHT)) ** 2, atol=1e-4)


@given(st.floats(1.0, 40.0), st.floats(1.1, 5.0))
def test_amplitude_falls_as_one_over_the_distance(length_m: float, times: float) -> None:
    frequency = np.array([CENTRE_HZ])
    near, far = (direct(one_image(x, 0, 0), np.zeros(3), frequency) for x in (length_m, length_m * times))
    assert abs(near[0, 0]) / abs(far[0, 0]) == pytest.approx(times)


def scattered_one_by_one(points: Points, areas: Points, there: Images, back: Images, band: Band) -> Points:
    """The bistatic radar equation for each pair of images, in double precision."""
    channel = np.zeros((points.shape[1], len(band.frequencies)), complex)
    for point, area in zip(points, areas, strict=True):
        for a, gain_a in zip(there.positions, there.gains, strict=True):
            for b, gain_b in zip(back.positions, back.gains, strict=True):
                d1, d2 = np.linalg.norm(point - a, axis=1), np.linalg.norm(point - b, axis=1)
                amplitude = gain_a * gain_b * WAVELENGTH_M * np.sqrt(area) / ((4 * np.pi) ** 1.5 * d1 * d2)
                channel += amplitude[:, None] * np.exp(
                    -2j * np.pi * np.outer(d1 + d2, band.frequencies) / SPEED_OF_LIGHT
                )
    return channel


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 3), st.integers(0, 2))
def test_scattering_is_the_sum_over_all_pairs_of_images(seed: int, n: int, order: int) -> None:
    random = np.random.default_rng(seed)
    sender, receiver = (images(random.uniform(0.2, 0.4, 3) * SIZE_M, SIZE_M, REFLECTION, order) for _ in range(2))
    points, areas = random.uniform(0.5, 1.0, (2, n, 3)) * SIZE_M, random.uniform(0.1, 2.0, (2, n))
    band = Band.of(CENTRE_HZ, 2 * float(np.linalg.norm((order + 1) * SIZE_M)))
    found, expected = (how(points, areas, sender, receiver, band) for how in (scattered, scattered_one_by_one))
    np.testing.assert_allclose(found, expected, atol=1e-5 * sum_of_amplitudes(points, areas, sender, receiver))


def sum_of_amplitudes(points: Points, areas: Points, there: Images, back: Images) -> float:
    """What the channel would be if all paths came in phase."""
    ways = [
        (np.abs(antenna.gains)[:, None, None] / np.linalg.norm(points - antenna.positions[:, None, None], axis=-1)).sum(
            axis=0
        )
        for antenna in (there, back)
    ]
    return float((WAVELENGTH_M * np.sqrt(areas) / (4 * np.pi) ** 1.5 * ways[0] * ways[1]).sum(axis=0).max())


@pytest.mark.parametrize("longest_m", [20.0, 50.0, 100.0])
def test_a_channel_at_every_fourth_subcarrier_tells_those_between(longest_m: float) -> None:
    band = Band.of(CENTRE_HZ, longest_m)
    lengths = np.random.default_rng(5).uniform(0.0, longest_m, 500)
    at_all, at_nodes = (
        np.exp(-2j * np.pi * np.outer(lengths, f - CENTRE_HZ) / SPEED_OF_LIGHT) for f in (band.frequencies, band.nodes)
    )
    assert np.abs(at_nodes @ band.weights - at_all).max() < 5e-4


@pytest.mark.parametrize("speed", [-1.3, -0.5, 0.7, 2.0])
def test_a_point_that_moves_radially_has_the_doppler_shift_of_its_speed(speed: float) -> None:
    rate_hz, n = 200.0, 2000
    time_s = np.arange(n) / rate_hz
    points = np.zeros((1, n, 3))
    points[0, :, 0] = 30.0 + speed * time_s
    antenna = one_image(0.0, 0.0, 0.0)
    channel = scattered(points, np.ones((1, 1)), antenna, antenna, Band.of(CENTRE_HZ, 100.0))
    spectrum = np.abs(np.fft.fft(channel[:, 26] * np.hanning(n)))
    shift_hz = np.fft.fftfreq(n, 1 / rate_hz)[np.argmax(spectrum)]
    # there and back: the path grows at twice the speed
    assert shift_hz == pytest.approx(-2 * speed / WAVELENGTH_M, abs=rate_hz / n)


def test_nothing_is_nearer_than_the_far_field() -> None:
    antenna = one_image(0.0, 0.0, 0.0)
    band = Band.of(CENTRE_HZ, 10.0)
    points = np.array([[[0.0, 0.0, 0.0], [0.2, 0.0, 0.0]]])
    at_antenna, at_limit = scattered(points, np.ones((1, 1)), antenna, antenna, band)
    assert np.isfinite(at_antenna).all()
    np.testing.assert_array_equal(at_antenna, at_limit)


@given(st.floats(-1e6, 1e6))
def test_a_phasor_is_a_turn_on_the_unit_circle(cycles: float) -> None:
    assert abs(phasor(np.array([cycles]))[0] - np.exp(-2j * np.pi * (cycles % 1.0))) < 1e-6
