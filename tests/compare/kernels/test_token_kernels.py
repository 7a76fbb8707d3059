"""Kernels on names, as compiled and as written, against the textbook tables and rapidfuzz."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rapidfuzz.distance import LCSseq, Levenshtein

from midstream_cli.compare.kernels import token_batches, tokens
from midstream_cli.compare.kernels.bit_rows import LANES, columns_size, work_size
from midstream_cli.compare.kernels.tokens import COLUMN, DISTANCE, OPERATIONS, UNKNOWN, kept_size
from midstream_cli.compiled.kernel import Kernel
from strategies import few, seeds, some
from textbook import edit_table, lcs_table

Names = npt.NDArray[np.int64]

ROWS = 4096
BORDERS = (0, 1, 2, 63, 64, 65, 127, 128, 129, 64 * LANES - 1, 64 * LANES, 64 * LANES + 1)

lengths = st.one_of(st.integers(0, 70), st.sampled_from(BORDERS))
alphabets = st.sampled_from([1, 2, 4, 64, 2000])


def drawn(seed: int, n: int, m: int, alphabet: int, *, alike: bool = False) -> tuple[Names, Names]:
    """Two sequences of names; where they are alike, the second is the first with a tenth changed."""
    random = np.random.default_rng(seed)
    a = random.integers(0, alphabet, n)
    b = random.integers(0, alphabet, m)
    if alike:
        shorter = min(n, m)
        changed = random.random(shorter) < 0.1
        b[:shorter] = np.where(changed, b[:shorter], a[:shorter])
    return a, b


def called(kernel: Kernel[..., int], a: Names, b: Names, wanted: int, *, as_written: bool = False) -> tuple[int, Names]:
    """What a kernel counts, and what it writes."""
    rows, work = np.zeros(ROWS, np.uint64), np.zeros(work_size(), np.uint64)
    columns = np.full(columns_size(len(b)), 0xDEAD, np.uint64)
    kept = np.full(kept_size(len(a), len(b), 2, wanted), 0xBEEF, np.uint64)
    found = np.zeros(3 * (len(a) + len(b)) + 2, np.int64)
    counted = (kernel.python if as_written else kernel)(a, b, rows, work, columns, kept, found, wanted)
    assert not rows.any()
    return counted, found


def operations(found: Names, count: int) -> list[list[int]]:
    return found[len(found) - 3 * count :].reshape(-1, 3).tolist()


def those_of_rapidfuzz(peer: Any, a: Names, b: Names) -> list[list[int]]:
    kinds = {"replace": tokens.REPLACE, "delete": tokens.DELETE, "insert": tokens.INSERT}
    # whole numbers below 2**61 are their own hashes
    return [[kinds[each.tag], each.src_pos, each.dest_pos] for each in peer.editops(a.tolist(), b.tolist())]


@some
@given(seeds, lengths, lengths, alphabets, st.booleans())
@example(0, 64 * LANES + 1, 64, 64, False)
@example(1, 64, 64 * LANES + 1, 64, True)
@example(2, 2 * 64 * LANES + 5, 300, 4, True)
def test_distances_and_operations_are_those_of_rapidfuzz(seed: int, n: int, m: int, alphabet: int, alike: bool) -> None:
    a, b = drawn(seed, n, m, alphabet, alike=alike)
    edits, common = Levenshtein.distance(a.tolist(), b.tolist()), LCSseq.similarity(a.tolist(), b.tolist())
    for wanted in (DISTANCE, OPERATIONS):
        assert called(tokens.levenshtein, a, b, wanted)[0] == edits
        assert called(tokens.common, a, b, wanted)[0] == common
    found = called(tokens.levenshtein, a, b, OPERATIONS)[1]
    assert operations(found, edits) == those_of_rapidfuzz(Levenshtein, a, b)
    found = called(tokens.common, a, b, OPERATIONS)[1]
    assert operations(found, n + m - 2 * common) == those_of_rapidfuzz(LCSseq, a, b)


@some
@given(seeds, st.integers(0, 40), st.integers(0, 40), alphabets)
def test_distances_are_those_of_the_whole_table(seed: int, n: int, m: int, alphabet: int) -> None:
    a, b = drawn(seed, n, m, alphabet)
    assert called(tokens.levenshtein, a, b, DISTANCE)[0] == edit_table(a.tolist(), b.tolist())[-1][-1]
    assert called(tokens.common, a, b, DISTANCE)[0] == lcs_table(a.tolist(), b.tolist())[-1][-1]


@few
@given(seeds, st.integers(1, 150), st.integers(1, 40), alphabets)
@example(0, 64 * LANES + 3, 2, 4)
def test_the_last_column_is_that_of_the_whole_table(seed: int, n: int, m: int, alphabet: int) -> None:
    a, b = drawn(seed, n, m, alphabet)
    words = -(-n // 64)
    _, found = called(tokens.levenshtein, a, b, COLUMN)
    grows, falls = np.unpackbits(found[: 2 * words].view(np.uint8), bitorder="little").reshape(2, -1)[:, :n].astype(int)
    assert (grows - falls).tolist() == np.diff([row[-1] for row in edit_table(a.tolist(), b.tolist())]).tolist()


@few
@given(seeds, lengths.filter(lambda n: n < 200), lengths.filter(lambda n: n < 200), alphabets, st.booleans())
@example(0, 64 * LANES + 1, 3, 4, False)
def test_kernels_compute_what_is_written(seed: int, n: int, m: int, alphabet: int, alike: bool) -> None:
    a, b = drawn(seed, n, m, alphabet, alike=alike)
    for kernel in (tokens.levenshtein, tokens.common):
        for wanted in (DISTANCE, OPERATIONS):
            counted, found = called(kernel, a, b, wanted)
            as_written = called(kernel, a, b, wanted, as_written=True)
            assert counted == as_written[0]
            assert found.tolist() == as_written[1].tolist()


@pytest.mark.parametrize("kernel", [tokens.levenshtein, tokens.common])
@pytest.mark.parametrize("name", [ROWS, -(2**63), -1])
def test_a_name_too_large_is_told(kernel: Kernel[..., int], name: int) -> None:
    good, bad = np.array([1, 2]), np.array([1, name])
    for a, b in ((good, bad), (bad, good)):
        assert called(kernel, a, b, DISTANCE)[0] == UNKNOWN == called(kernel, a, b, DISTANCE, as_written=True)[0]


def batch(kernel: Kernel[..., None], texts: list[Names], patterns: list[Names], *, as_written: bool = False) -> Any:
    flat, width = [np.concatenate([*each, np.empty(0, np.int64)]) for each in (texts, patterns)], len(patterns)
    width = -(-width // LANES) * LANES
    starts = [np.cumsum([0, *map(len, each)], dtype=np.int64) for each in (texts, patterns)]
    rows, table = np.zeros(ROWS, np.uint64), np.full(token_batches.table_size(), 0xDEAD, np.uint64)
    handed, found = np.zeros(len(flat[0]), np.uint64), np.zeros(len(texts) * width, np.uint64)
    for first in range(0, len(patterns), LANES):
        given = (flat[0], starts[0], flat[1], starts[1], first, rows, table, handed, found)
        (kernel.python if as_written else kernel)(*given)
        assert not rows.any()
    return found.reshape(-1, width)[:, : len(patterns)]


@some
@given(
    seeds, st.integers(1, 9), st.integers(1, 2 * LANES + 1), st.sampled_from([3, 64, 65, 200]), alphabets, st.booleans()
)
def test_many_pairs_are_as_far_as_each_alone(
    seed: int, texts: int, patterns: int, longest: int, alphabet: int, alike: bool
) -> None:
    random = np.random.default_rng(seed)
    sizes = random.integers(0, longest + 1, texts + patterns)
    if alike:
        sizes[:] = longest
    drawn = [random.integers(0, alphabet, n) for n in sizes]
    a, b = drawn[:texts], drawn[texts:]
    listed = [each.tolist() for each in drawn]
    for kernel, peer in (
        (token_batches.edit_distances, Levenshtein.distance),
        (token_batches.lcs_distances, LCSseq.distance),
    ):
        found = batch(kernel, a, b)
        assert found.tolist() == [[peer(x, y) for y in listed[texts:]] for x in listed[:texts]]


@few
@given(seeds, st.integers(1, 3), st.integers(1, LANES + 1), st.sampled_from([3, 64, 66]), alphabets)
def test_kernels_of_many_pairs_compute_what_is_written(
    seed: int, texts: int, patterns: int, longest: int, alphabet: int
) -> None:
    random = np.random.default_rng(seed)
    drawn = [random.integers(0, alphabet, n) for n in random.integers(0, longest + 1, texts + patterns)]
    for kernel in (token_batches.edit_distances, token_batches.lcs_distances):
        found = batch(kernel, drawn[:texts], drawn[texts:])
        assert found.tolist() == batch(kernel, drawn[:texts], drawn[texts:], as_written=True).tolist()
