"""Sequences of one kind are brought into the units that their signatures have in common."""

import math
from dataclasses import replace

import numpy as np
import pytest

from midstream_cli.compare.named import Named, comparable, own_window
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import UsageError

ONE = Background(np.array([1.0, 2.0]), np.array([0.5, 4.0]))
OTHER = Background(np.array([1.0, 2.0]), np.array([0.5, 4.1]))


def recording(n: int = 3) -> Named:
    return Named("recording", "bands8", np.arange(2.0 * n).reshape(n, 2))


def signature(background: Background | None = ONE, *, n: int = 3, window: int | None = None) -> Named:
    vectors = np.ones((n, 2))
    made = Signature("s", "s", vectors, "bands8", background=background, window=window)
    return Named("s.sig.json", "bands8", vectors, signature=made)


def test_what_is_no_signature_stays_as_it_was_measured() -> None:
    given = [recording(), recording(5)]
    found = comparable(given)
    assert (found.units, found.doubt) == ("feature", "")
    assert [each.values.tolist() for each in found.sequences] == [each.values.tolist() for each in given]


def test_everything_is_in_units_of_the_background_that_signatures_share() -> None:
    found = comparable([recording(), signature(), signature()])
    assert (found.units, found.doubt) == ("background", "")
    for given, made in zip([recording(), signature()], found.sequences, strict=False):
        for row, expected in zip(made.values.tolist(), given.values.tolist(), strict=True):
            assert row == pytest.approx(
                [(expected[0] - 1.0) / 0.5 / math.sqrt(2), (expected[1] - 2.0) / 4.0 / math.sqrt(2)]
            )


@pytest.mark.parametrize("other", [OTHER, None])
def test_signatures_without_a_background_in_common_are_compared_as_measured_with_a_word(
    other: Background | None,
) -> None:
    found = comparable([signature(), signature(other)])
    assert (found.units, found.doubt) == ("feature", "the signatures have no background in common")
    assert found.sequences[0].values.tolist() == signature().values.tolist()


def test_signatures_that_have_no_background_leave_no_doubt() -> None:
    assert comparable([signature(None), signature(None)])[1:] == ("feature", "")


def test_units_can_be_asked_for() -> None:
    assert comparable([signature(), signature()], "feature")[1:] == ("feature", "")
    assert comparable([signature(), signature(OTHER)], "feature")[1:] == ("feature", "")
    assert comparable([signature(), recording()], "background").units == "background"


@pytest.mark.parametrize(
    ("sequences", "message"),
    [
        ([recording(), recording()], "nothing that is compared has a background"),
        ([signature(), signature(OTHER)], "no background in common"),
    ],
)
def test_units_that_are_not_to_be_had_are_an_error(sequences: list[Named], message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        comparable(sequences, "background")
    assert "--background" in caught.value.hint


def test_sequences_of_other_dimensions_than_the_background_are_left_to_be_refused_as_such() -> None:
    wide = Named("wide", "bands8", np.ones((3, 5)))
    assert comparable([signature(), wide]).sequences[1].values.shape == (3, 5)


def test_two_signatures_are_warped_within_the_wider_of_their_windows() -> None:
    assert own_window([signature(window=2), signature(window=5)]) == 5


@pytest.mark.parametrize(
    "sequences",
    [
        [signature(window=2), signature()],
        [signature(window=2), recording()],
        [signature(n=3, window=2), signature(n=9, window=5)],
        [recording(), recording()],
    ],
)
def test_a_window_that_one_does_not_say_or_that_leaves_no_path_does_not_hold(sequences: list[Named]) -> None:
    assert own_window(sequences) is None


def test_backgrounds_agree_when_they_are_the_same_scale() -> None:
    assert ONE.agrees(replace(ONE, source="elsewhere"))
    assert not ONE.agrees(OTHER)
    assert not ONE.agrees(Background(np.zeros(1), np.ones(1)))
