"""Signatures recognised from their first vectors: what is told, when, how often, and what is not."""

import copy
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from midstream_cli.compare.kernels import usual
from midstream_cli.compare.recognition.recogniser import Recogniser
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import SignatureError, UsageError
from midstream_cli.frames import Float64
from strategies import few, seeds, some

RAMP = Signature("ramp", "a ramp", np.arange(1.0, 6.0)[:, None])
NOISE = 0.05 * np.sin(0.31 * np.arange(200.0))


def motion(seed: int, n: int = 24, d: int = 56, strength: float = 2.0, *, stored: bool = True) -> Signature:
    """A path through random patterns, as strong in each vector as in any."""
    corners = np.random.default_rng(seed).normal(size=(4, d))
    path = np.array([np.interp(np.linspace(0, 3, n), range(4), column) for column in corners.T]).T
    path *= strength / np.sqrt(np.square(path).mean(axis=1, keepdims=True))
    return Signature(f"m{seed}", "", path, background=Background(np.zeros(d), np.ones(d)) if stored else None)


def test_the_ramp_of_the_fixture_is_told_by_its_first_frame() -> None:
    recogniser = Recogniser([RAMP], rate_hz=30.0, false_alarms_per_day=1.0)
    assert recogniser.extend(NOISE) == []
    assert recogniser.state == "steady"
    told = [recogniser.update(np.array([value])) for value in (1.0, 2.0, 3.0, 4.0, 5.0, 5.0, 5.0)]
    assert [each.matched for each in told] == [0, -1, -1, -1, -1, -1, -1]
    assert told[0].start == 200
    assert told[-1].evidence > told[0].evidence > recogniser.threshold
    assert recogniser.frozen


def test_the_threshold_is_that_of_the_false_alarms_accepted() -> None:
    one = Recogniser([RAMP], rate_hz=30.0, false_alarms_per_day=1.0)
    assert one.threshold == pytest.approx(math.log(30 * 86400))
    assert Recogniser([RAMP, RAMP], rate_hz=30.0).threshold == pytest.approx(math.log(30 * 3600) + math.log(2))


@pytest.mark.parametrize(("d", "strength"), [(1, 3.0), (8, 1.0), (56, 1.0)])
def test_noise_brings_no_more_false_alarms_than_accepted(d: int, strength: float) -> None:
    random = np.random.default_rng(d)
    recogniser = Recogniser(
        [motion(k, d=d, strength=strength) for k in range(3)], rate_hz=30.0, false_alarms_per_day=2400.0
    )
    alarms = len(recogniser.extend(random.normal(size=(108_000, d))))
    # an hour, in which 100 are accepted: the bound is never reached
    assert alarms <= 100


@pytest.mark.parametrize("seed", range(3))
def test_a_motion_is_identified_among_six_by_its_first_vectors(seed: int) -> None:
    random = np.random.default_rng(seed)
    library = [motion(6 * seed + k) for k in range(6)]
    recogniser = Recogniser(library)
    delays = []
    for _ in range(20):
        recogniser.extend(random.normal(size=(60, 56)))
        which, n = int(random.integers(6)), round(24 * random.uniform(0.7, 1.4))
        at = np.linspace(0, 23, n)
        stretched = np.array([np.interp(at, range(24), column) for column in library[which].vectors.T]).T
        begin = recogniser.position
        told = recogniser.extend(random.uniform(0.85, 1.15) * stretched + random.normal(size=(n, 56)))
        assert [each.signature for each in told] == [which]
        assert abs(told[0].start - begin) <= 1
        delays.append(told[0].position - begin + 1)
    assert np.mean(delays) <= 1.2


