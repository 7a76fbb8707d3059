"""What a receiver makes of a channel."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from midstream_cli.frames import Complex64, Float64
from midstream_cli.streams.simulate.radio import FIRST_WORD, GAIN_STEP_DB, LEVEL, NOISE_FLOOR_DBM, SIG_LEN, Radio

N = 2000

NULLS = {"none": [0, *range(27, 38)], "above": [*range(6), 32, *range(59, 64)]}
"""As measured on real boards."""


def receive(channel: npt.NDArray[Any], *, power: float = 1.0, **settings: Any) -> tuple[Complex64, Float64]:
    n = len(channel)
    radio = Radio(**({"seed": 1, "snr_db": 20.0} | settings))
    return radio.receive(channel.astype(np.complex64), np.full(n, power), 0)


def flat(amplitude: float = 1.0, n: int = N) -> npt.NDArray[Any]:
    return np.full((n, 53), amplitude, np.complex64)


def carrying(secondary: str = "above") -> npt.NDArray[np.intp]:
    return np.setdiff1d(np.arange(64), [0, 1, *NULLS[secondary]])


@pytest.mark.parametrize("secondary", ["none", "above"])
def test_samples_stand_where_boards_put_them(secondary: str) -> None:
    order = {"none": [*range(32), *range(-32, 0)], "above": list(range(-32, 32))}[secondary]
    channel = np.repeat((10.0 + np.arange(-26, 27)[None] * 0.2).astype(np.complex64), N, axis=0)
    samples, _ = receive(channel, power=100.0, snr_db=120.0, gain_steps=False, secondary=secondary)
    nulls = [position for position in NULLS[secondary] if position > 1]
    np.testing.assert_array_equal(samples[:, nulls], 0)
    for position in carrying(secondary):
        expected = LEVEL * abs(10.0 + order[position] * 0.2) / 10.0
        # rounding moves a sample by at most half a unit in either part
        assert np.abs(np.abs(samples[:, position]) - expected).max() <= np.sqrt(0.5) + 1e-3


def test_samples_are_signed_bytes() -> None:
    samples, _ = receive(flat(30.0), gain_steps=False)
    parts = samples.view(np.float32)
    np.testing.assert_array_equal(parts, np.rint(parts))
    assert (parts.min(), parts.max()) == (-128.0, 127.0)


def test_the_first_word_begins_with_the_length_of_the_packet() -> None:
    samples, _ = receive(flat())
    np.testing.assert_array_equal(samples[:, :2], np.broadcast_to(FIRST_WORD, (N, 2)))
    assert int(FIRST_WORD[0].imag) & 0xFF == SIG_LEN & 0xFF


@pytest.mark.parametrize("snr_db", [0.0, 10.0, 20.0, 30.0])
def test_noise_is_as_strong_as_the_ratio_says(snr_db: float) -> None:
    samples, _ = receive(flat(), snr_db=snr_db, gain_steps=False)
    power = (np.abs(samples[:, carrying()]) ** 2).mean(axis=1)
    random = np.random.default_rng(9)
    noise = random.normal(0.0, np.sqrt(10 ** (-snr_db / 10) / 2), (2, 400_000))
    wave = LEVEL * (np.exp(2j * np.pi * random.random(400_000)) + noise[0] + 1j * noise[1])
    expected = np.clip(np.rint([wave.real, wave.imag]), -128, 127)
    assert power.mean() == pytest.approx((expected**2).sum(axis=0).mean(), abs=4 * power.std() / np.sqrt(N))


def test_the_phase_of_a_packet_means_nothing() -> None:
    samples, _ = receive(flat(), snr_db=60.0)
    turned = samples[:, 40] / np.abs(samples[:, 40])
    assert abs(turned.mean()) < 4 / np.sqrt(N)


def test_the_phase_tilts_over_the_subcarriers_by_an_angle_of_its_own_in_each_packet() -> None:
    samples, _ = receive(flat(), snr_db=60.0, gain_steps=False)
    tilts = np.angle((samples[:, 34:58] * samples[:, 33:57].conj()).sum(axis=1))
    assert abs(tilts.mean()) < 5 * tilts.std() / np.sqrt(N)
    assert tilts.std() == pytest.approx(2 * np.pi * 312_500 * 6e-9, rel=0.15)


def test_gain_control_scales_all_subcarriers_of_a_packet_by_whole_steps() -> None:
    channel = np.repeat(np.exp(0.1 * np.arange(-26, 27))[None] ** 0.2, N, axis=0)
    reference = float((np.abs(channel) ** 2).mean())
    with_steps, without = (
        np.abs(receive(channel, power=reference, snr_db=120.0, gain_steps=on)[0][:, carrying()]) for on in (True, False)
    )
    gain_db = 20 * np.log10(np.linalg.norm(with_steps, axis=1) / np.linalg.norm(without, axis=1))
    steps = np.round(gain_db / GAIN_STEP_DB)
    gain = 10 ** (steps * GAIN_STEP_DB / 20)
    # both were rounded: each amplitude is off by at most the half diagonal of a unit
    assert (np.abs(with_steps - gain[:, None] * without) <= np.sqrt(0.5) * (1 + gain[:, None]) + 1e-3).all()
    assert len(np.unique(steps)) >= 4
    assert (steps < 0).mean() > (steps > 0).mean()


def test_gain_control_takes_back_most_of_a_change_of_power() -> None:
    levels = []
    for amplitude in (1.0, 10.0):
        samples, _ = receive(flat(amplitude), snr_db=40.0)
        levels.append(20 * np.log10(np.median(np.abs(samples[:, carrying()]))))
    assert levels[1] - levels[0] == pytest.approx(5.0, abs=1.0)


def test_the_strength_follows_the_power() -> None:
    (_, weak), (_, strong) = (receive(flat(amplitude), snr_db=25.0) for amplitude in (1.0, 10.0))
    assert weak.mean() == pytest.approx(NOISE_FLOOR_DBM + 25.0, abs=0.1)
    assert strong.mean() - weak.mean() == pytest.approx(20.0, abs=0.1)
    np.testing.assert_array_equal(weak, np.rint(weak))


def test_blocks_and_seeds_have_noise_of_their_own() -> None:
    channel, power = flat(n=8).astype(np.complex64), np.ones(8)
    frames = [Radio(seed, 10.0).receive(channel, power, block)[0].tobytes() for seed in (1, 2) for block in (0, 1)]
    assert len(set(frames)) == 4
