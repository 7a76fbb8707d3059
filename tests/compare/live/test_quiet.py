"""What a stream brings for signatures that do not occur in it, and for those that do."""

from typing import Any

import numpy as np
import pytest

from midstream_cli.compare.live.quiet import FAR, LOOK_EVERY, Brought, Quiet
from midstream_cli.compare.recognition.calibrate import Peaks
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import FormatError, SignatureError
from midstream_cli.frames import Float64, StreamInfo
from midstream_cli.recordings import NumericRecording, Recording
from midstream_cli.streams.source import open_source
from midstream_cli.streams.vectors import VectorStream
from strategies import of_kind

RATE_HZ = 50.0
DIMS = 6


def noise(n: int, seed: int = 1) -> Float64:
    return np.random.default_rng(seed).normal(5.0, 0.5, (n, DIMS))


def shape(length: int, seed: int) -> Float64:
    steps = np.random.default_rng(seed).normal(0, 0.6, (length, DIMS))
    return 5.0 + steps.cumsum(axis=0)


def library(**changed: Any) -> list[Signature]:
    quiet = Background.of(noise(2000, seed=9), "noise", 40.0)
    known: dict[str, Any] = {"feature_kind": "columns", "background": quiet} | changed
    return [Signature(name, name, shape(length, i), **known) for i, (name, length) in enumerate((("a", 20), ("b", 33)))]


def stream(values: Float64, gap_s: float = 0.0) -> NumericRecording:
    """Numbers with times; the second half comes later by a gap."""
    times = (np.arange(len(values)) * 1e9 / RATE_HZ).astype(np.int64)
    times[len(values) // 2 :] += round(gap_s * 1e9)
    columns = {f"c{i}": np.ascontiguousarray(values[:, i]) for i in range(values.shape[1])}
    info = StreamInfo(source="example", kind="numeric", clock="host")
    return NumericRecording(info, time_ns=times, columns=columns)


def brought(pieces: list[Recording], **changed: Any) -> list[Brought]:
    quiet = Quiet(library(**changed), 24.0)
    for piece in pieces:
        quiet.push(piece)
    return quiet.finish()


def test_the_peaks_are_those_of_the_evidence() -> None:
    values = noise(6400)
    found = brought([stream(values)])
    far = [Signature(s.id, s.label, s.vectors, background=s.background, evidence_threshold=FAR) for s in library()]
    evidence = Recogniser(far, rate_hz=RATE_HZ).trace(values)
    assert 6400 % LOOK_EVERY == 0
    for i, each in enumerate(found):
        peaks = Peaks(each_length := len(far[i].vectors))
        peaks.push(np.ascontiguousarray(evidence[:, i]))
        positions, heights = peaks.found()
        assert each.signature_id == far[i].id
        assert each.positions.tolist() == positions.tolist()
        assert each.heights.tolist() == heights.tolist()
        assert 0 < len(heights) <= 6400 / each_length
        assert (each.vectors, each.unsettled) == (6400, 0.0)
        assert each.seconds == pytest.approx(6399 / RATE_HZ)
        assert each.highest_s == pytest.approx(evidence[:, i].argmax() / RATE_HZ)


@pytest.mark.parametrize("cuts", [[1], [100, 101, 3000], list(range(70, 3200, 640))])
def test_however_a_stream_is_cut_it_brings_the_same_in_whole_looks(cuts: list[int]) -> None:
    whole = stream(noise(3200))
    pieces: list[Recording] = [whole.take(slice(a, b)) for a, b in zip([0, *cuts], [*cuts, 3200], strict=True)]
    for one, other in zip(brought([whole]), brought(pieces), strict=True):
        assert one.heights.tolist() == other.heights.tolist()
        assert one.positions.tolist() == other.positions.tolist()
        assert (one.vectors, one.own) == (other.vectors, other.own)
        assert one.seconds == pytest.approx(other.seconds, rel=1e-12)


def test_a_silence_does_not_count_as_background() -> None:
    (found, *_) = brought([stream(noise(2000), gap_s=3600.0)])
    assert found.seconds == pytest.approx(1998 / RATE_HZ)


def test_a_signature_brings_more_itself_than_noise_does() -> None:
    for each in brought([stream(noise(4000))]):
        assert each.own > 2 * each.heights.max()


def test_a_motion_in_the_stream_is_its_highest_peak() -> None:
    values = noise(4000)
    motion = library()[0].vectors
    values[2000 : 2000 + len(motion)] = motion
    (found, *_) = brought([stream(values)])
    assert found.heights.max() > 0.5 * found.own
    assert 40.0 <= (found.highest_s or 0.0) <= 40.0 + 30 / RATE_HZ
    # it is one peak, of which the rest fades away
    assert (found.heights > 0.5 * found.heights.max()).sum() <= 2


def test_before_the_background_is_known_nothing_counts() -> None:
    (found, *_) = brought([stream(noise(20))], background=None)
    assert (found.vectors, found.seconds, len(found.heights)) == (0, 0.0, 0)


def test_nothing_brings_nothing() -> None:
    (found, *_) = brought([])
    assert (found.vectors, found.seconds, found.own, found.highest_s) == (0, 0.0, 0.0, None)


def test_signatures_of_other_vectors_or_streams_are_errors() -> None:
    quiet = Quiet(library(), 24.0)
    with pytest.raises(SignatureError, match="6 dimensions, the stream's have 2"):
        quiet.push(stream(noise(200)[:, :2]))
    with pytest.raises(FormatError):
        Quiet(library(), 24.0).push(of_kind("token", 1, 200))


def test_signatures_without_a_rate_are_measured_frame_by_frame_as_those_who_watch_do() -> None:
    with open_source("demo://idle_room?duration=20") as source:
        pieces = [piece.take(slice(None)) for piece in source]
    measured = VectorStream("bands8", rate_hz=None)
    vectors = np.concatenate([track.values for track in map(measured.push, pieces) if len(track.time_ns)])
    ramp = Signature("a", "a", vectors[:40] + np.linspace(0, 1, 40)[:, None], "bands8", parameters=measured.parameters)
    quiet = Quiet([ramp], 24.0)
    for piece in pieces:
        quiet.push(piece)
    (found,) = quiet.finish()
    # on a grid there would be a third of these
    assert found.vectors > 0.9 * len(vectors)