def test_signatures_that_begin_alike_are_not_told_before_they_part() -> None:
    random = np.random.default_rng(0)
    one, other = motion(1), motion(2)
    vectors = other.vectors.copy()
    vectors[:10] = one.vectors[:10]
    both = [one, Signature("other", "", vectors, background=one.background)]
    recogniser = Recogniser(both)
    recogniser.extend(random.normal(size=(50, 56)))
    told = recogniser.extend(vectors + random.normal(size=(24, 56)))
    assert [each.signature for each in told] == [1]
    assert 60 <= told[0].position <= 64
    assert told[0].margin >= math.log(99.0)


def test_a_signature_is_told_again_once_its_evidence_has_fallen() -> None:
    random = np.random.default_rng(0)
    recogniser = Recogniser([motion(1), motion(2)])
    told = recogniser.extend(random.normal(size=(40, 56)))
    for _ in range(3):
        told += recogniser.extend(
            np.concatenate([motion(1).vectors, np.zeros((20, 56))]) + random.normal(size=(44, 56))
        )
    assert [each.signature for each in told] == [0, 0, 0]


def test_a_signature_of_the_background_itself_is_never_told() -> None:
    random = np.random.default_rng(3)
    empty = Signature("empty", "", 0.3 * random.normal(size=(20, 8)), background=Background(np.zeros(8), np.ones(8)))
    recogniser = Recogniser([empty], false_alarms_per_day=2400.0)
    assert recogniser.extend(random.normal(size=(50_000, 8))) == []
    assert not recogniser.frozen


def test_a_stored_background_tells_once_it_explains_eight_vectors() -> None:
    random = np.random.default_rng(1)
    recogniser = Recogniser([motion(1), motion(2)])
    recogniser.extend(random.normal(size=(8, 56)))
    assert recogniser.state == "steady"
    assert recogniser.update(motion(2).vectors[0] + random.normal(size=56)).matched == 1


def test_a_stored_background_of_another_room_is_given_up() -> None:
    random = np.random.default_rng(1)
    recogniser = Recogniser([motion(1, strength=4.0), motion(2)])
    elsewhere = motion(1, strength=4.0).vectors[5]
    assert recogniser.extend(elsewhere + random.normal(size=(60, 56))) == []
    states = [recogniser.state]
    recogniser.extend(elsewhere + random.normal(size=(30, 56)))
    assert [*states, recogniser.state] == ["learning", "steady"]
    assert not recogniser.frozen


@pytest.mark.parametrize("d", [4, 52])
def test_without_signatures_motion_is_told(d: int) -> None:
    random = np.random.default_rng(2)
    recogniser = Recogniser([], dims=d, false_alarms_per_day=1.0)
    quiet = [(recogniser.update(random.normal(size=d)).matched, recogniser.moving) for _ in range(3000)]
    assert set(quiet) == {(-1, False)}
    assert recogniser.top() == []
    moving = []
    for vector in np.concatenate([motion(1, d=d, strength=5.0).vectors, np.zeros((40, d))]):
        recogniser.update(vector + random.normal(size=d))
        moving.append((recogniser.moving, recogniser.motion >= recogniser.threshold))
    assert any(now for now, _ in moving[:6])
    assert moving[-1] == (False, False)
    assert all(now for now, above in moving if above)


def test_without_a_background_nothing_is_told_while_it_is_learnt() -> None:
    recogniser = Recogniser([motion(1, stored=False)])
    assert recogniser.extend(motion(1).vectors) == []
    assert (recogniser.state, recogniser.baseline_age) == ("learning", -1)


def test_an_unknown_motion_is_told_as_such() -> None:
    random = np.random.default_rng(5)
    recogniser = Recogniser([motion(1)])
    recogniser.extend(random.normal(size=(300, 56)))
    assert recogniser.update(random.normal(size=56)).unknown < 0.01
    told = [recogniser.update(vector + random.normal(size=56)) for vector in motion(9, strength=4.0).vectors]
    assert max(each.unknown for each in told) > 0.99
    assert max(each.matched for each in told) == -1
    assert recogniser.frozen


