"""How sequences are compared is decided before they are, and what does not fit is refused."""

from typing import Any

import numpy as np
import pytest

from midstream_cli.compare.method import ALGORITHMS, OF_DTW, Method, settle
from midstream_cli.compare.named import Named
from midstream_cli.compare.signatures.signature import Background, Signature
from midstream_cli.errors import UsageError


def measured(name: str = "a", n: int = 4) -> Named:
    return Named(name, "bands8", np.arange(float(n))[:, None])


def words(name: str = "a") -> Named:
    return Named(name, "token-ids", np.arange(4.0)[:, None], categorical=True)


def signature(window: int) -> Named:
    vectors = np.arange(4.0)[:, None]
    background = Background(np.array([1.0]), np.array([2.0]))
    made = Signature("s", "s", vectors, "bands8", background=background, window=window)
    return Named("s", "bands8", vectors, signature=made)


def test_names_are_compared_by_edits_and_everything_else_by_dtw() -> None:
    assert settle([measured(), measured()]).algorithm == "dtw"
    assert settle([words(), words()]).algorithm == "edit"
    assert settle([measured(), measured()], Method("euclidean")).algorithm == "euclidean"


def test_signatures_bring_their_window_and_their_units() -> None:
    found = settle([signature(2), signature(3)])
    assert (found.settings, found.units) == ({"window": 3}, "background")
    assert found.sequences[0].values[:, 0].tolist() == [-0.5, 0.0, 0.5, 1.0]


def test_what_is_asked_for_stands_above_what_signatures_say() -> None:
    assert settle([signature(2), signature(3)], Method(window=1)).settings == {"window": 1}
    assert settle([signature(2), signature(3)], Method(window_shape="itakura")).settings == {"window_shape": "itakura"}
    assert settle([signature(2), signature(3)], Method("euclidean")).settings == {}
    assert settle([signature(2), signature(3)], Method(units="feature")).units == "feature"


def test_transforms_come_after_the_units_one_after_the_other() -> None:
    found = settle([signature(2), signature(2)], Method(transforms=("derivative", "z-normalise")))
    assert found.sequences[0].values[:, 0].tolist() == [0.0] * 4
    assert found.transforms == ("derivative", "z-normalise")
    slope = settle([signature(2), signature(2)], Method(transforms=("derivative",)))
    assert slope.sequences[0].values[:, 0].tolist() == pytest.approx([0.5] * 4)


@pytest.mark.parametrize("name", OF_DTW)
def test_settings_of_dtw_mean_nothing_elsewhere(name: str) -> None:
    value: Any = {"window": 3}.get(name, True)
    asked = Method("euclidean", **{name: value}, asked=frozenset({name}))
    with pytest.raises(UsageError, match=f"--{name.replace('_', '-')} means nothing to euclidean"):
        settle([measured(), measured()], asked)
    passed_over = settle([measured(), measured()], Method("euclidean", **{name: value}))
    assert passed_over.settings == {}


@pytest.mark.parametrize(
    ("name", "given"), [("transform", {"transforms": ("derivative",)}), ("units", {"units": "feature"})]
)
def test_names_have_no_units_and_no_slope(name: str, given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=f"--{name} means nothing to edit"):
        settle([words(), words()], Method(asked=frozenset({name}), **given))
    assert settle([words(), words()], Method(**given)).transforms == ()


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ({"algorithm": "fastdtw"}, ALGORITHMS),
        ({"units": "metres"}, ["feature"]),
        ({"transforms": ("log",)}, ["derivative"]),
    ],
)
def test_what_does_not_exist_is_named_with_what_does(given: dict[str, Any], known: list[str]) -> None:
    with pytest.raises(UsageError, match="is called") as caught:
        Method(**given)
    assert all(name in caught.value.hint for name in known)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_every_algorithm_says_how_its_distance_is_defined(algorithm: str) -> None:
    sequences = [words(), words("b")] if algorithm in ("lcs", "edit") else [measured(), measured("b")]
    assert "normalised over" in settle(sequences, Method(algorithm)).convention
