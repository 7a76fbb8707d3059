"""Which subcarriers of a frame carry the channel, told from the frames themselves."""

import numpy as np
import numpy.typing as npt

from midstream_cli.recordings import CsiRecording

NULL_BELOW = 0.05
"""A guard or centre subcarrier is exactly zero, or a trickle of its neighbours; real fading is rarely below 5 %."""


def null_subcarriers(mean_amplitude: npt.NDArray[np.floating], first_word_invalid: float) -> npt.NDArray[np.bool_]:
    """Which positions of the frame carry nothing.

    The lists differ by chip, bandwidth, secondary channel and firmware, so none is written down here.

    Args:
        mean_amplitude: shape (subcarriers,), over many frames.
        first_word_invalid: the share of frames whose first four bytes are junk; they hold positions 0 and 1.
    """
    junk = np.zeros(len(mean_amplitude), np.bool_)
    junk[:2] = first_word_invalid > 0.5
    carrying = mean_amplitude[~junk & (mean_amplitude > 0)]
    if len(carrying) == 0:
        return np.ones(len(mean_amplitude), np.bool_)
    # the median; that of numpy imports masked arrays, which takes 10 ms at the start of every command
    middle = np.sort(carrying)[[(len(carrying) - 1) // 2, len(carrying) // 2]].mean()
    null: npt.NDArray[np.bool_] = junk | (mean_amplitude < NULL_BELOW * middle)
    return null


def valid_subcarriers(recording: CsiRecording) -> npt.NDArray[np.intp]:
    """The positions that carry the channel in frames of one layout."""
    invalid = recording.meta.get("first_word_invalid")
    share = float(np.mean(invalid)) if invalid is not None and len(invalid) else 0.0
    return np.flatnonzero(~null_subcarriers(np.abs(recording.matrix()).mean(axis=0), share))