def test_impulses_are_no_motion() -> None:
    random = np.random.default_rng(6)
    recogniser = Recogniser([motion(k) for k in range(6)])
    stream = random.normal(size=(6000, 56))
    stream[random.random(6000) < 0.2] *= 7.0
    told = [recogniser.update(vector) for vector in stream]
    assert max(each.matched for each in told) == -1
    assert np.mean([each.unknown > 0.5 for each in told]) < 0.001


def test_impulses_over_a_motion_do_not_hide_it() -> None:
    random = np.random.default_rng(7)
    recogniser = Recogniser([motion(k) for k in range(3)])
    recogniser.extend(random.normal(size=(100, 56)))
    stream = motion(2).vectors + random.normal(size=(24, 56))
    stream[0] += 8.0 * random.normal(size=56)
    assert [each.signature for each in recogniser.extend(stream)] == [2]


def test_a_drift_is_followed_and_no_motion() -> None:
    random = np.random.default_rng(8)
    recogniser = Recogniser([motion(1)])
    drift = np.linspace(0.0, 3.0, 30_000)[:, None]
    assert recogniser.extend(drift + random.normal(size=(30_000, 56))) == []
    assert recogniser.update(np.full(56, 3.0)).unknown < 0.5
    assert not recogniser.suppressed


def test_a_level_that_persists_is_the_baseline() -> None:
    random = np.random.default_rng(9)
    recogniser = Recogniser([motion(1)])
    recogniser.extend(random.normal(size=(300, 56)))
    offset = 3.0 * random.normal(size=56)
    recogniser.extend(offset + random.normal(size=(10, 56)))
    assert recogniser.frozen
    assert recogniser.baseline_age >= 5
    recogniser.extend(offset + random.normal(size=(200, 56)))
    assert (recogniser.frozen, recogniser.baseline_age) == (False, 0)
    assert len(recogniser.extend(offset + motion(1).vectors + random.normal(size=(24, 56)))) == 1


def test_what_moves_for_minutes_is_learnt_anew() -> None:
    random = np.random.default_rng(10)
    recogniser = Recogniser([motion(1)], rate_hz=5.0)
    recogniser.extend(random.normal(size=(300, 56)))
    walk = np.cumsum(2.0 * random.normal(size=(3000, 56)), axis=0)
    known = []
    for vector in walk:
        recogniser.update(vector)
        known.append((recogniser.state, recogniser.baseline_age >= 0))
    assert ("unsettled", True) in known
    assert any(not each for _, each in known)
    assert known[-1][1]


def test_a_background_that_moves_on_is_unsettled_until_it_rests() -> None:
    random = np.random.default_rng(11)
    recogniser = Recogniser([motion(1)], rate_hz=10.0)
    turns = np.sin(np.arange(1200)[:, None] / 40.0 + np.arange(56)) * 3.0
    assert recogniser.extend(np.zeros((200, 56)) + random.normal(size=(200, 56))) == []
    recogniser.extend(turns + random.normal(size=(1200, 56)))
    states = [recogniser.state]
    recogniser.extend(random.normal(size=(1500, 56)))
    assert [*states, recogniser.state] == ["unsettled", "steady"]


def test_a_stream_that_begins_with_a_motion_is_not_taken_for_idle() -> None:
    random = np.random.default_rng(15)
    recogniser = Recogniser([], dims=30, rate_hz=30.0)
    walk = 4.0 * np.sin(np.arange(400)[:, None] / 9.0 + np.arange(30))
    recogniser.extend(walk + random.normal(size=(400, 30)))
    states = [recogniser.state]
    recogniser.extend(random.normal(size=(300, 30)))
    assert [*states, recogniser.state] == ["unsettled", "steady"]
    assert recogniser.extend(walk[:40] + random.normal(size=(40, 30))) == []
    assert recogniser.moving


