"""The vectorised parser of `CSI_DATA` lines against its slow twin."""

from dataclasses import replace
from math import isnan
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from csi_logs import AMPLITUDE, CONSOLE, ESPRESSIF, HERNANDEZ, chunks, damaged, logs, records
from csi_twin import Log, read_fast, read_slowly
from hypothesis import given, settings
from hypothesis import strategies as st

from midstream_cli.streams import text_columns
from midstream_cli.streams.csi_line import Fields
from midstream_cli.streams.formats import console_test, csi_recv, csi_recv_c5c6, esp32_csi_amplitude, esp32_csi_tool
from strategies import csi, seeds

FIRMWARE = {"hernandez": HERNANDEZ, "espressif": ESPRESSIF, "console": CONSOLE, "amplitude": AMPLITUDE}


def same(first: Any, second: Any) -> bool:
    """Whether two values are equal, or both not a number."""
    return first == second or (
        isinstance(first, float) and isinstance(second, float) and isnan(first) and isnan(second)
    )


def assert_same(fast: Log, slow: Log) -> None:
    # of several faults on one line, any may be counted first
    assert [where for where, _ in fast.faults] == [where for where, _ in slow.faults]
    assert sorted(fast.faults) == sorted(slow.faults)
    assert fast.skipped == slow.skipped
    assert len(fast.frames) == len(slow.frames)
    for one, other in zip(fast.frames, slow.frames, strict=True):
        assert one.keys() == other.keys()
        assert [name for name in one if not same(one[name], other[name])] == []


@pytest.mark.parametrize("fields", FIRMWARE.values(), ids=FIRMWARE)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_log_is_read_like_its_twin_however_it_is_cut(fields: Fields, data: st.DataObject) -> None:
    text = data.draw(logs(fields))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_columns, "FEW", data.draw(st.sampled_from([0, text_columns.FEW])))
        assert_same(read_fast(data.draw(chunks(text)), fields), read_slowly(text, fields))


@pytest.mark.parametrize("fields", FIRMWARE.values(), ids=FIRMWARE)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_many_records_in_one_block_are_read_like_one_by_one(fields: Fields, data: st.DataObject) -> None:
    text = b"\n".join(data.draw(st.lists(records(fields), min_size=1, max_size=12)))
    assert_same(read_fast([text], fields), read_slowly(text, fields))


WRITTEN = {
    "esp32-csi-tool": (esp32_csi_tool, esp32_csi_tool.FIELDS),
    "esp32-csi-amplitude": (esp32_csi_tool, esp32_csi_amplitude.FIELDS),
    "csi-recv": (csi_recv, csi_recv.FIELDS),
    "csi-recv-c5c6": (csi_recv_c5c6, csi_recv_c5c6.FIELDS),
    "console-test": (console_test, console_test.FIELDS),
}
"""By the format that reads, who writes, and the fields that are read."""


@pytest.mark.parametrize("name", WRITTEN)
@given(seeds, st.integers(1, 12), st.data())
@settings(max_examples=60)
def test_a_log_that_was_written_and_then_damaged_is_read_like_its_twin(
    name: str, seed: int, n: int, data: st.DataObject
) -> None:
    module, fields = WRITTEN[name]
    frames = csi(seed, n, subcarriers=6)
    if not fields.pairs:
        amplitudes = np.abs(frames.csi.view(np.float32)).view(np.complex64)
        frames = replace(frames, csi=amplitudes, meta={"len": 4 * frames.subcarriers})
    text = data.draw(damaged(b"".join(module.encode(frames))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_columns, "FEW", data.draw(st.sampled_from([0, text_columns.FEW])))
        assert_same(read_fast(data.draw(chunks(text)), fields), read_slowly(text, fields))


FILES = ("csikit/*", "espressif/*", "hernandez/*", "nasty/*", "pulse/*")


@pytest.mark.parametrize("name", FILES)
def test_real_recordings_are_read_like_their_twin(data: Path, name: str) -> None:
    for path in sorted((data / "csi").glob(name)):
        text = path.read_bytes()
        if "utf16" in path.name:
            text = text.decode("utf-16").encode()
        fields = csi_recv.FIELDS if b",rx_state,len,first_word" in text[:1000] else esp32_csi_tool.FIELDS
        slow = read_slowly(text, fields)
        for size in (1 << 20, 50_000) if len(text) < 1 << 20 else (1 << 20,):
            assert_same(read_fast([text[at : at + size] for at in range(0, len(text), size)], fields), slow)
