"""Recordings of every kind with anything in them, and how to compare two to the last bit."""

from typing import Any

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from midstream_cli.frames import TOKEN_KINDS, StreamInfo, TokenFrame
from midstream_cli.recordings import CsiRecording, NumericRecording, Recording, TokenRecording

ANY_TEXT = st.text(max_size=6)
PLAIN_TEXT = st.text(st.characters(exclude_characters="\0"), max_size=6)


def columns(n: int) -> st.SearchStrategy[dict[str, npt.NDArray[Any]]]:
    """Fields of a stream under any name: numbers of all kinds, booleans and text."""
    numbers = st.one_of(
        hnp.boolean_dtypes(),
        hnp.integer_dtypes(endianness="="),
        hnp.unsigned_integer_dtypes(endianness="="),
        hnp.floating_dtypes(endianness="=", sizes=(16, 32, 64)),
        hnp.complex_number_dtypes(endianness="=", sizes=(64, 128)),
    ).flatmap(lambda dtype: hnp.arrays(dtype, n))
    texts = st.lists(PLAIN_TEXT, min_size=n, max_size=n).map(lambda words: np.array(words, np.str_))
    objects = st.lists(ANY_TEXT, min_size=n, max_size=n).map(as_objects)
    return st.dictionaries(
        st.sampled_from(["seq", "csi", "time_ns", "rate", "ü ", "meta_seq"]), numbers | texts | objects
    )


def as_objects(words: list[str]) -> npt.NDArray[np.object_]:
    array = np.empty(len(words), object)
    array[:] = words
    return array


@st.composite
def csi_recordings(draw: st.DrawFn) -> CsiRecording:
    counts = draw(st.lists(st.integers(0, 5), min_size=1, max_size=6))
    n, total = len(counts), sum(counts)
    parts = draw(
        st.one_of(
            hnp.arrays(np.int8, 2 * total),
            hnp.arrays(np.int16, 2 * total),
            hnp.arrays(np.float32, 2 * total, elements=st.floats(width=32)),
        )
    )
    return CsiRecording.build(
        StreamInfo("somewhere", "some", "csi", "host", amplitude_only=True),
        draw(hnp.arrays(np.int64, n)),
        parts.astype(np.float32).view(np.complex64),
        offsets=np.concatenate([[0], np.cumsum(counts)]),
        node=draw(hnp.arrays(np.int64, n)),
        rssi=draw(hnp.arrays(np.float32, n)),
        seq=draw(hnp.arrays(np.int64, n)),
        channel=draw(hnp.arrays(np.int16, n)),
        segment=draw(hnp.arrays(np.int32, n)),
        meta=draw(columns(n)),
    )


@st.composite
def token_recordings(draw: st.DrawFn) -> TokenRecording:
    frame = st.builds(
        TokenFrame,
        st.integers(-(2**63), 2**63 - 1),
        ANY_TEXT,
        st.integers(0, 9),
        st.sampled_from(TOKEN_KINDS),
        st.floats(),
        ANY_TEXT,
    )
    frames = draw(st.lists(frame, min_size=1, max_size=6))
    return TokenRecording.of(StreamInfo("model", "sse", "token", "none"), frames)


@st.composite
def numeric_recordings(draw: st.DrawFn) -> NumericRecording:
    n = draw(st.integers(1, 6))
    names = draw(st.lists(st.text(min_size=1, max_size=4), unique=True, max_size=4))
    values = {name: draw(hnp.arrays(np.float64, n)) for name in [*names, "time_ns"]}
    return NumericRecording(StreamInfo("table", "csv", "numeric"), draw(hnp.arrays(np.int64, n)), values)


def bits(values: npt.NDArray[Any]) -> object:
    """What an array holds, to the last bit; of text, the width of its type does not matter."""
    if values.dtype.kind in "UO":
        return values.dtype.kind, values.tolist()
    return values.dtype, values.tobytes()


def all_bits(recording: Recording) -> dict[str, object]:
    """Everything in a recording, comparable."""
    found: dict[str, object] = {"info": recording.info, "type": type(recording)}
    for name in type(recording).__dataclass_fields__:
        value = getattr(recording, name)
        if isinstance(value, np.ndarray):
            found[name] = bits(value)
        elif isinstance(value, dict):
            found |= {f"{name} {key}": bits(column) for key, column in value.items()}
            found[name] = list(value)
    return found


RECORDINGS = st.one_of(csi_recordings(), token_recordings(), numeric_recordings())