def test_a_feature_that_hardly_varies_within_a_second_is_steady() -> None:
    random = np.random.default_rng(16)
    signature = motion(1, d=4, strength=4.0, stored=False)
    recogniser = Recogniser([signature], rate_hz=32.0)
    smooth = np.array(
        [np.convolve(column, np.full(32, 32**-0.5), "valid") for column in random.normal(size=(4, 20_000))]
    ).T
    held = []
    for vector in smooth:
        recogniser.update(vector)
        held.append(recogniser.suppressed)
    assert np.mean(held) < 0.02


def test_a_single_impulse_is_no_motion_where_impulses_are_usual() -> None:
    random = np.random.default_rng(17)
    library = [motion(k) for k in range(4)]
    quiet, busy = Recogniser(library), Recogniser(library)
    idle = random.normal(size=(3000, 56))
    quiet.extend(idle)
    idle[::40] *= 6.0
    busy.extend(idle)
    alone = np.concatenate([0.8 * library[2].vectors[:1] + random.normal(size=(1, 56)), random.normal(size=(60, 56))])
    assert len(quiet.extend(alone)) == 1
    assert busy.extend(alone) == []
    told = busy.extend(library[2].vectors + random.normal(size=(24, 56)))
    assert [each.signature for each in told] == [2]


def test_an_interruption_ends_paths_and_leaves_the_baseline() -> None:
    random = np.random.default_rng(12)
    recogniser = Recogniser([motion(1)])
    recogniser.extend(np.concatenate([random.normal(size=(300, 56)), motion(1).vectors[:4]]))
    assert recogniser.evidences[0] > 0
    baseline = recogniser._arrays._mean()
    recogniser.interrupt()
    assert recogniser.evidences[0] == 0
    assert np.array_equal(recogniser._arrays._mean(), baseline)
    assert recogniser.top() == Recogniser([motion(1)]).top()


@some
@given(seeds, st.integers(1, 12), st.lists(st.integers(0, 200), max_size=6), st.booleans())
def test_however_a_stream_is_cut_the_same_is_told(seed: int, d: int, cuts: list[int], stored: bool) -> None:
    random = np.random.default_rng(seed)
    library = [motion(k, n=5 + k, d=d, strength=3.0, stored=stored) for k in range(3)]
    stream = np.concatenate([random.normal(size=(100, d)), library[1].vectors, random.normal(size=(95, d))])
    stream[random.integers(0, 200, 3), random.integers(0, d, 3)] = [math.nan, math.inf, 1e300]
    one, other, traced = Recogniser(library), Recogniser(library), Recogniser(library)
    whole = one.extend(stream)
    told = [other.update(vector) for vector in stream]
    assert [(m.position, m.signature) for m in whole] == [(n, t.matched) for n, t in enumerate(told) if t.matched >= 0]
    pieces = np.split(stream, sorted(cuts))
    evidence = np.concatenate([traced.trace(piece) for piece in pieces])
    assert evidence.max(axis=1).tolist() == [t.evidence for t in told]
    for x, y, z in zip(one._all, other._all, traced._all, strict=True):
        assert np.array_equal(x, y)
        assert np.array_equal(x, z)
    assert one.skipped == other.skipped >= 1
    assert one.position == len(stream)


def test_a_copy_goes_on_as_the_original_does() -> None:
    random = np.random.default_rng(13)
    recogniser = Recogniser([motion(1), motion(2)])
    recogniser.extend(np.concatenate([random.normal(size=(300, 56)), motion(1).vectors[:4]]))
    other = copy.deepcopy(recogniser)
    rest = np.concatenate([motion(1).vectors[4:], random.normal(size=(900, 56))])
    assert [recogniser.update(v) for v in rest] == [other.update(v) for v in rest]


