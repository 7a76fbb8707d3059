"""Small systems of linear equations inside kernels."""

from midstream_cli.compiled.kernel import F1, inline


@inline
def solved(numbers: F1, at: int, size: int) -> None:
    """Solve a symmetric positive definite system by Gauss and Jordan, in place.

    Args:
        numbers: from `at` on, the rows of the matrix, each with its right side behind it; these become the solution.
        size: unknowns.
    """
    wide = size + 1
    for p in range(size):
        pivot = numbers[at + p * wide + p]
        if pivot == 0.0:
            continue
        for q in range(wide):
            numbers[at + p * wide + q] /= pivot
        for row in range(size):
            if row != p:
                factor = numbers[at + row * wide + p]
                for q in range(wide):
                    numbers[at + row * wide + q] -= factor * numbers[at + p * wide + q]
