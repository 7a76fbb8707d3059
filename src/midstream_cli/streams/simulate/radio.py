"""What a receiver makes of a channel: noise, gain control, a phase that means nothing, and signed bytes.

The order of the samples, which of them are zero, and what stands in the first word are those of the classic ESP32's
legacy training field (ESP-IDF programming guide, WiFi channel state information).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from midstream_cli.frames import Complex64, Float64
from midstream_cli.streams.simulate.propagation import EDGE, SPACING_HZ, phasor

RADIO = 0x4AD1
"""Keeps the random numbers of this module apart from those of others."""

SAMPLES = 64

SIG_LEN = 84
"""Bytes of each packet; the first word of a frame holds what was left there, the low byte of it first."""

NOISE_FLOOR_DBM = -95.0

LEVEL = 14.0
"""What gain control aims at: the root mean square of the samples, in units of the last bit."""

GAIN_STEP_DB = 1.0

FOLLOW = 0.75
"""Gain control takes back so much of a change of power, in decibels."""

MISJUDGED_DB = 0.4
"""How well gain control judges the power of one packet, which it has a few microseconds to do: standard deviation."""

MISSED, MISSED_STEPS = 0.1, 3.0
"""So many packets get a gain that is too low, by so many steps on average."""

RSSI_ERROR_DB = 0.5

SAMPLING_JITTER_S = 6e-9
"""How exactly the start of a packet is found; each nanosecond tilts the phase over the subcarriers."""

ORDERS = {"none": tuple(range(32)) + tuple(range(-32, 0)), "above": tuple(range(-32, 32))}
"""Which subcarrier of its 20 MHz each sample is, by where the secondary channel lies."""

SECONDARY = {"none": 0, "above": 1}


@dataclass(frozen=True, slots=True)
class Radio:
    """A receiver at a given mean ratio of signal to noise."""

    seed: int
    snr_db: float
    gain_steps: bool = True
    """Whether gain control is at work; without it the gain stays as it was first set."""
    secondary: str = "above"

    def receive(self, channel: Complex64, reference: npt.NDArray[np.floating], block: int) -> tuple[Complex64, Float64]:
        """The samples of a block of packets, whole numbers of shape (n, 64), and their RSSI in dBm, (n,).

        Args:
            channel: shape (n, 53), of subcarriers -26..26.
            reference: shape (n,), the mean power of each packet's sender in the empty room.
            block: which random numbers to use.
        """
        chance = _Chance.of(self.seed, block, len(channel))
        wave = channel / np.sqrt(reference)[:, None].astype(np.float32)
        power_db = 10 * np.log10(np.maximum((np.abs(wave) ** 2).mean(axis=1), 1e-12))
        gain_db = np.zeros(len(wave))
        if self.gain_steps:
            steps = np.round((chance.judged_db - FOLLOW * power_db) / GAIN_STEP_DB) - chance.missed
            gain_db = steps * GAIN_STEP_DB
        cycles = chance.phase[:, None] + np.outer(chance.delay_s * SPACING_HZ, np.arange(-EDGE, EDGE + 1))
        wave += chance.noise * np.float32(10 ** (-self.snr_db / 20))
        wave *= phasor(cycles) * (LEVEL * 10 ** (gain_db / 20)).astype(np.float32)[:, None]
        return self._samples(wave), np.round(NOISE_FLOOR_DBM + self.snr_db + power_db + chance.heard_db)

    def _samples(self, wave: Complex64) -> Complex64:
        """Rounded to signed bytes and put in the order of the buffer, junk first."""
        order = np.array(ORDERS[self.secondary])
        carrying = (np.abs(order) <= EDGE) & (order != 0)
        samples = np.zeros((len(wave), SAMPLES), np.complex64)
        samples[:, carrying] = wave[:, order[carrying] + EDGE]
        bytes_ = samples.view(np.float32)
        np.clip(np.rint(bytes_, out=bytes_), -128, 127, out=bytes_)
        samples[:, :2] = FIRST_WORD
        return samples


@dataclass(frozen=True, slots=True, eq=False)
class _Chance:
    """What is random about the receipt of n packets."""

    noise: Complex64
    """Shape (n, 53), of unit power."""
    judged_db: Float64
    """Shape (n,), like all that follow: how wrongly gain control judges the power."""
    heard_db: Float64
    """How wrongly the strength is told."""
    missed: npt.NDArray[np.int64]
    """Steps by which the gain is too low."""
    phase: Float64
    """Of the carrier, in cycles."""
    delay_s: Float64
    """How late the packet is found to begin."""

    @classmethod
    def of(cls, seed: int, block: int, n: int) -> "_Chance":
        random = np.random.default_rng((seed, RADIO, block))
        noise = random.standard_normal((n, 2 * EDGE + 1, 2), np.float32).view(np.complex64)[..., 0]
        noise *= np.float32(np.sqrt(0.5))
        return cls(
            noise=noise,
            judged_db=random.normal(0.0, MISJUDGED_DB, n),
            heard_db=random.normal(0.0, RSSI_ERROR_DB, n),
            missed=np.where(random.random(n) < MISSED, random.geometric(1 / MISSED_STEPS, n), 0),
            phase=random.random(n),
            delay_s=random.normal(0.0, SAMPLING_JITTER_S, n),
        )


def _first_word() -> Complex64:
    """The first two samples: imaginary part first, as all samples are stored."""
    junk = np.array([SIG_LEN, 0xC0, 0x04, 0x00], np.uint8).view(np.int8).astype(np.float32)
    return (junk[1::2] + 1j * junk[::2]).astype(np.complex64)


FIRST_WORD = _first_word()
