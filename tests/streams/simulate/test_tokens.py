"""Simulated token streams: the same for the same seed, and what each scene says."""

import itertools
from collections import Counter

import numpy as np
import numpy.typing as npt
import pytest

from midstream_cli.errors import UsageError
from midstream_cli.recordings import TokenRecording, concatenate
from midstream_cli.streams.simulate.tokens import RADIO, RIVER, SCENES, START_NS, STEPS_A_PIECE, simulate


def whole(scene: str, tokens: int = 400, rate_hz: float = 40.0, seed: int = 0, choices: int = 1) -> TokenRecording:
    return concatenate(list(simulate(scene, tokens=tokens, rate_hz=rate_hz, seed=seed, choices=choices)))


def intervals(recording: TokenRecording) -> npt.NDArray[np.float64]:
    return np.diff(recording.time_ns) / 1e9


def columns(recording: TokenRecording) -> tuple[list[object], ...]:
    return (
        recording.time_ns.tolist(),
        recording.text.tolist(),
        recording.choice.tolist(),
        recording.kind.tolist(),
        np.nan_to_num(recording.logprob, nan=1.0).tolist(),
        recording.finish.tolist(),
    )


@pytest.mark.parametrize("scene", SCENES)
def test_a_seed_gives_one_stream_and_another_seed_another(scene: str) -> None:
    assert columns(whole(scene, seed=3)) == columns(whole(scene, seed=3))
    other = whole(scene, seed=4)
    assert other.text.tolist() != whole(scene, seed=3).text.tolist()
    assert other.time_ns.tolist() != whole(scene, seed=3).time_ns.tolist()


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("tokens", [1, 2, STEPS_A_PIECE - 1, STEPS_A_PIECE, STEPS_A_PIECE + 1, 50])
def test_a_stream_has_the_tokens_asked_for_and_one_finish(scene: str, tokens: int) -> None:
    pieces = list(simulate(scene, tokens=tokens))
    frames = [frame for piece in pieces for frame in piece]
    assert [frame.kind for frame in frames] == ["text"] * tokens + ["finish"]
    assert [frame.finish for frame in frames] == [""] * tokens + [SCENES[scene].finish]
    assert all(frame.text for frame in frames[:-1])
    assert min(map(len, pieces)) > 0
    assert {(piece.info.clock, piece.info.kind) for piece in pieces} == {("host", "token")}


@pytest.mark.parametrize("scene", SCENES)
def test_time_never_goes_back_and_begins_after_the_request(scene: str) -> None:
    recording = whole(scene, choices=3)
    assert (intervals(recording) >= 0).all()
    assert 0.1 < (recording.time_ns[0] - START_NS) / 1e9 < 2.0


@pytest.mark.parametrize("rate_hz", [2.0, 40.0, 500.0])
def test_intervals_are_log_normal_with_the_mean_of_the_rate(rate_hz: float) -> None:
    passed = intervals(whole("chat", tokens=4000, rate_hz=rate_hz))
    # of 4000 intervals of 25 % spread the mean is within 1.6 % at four standard errors
    assert abs(passed.mean() * rate_hz - 1) < 0.016
    logs = np.log(passed)
    standard = (logs - logs.mean()) / logs.std()
    assert abs((standard**3).mean()) < 4 * np.sqrt(6 / len(logs))
    assert abs((standard**4).mean() - 3) < 4 * np.sqrt(24 / len(logs))


def test_fluent_text_is_near_certain_with_a_few_surprises() -> None:
    logprob = whole("chat", tokens=4000).logprob[:-1]
    assert (logprob <= 0).all()
    assert np.median(logprob) > -0.2
    assert 0.02 < (logprob < -3).mean() < 0.12


def test_fluent_text_is_made_of_the_words_of_its_essay() -> None:
    text = "".join(whole("chat", tokens=2000).text)
    known = set(RIVER.replace(",", " ").replace(".", " ").split())
    words = text.replace(",", " ").replace(".", " ").split()
    # the last word may have been cut in two
    assert set(words[:-1]) <= known
    pairs = Counter(itertools.pairwise(RIVER.split()))
    written = text.split()
    assert sum(pair in pairs for pair in itertools.pairwise(written)) > 0.85 * len(written)


def longest_period(texts: list[str]) -> int:
    """The shortest period of the tail of a list, by trying them all; 0 where the last half has none."""
    tail = texts[len(texts) // 2 :]
    return next((n for n in range(1, len(tail) // 3) if tail[n:] == tail[:-n]), 0)


def test_a_loop_repeats_itself_and_grows_certain_of_it() -> None:
    loop, chat = whole("loop"), whole("chat")
    texts = loop.text[:-1].tolist()
    assert 0 < longest_period(texts) <= 14
    assert longest_period(chat.text[:-1].tolist()) == 0
    assert texts[:160] == chat.text[:160].tolist()
    assert loop.logprob[200:220].min() < loop.logprob[300:320].min()
    assert loop.logprob[300:400].min() > -0.01
    assert loop.finish[-1] == "length"


def test_a_stall_pauses_after_each_quarter() -> None:
    passed = intervals(whole("stall"))
    assert np.flatnonzero(passed > 0.5).tolist() == [99, 199, 299]
    assert not (intervals(whole("chat")) > 0.5).any()


def test_a_drift_changes_rate_and_vocabulary_halfway() -> None:
    recording = whole("drift", tokens=2000)
    passed = intervals(recording)
    assert 1.95 < passed[1000:].mean() / passed[:999].mean() < 2.05
    river, radio = (set(text.replace(",", "").replace(".", "").split()) for text in (RIVER, RADIO))
    first, second = "".join(recording.text[:999]).split(), "".join(recording.text[1001:-1]).split()
    assert sum(word.strip(",.") in radio - river for word in first) < 0.02 * len(first)
    assert sum(word.strip(",.") in radio - river for word in second) > 0.4 * len(second)


def test_choices_come_side_by_side_and_say_different_things() -> None:
    recording = whole("chat", choices=3)
    assert recording.choice.tolist() == [0, 1, 2] * 401
    texts = ["".join(recording.text[recording.choice == choice]) for choice in range(3)]
    assert len(set(texts)) == 3
    assert recording.finish[-3:].tolist() == ["stop"] * 3
    assert texts[0] == "".join(whole("chat").text)


def test_a_stream_is_made_as_it_is_read() -> None:
    stream = simulate("chat", tokens=10**9, choices=2)
    assert [len(next(stream)) for _ in range(3)] == [2 * STEPS_A_PIECE] * 3


@pytest.mark.parametrize(
    "wrong", [{"scene": "song"}, {"tokens": 0}, {"choices": 0}, {"rate_hz": 0.0}, {"rate_hz": float("nan")}, {"seed": -1}]
)  # fmt: skip
def test_what_makes_no_sense_is_refused_with_a_hint(wrong: dict[str, float | str]) -> None:
    with pytest.raises(UsageError) as error:
        simulate(**{"scene": "chat"} | wrong)  # type: ignore[arg-type]
    assert error.value.hint
