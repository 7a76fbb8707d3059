"""Which subcarriers carry the channel, on real chips and on what chips could do."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.errors import LayoutError
from midstream_cli.recordings import CsiRecording, Recording, concatenate
from midstream_cli.streams.layout import NULL_BELOW, null_subcarriers, valid_subcarriers
from midstream_cli.streams.select import one_link
from midstream_cli.streams.source import open_source
from midstream_cli.streams.tally import Tally
from strategies import NULLS, csi, info_of, seeds, some

amplitudes = st.lists(st.sampled_from([0.0, 0.2, 0.9, 10.0, 20.0, 30.0]), min_size=3, max_size=40)


@some
@given(amplitudes, st.sampled_from([0.0, 0.5, 0.51, 1.0]))
def test_a_null_is_a_trickle_of_the_median_of_what_carries(means: list[float], invalid: float) -> None:
    found = null_subcarriers(np.array(means), invalid)
    junk = 2 if invalid > 0.5 else 0
    carrying = [mean for mean in means[junk:] if mean > 0]
    if not carrying:
        assert found.all()
        return
    expected = [i < junk or mean < NULL_BELOW * float(np.median(carrying)) for i, mean in enumerate(means)]
    assert found.tolist() == expected
    assert not found.all()


@some
@given(seeds, st.sampled_from([1e-6, 1.0, 1e6]))
def test_the_guards_of_a_recording_are_found_at_any_gain(seed: int, gain: float) -> None:
    recording = csi(seed, 64)
    louder = CsiRecording.build(recording.info, recording.time_ns, recording.matrix() * gain)
    assert valid_subcarriers(louder).tolist() == [i for i in range(16) if i not in NULLS]


def test_junk_in_the_first_word_is_no_channel_however_loud() -> None:
    samples = np.full((10, 8), 20 + 0j)
    samples[:, :2] = 100
    for share, expected in ((0.6, list(range(2, 8))), (0.4, list(range(8)))):
        recording = CsiRecording.build(
            info_of("csi"), np.arange(10), samples, meta={"first_word_invalid": np.arange(10) < 10 * share}
        )
        assert valid_subcarriers(recording).tolist() == expected


def test_frames_of_several_layouts_have_no_common_guards() -> None:
    recording = CsiRecording.build(info_of("csi"), [0, 1], np.ones(7), offsets=[0, 3, 7])
    with pytest.raises(LayoutError, match="3, 4 subcarriers") as caught:
        valid_subcarriers(recording)
    assert "--subcarriers" in caught.value.hint


REAL = {
    # measured positions that carry nothing, from the chips' own recordings
    "pulse/vacio_01.csv": {*range(6), 32, *range(59, 64)},
    "pulse/mov_04.csv": {*range(6), 32, *range(59, 64)},
    "pulse/resp_6rpm.csv": {*range(6), 32, *range(59, 64)},
    "nasty/tristsou_empty_01.csv": {*range(6), 32, *range(59, 64)},
    "csikit/example_fast2_100hz_pitraffic.csv": {0, 1, *range(27, 38)},
    "hernandez/hku_my-experiment-file.csv": {0, *range(27, 38)},
}


@pytest.mark.parametrize("name", REAL)
def test_real_chips_have_the_guards_that_were_measured(data: Path, name: str) -> None:
    with open_source(str(data / "csi" / name)) as source:
        pieces: list[Recording] = list(one_link(source.pieces, Tally()))
    joined: CsiRecording = concatenate(pieces)  # type: ignore[type-var, assignment]
    carrying = set(valid_subcarriers(joined).tolist())
    assert set(range(joined.matrix().shape[1])) - carrying == REAL[name]
