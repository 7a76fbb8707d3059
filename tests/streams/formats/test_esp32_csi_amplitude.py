"""Lines of ESP32-CSI-Tool that hold amplitudes, told from those that hold pairs."""

import numpy as np
import pytest
from csi_reading import cut, decode
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.streams.formats import esp32_csi_amplitude, esp32_csi_tool

HEAD = "CSI_DATA,AP,20:50:0D:2A:A2:E4,-72,11,1,0,1,1,1,0,0,0,0,-96,0,1,2,{time},0,84,0,0,0.5,{length},[{values} ]\n"


def line(values: list[int], length: int, time: int = 1000) -> bytes:
    return HEAD.format(time=time, length=length, values=" ".join(map(str, values))).encode()


amplitudes = st.lists(st.integers(0, 181), min_size=64, max_size=64).filter(any)


def test_amplitudes_have_no_phases() -> None:
    recording, tally = decode(esp32_csi_amplitude, line([105, 4, 154], 6) + line([7], 2))
    assert recording.info.amplitude_only
    assert recording.csi.tolist() == [105, 4, 154, 7]
    assert recording.subcarriers.tolist() == [3, 1]
    assert "first_word_invalid" not in recording.meta
    assert tally.bad == 0


@pytest.mark.parametrize(
    ("values", "length", "fault"),
    [
        ([105, -4, 154], 6, "negative amplitude"),
        ([105, 4154], 6, "length does not match"),
        ([100] * 63, 128, "length does not match"),
        ([], 128, "no data"),
    ],
)
def test_damage_is_named(values: list[int], length: int, fault: str) -> None:
    good = line([100] * 64, 384)
    recording, tally = decode(esp32_csi_amplitude, good + line(values, length) + good)
    assert len(recording) == 2
    assert tally.faults == {fault: 1}


@given(st.lists(amplitudes, min_size=1, max_size=4), st.sampled_from([128, 256, 384]))
@settings(max_examples=30, deadline=None)
def test_amplitudes_are_told_from_pairs(frames: list[list[int]], length: int) -> None:
    head = b"".join(line(values, length) for values in frames)
    assert esp32_csi_amplitude.sniff(head)
    assert not esp32_csi_tool.sniff(head)


@pytest.mark.parametrize("count", [53, 64, 128, 192])
def test_half_as_many_values_as_were_captured_are_amplitudes(count: int) -> None:
    assert esp32_csi_amplitude.sniff(line([100] * count, 2 * count))


@given(st.lists(st.lists(st.integers(-128, 127), min_size=128, max_size=128).filter(lambda v: min(v) < 0), min_size=1))
@settings(max_examples=30, deadline=None)
def test_half_of_a_buffer_with_negative_values_is_pairs(frames: list[list[int]]) -> None:
    head = b"".join(line(values, 256) for values in frames)
    assert esp32_csi_tool.sniff(head)
    assert not esp32_csi_amplitude.sniff(head)


@pytest.mark.parametrize(
    ("values", "length"),
    [([0] * 128, 256), ([250, 6] * 64, 256), ([5] * 128, 384), ([5] * 128, 128)],
    ids=["silence", "pairs as unsigned bytes", "a third", "all"],
)
def test_values_that_could_be_either_are_pairs(values: list[int], length: int) -> None:
    assert esp32_csi_tool.sniff(line(values, length))
    assert not esp32_csi_amplitude.sniff(line(values, length))


@given(st.lists(st.sampled_from([line([3] * 64, 128), line([3, -4] * 64, 128)]), min_size=1, max_size=9))
def test_a_head_is_never_both(lines: list[bytes]) -> None:
    head = b"".join(lines)
    assert esp32_csi_tool.sniff(head) != esp32_csi_amplitude.sniff(head)


@given(st.lists(amplitudes, min_size=1, max_size=4), st.data())
@settings(max_examples=30, deadline=None)
def test_it_does_not_matter_how_a_stream_is_cut(frames: list[list[int]], data: st.DataObject) -> None:
    text = b"".join(line(values, 128, time) for time, values in enumerate(frames))
    recording, _ = decode(esp32_csi_amplitude, *cut(text, data.draw(st.lists(st.integers(0, len(text)), max_size=5))))
    np.testing.assert_array_equal(recording.matrix(), np.array(frames))
    assert recording.time_ns.tolist() == [1000 * time for time in range(len(frames))]