@pytest.mark.parametrize("count", [1, 3, 40])
def test_candidates_come_best_first_with_their_margins(count: int) -> None:
    recogniser = Recogniser([motion(k) for k in range(count)])
    assert [each.signature for each in recogniser.top(3)] == list(range(min(3, count)))
    recogniser.extend(np.zeros((8, 56)))
    last = recogniser.update(motion(count - 1).vectors[0])
    found = recogniser.top(count)
    evidence = recogniser.evidences
    assert [each.evidence for each in found] == sorted(evidence.tolist(), reverse=True)
    assert found[0].signature == last.best == count - 1
    assert (
        found[0].margin == last.margin == pytest.approx(found[0].evidence - (found[1].evidence if count > 1 else 0.0))
    )
    assert all(each.margin <= 0 for each in found[1:])
    assert found[0].above_threshold == (found[0].score >= 0.5)
    assert len(recogniser.top(2)) == min(2, count)


def test_a_threshold_of_its_own_takes_the_place() -> None:
    one = motion(1)
    own = Signature("own", "", one.vectors, background=one.background, evidence_threshold=1e6)
    random = np.random.default_rng(14)
    stream = np.concatenate([random.normal(size=(50, 56)), one.vectors])
    assert len(Recogniser([one]).extend(stream)) == 1
    assert Recogniser([own]).extend(stream) == []


@few
@given(seeds, st.sampled_from([1e-200, 1e-9, 1e9, 1e200]))
def test_the_scale_of_a_stream_says_nothing(seed: int, scale: float) -> None:
    random = np.random.default_rng(seed)
    stream: Float64 = np.concatenate([random.normal(size=(100, 4)), motion(1, d=4, strength=9.0).vectors])
    library = [motion(1, d=4, strength=9.0, stored=False)]
    scaled = [Signature("", "", library[0].vectors * scale)]
    one, other = Recogniser(library).trace(stream), Recogniser(scaled).trace(stream * scale)
    assert np.allclose(one, other, rtol=1e-6, atol=1e-6)
    assert one.max() > 10


@pytest.mark.parametrize("d", [1, 2, 16, 17, 128, 512])
def test_any_number_of_dimensions_goes(d: int) -> None:
    random = np.random.default_rng(d)
    recogniser = Recogniser([motion(1, n=1, d=d, strength=9.0), motion(2, n=7, d=d, strength=9.0)])
    recogniser.extend(random.normal(size=(70, d)))
    assert np.isfinite(recogniser.trace(np.repeat(motion(1, n=1, d=d, strength=9.0).vectors, 3, axis=0))).all()
    assert recogniser._s[usual.KNOWN] == 1.0


def test_what_cannot_be_recognised_is_an_error() -> None:
    with pytest.raises(SignatureError):
        Recogniser([])
    with pytest.raises(UsageError):
        Recogniser([], dims=0)
    with pytest.raises(SignatureError, match="dimensions"):
        Recogniser([motion(1, d=4), motion(2, d=5)])
    with pytest.raises(SignatureError, match="finite"):
        Recogniser([Signature("", "", np.array([[math.nan]]))])
    with pytest.raises(SignatureError, match="no vectors"):
        Recogniser([Signature("", "", np.empty((0, 3)))])
    for rate, alarms in ((0.0, 1.0), (math.inf, 1.0), (30.0, 0.0)):
        with pytest.raises(UsageError):
            Recogniser([RAMP], rate_hz=rate, false_alarms_per_day=alarms)
    recogniser = Recogniser([motion(1, d=4)])
    for vector in (np.zeros(3), np.zeros((4, 4)), 1.0):
        with pytest.raises(UsageError):
            recogniser.update(vector)
    with pytest.raises(UsageError):
        recogniser.extend(np.zeros((5, 3)))


def test_a_vector_is_taken_without_a_word() -> None:
    random = np.random.default_rng(18)
    one, other = Recogniser([motion(1)]), Recogniser([motion(1)])
    for vector in np.concatenate([random.normal(size=(40, 56)), motion(1).vectors]):
        told = one.update(vector)
        other.take(vector)
        assert other.unknown == told.unknown
        assert other.quiet == (told.evidence <= 0.0)
    assert not other.quiet
