"""How strongly columns hang together, as matrices to draw as heat maps.

Between numbers Spearman's rank correlation, between a number and a category the correlation
ratio of the ranks, between categories Cramér's V with Bergsma's bias correction (W. Bergsma, A
bias-correction for Cramér's V and Tschuprow's T, 2013).
"""

from collections.abc import Sequence

import numpy as np

from core.evaluation.bins import Codes, average_ranks
from core.evaluation.encoding import Encoded, Matrix
from core.evaluation.thresholds import ASSOCIATION_COLUMNS, ASSOCIATION_ROWS
from core.evaluation.values import Association

_LEVELS = 50
Row = tuple[float | None, ...]


def associate(encoded: Encoded) -> Association:
    """Association matrices of the training and the synthetic rows."""
    kept = list(range(min(encoded.width, ASSOCIATION_COLUMNS)))
    note = "" if len(kept) == encoded.width else f"The first {len(kept)} of {encoded.width} columns"
    return Association(
        tuple(encoded.names[j] for j in kept),
        _matrix(encoded.train[:ASSOCIATION_ROWS], encoded.levels, kept),
        _matrix(encoded.synthetic[:ASSOCIATION_ROWS], encoded.levels, kept),
        note,
    )


def strengths(
    rows: Matrix, levels: Codes, pairs: Sequence[tuple[int, int]]
) -> tuple[float | None, ...]:
    """How strongly each two columns hang together; None where one does not vary."""
    used = sorted({j for pair in pairs for j in pair})
    columns = {j: _prepare(rows[:, j], int(levels[j])) for j in used}
    return tuple(_strength(columns[i], columns[j], same=i == j) for i, j in pairs)


def association_name(left: int, right: int) -> str:
    """What is measured between columns of so many levels (0 for numbers)."""
    if left and right:
        return "Cramér's V"
    return "correlation ratio" if left or right else "rank correlation"


def _matrix(rows: Matrix, levels: Codes, kept: list[int]) -> tuple[Row, ...]:
    columns = [_prepare(rows[:, j], int(levels[j])) for j in kept]
    cells: dict[tuple[int, int], float | None] = {}
    for i, left in enumerate(columns):
        for j in range(i, len(columns)):
            cells[i, j] = cells[j, i] = _strength(left, columns[j], same=i == j)
    return tuple(tuple(cells[i, j] for j in range(len(kept))) for i in range(len(kept)))


def _prepare(values: Matrix, levels: int) -> Matrix | Codes:
    """Standardised ranks of numbers (0 for missing), level numbers of categories."""
    if levels:
        return np.minimum(values, _LEVELS).astype(np.int64)
    ranks = np.zeros(len(values))
    known = ~np.isnan(values)
    if known.any():
        placed = average_ranks(values[known])
        spread = placed.std()
        ranks[known] = (placed - placed.mean()) / spread if spread > 0 else 0.0
    return ranks


def _strength(left: Matrix | Codes, right: Matrix | Codes, *, same: bool) -> float | None:
    if not len(left) or not _varies(left) or not _varies(right):
        return None
    if same:
        return 1.0
    if left.dtype != np.int64 and right.dtype != np.int64:
        norm = float(np.sqrt((left @ left) * (right @ right)))
        return float(left @ right / norm)
    if left.dtype == np.int64 and right.dtype == np.int64:
        return cramer(left, right)
    number, category = (right, left) if left.dtype == np.int64 else (left, right)
    return _correlation_ratio(number, category)


def _varies(values: Matrix | Codes) -> bool:
    return bool((values != values[0]).any())


def _correlation_ratio(numbers: Matrix | Codes, categories: Matrix | Codes) -> float:
    groups = categories.astype(np.int64)
    counts = np.bincount(groups)
    sums = np.bincount(groups, weights=numbers)
    used = counts > 0
    between = float((sums[used] ** 2 / counts[used]).sum() - numbers.sum() ** 2 / len(numbers))
    total = float(((numbers - numbers.mean()) ** 2).sum())
    return float(np.sqrt(np.clip(between / total, 0, 1)))


def cramer(left: Matrix | Codes, right: Matrix | Codes) -> float | None:
    """Cramér's V of two columns of level numbers, corrected for chance; None if undefined."""
    a, b = (np.unique(part, return_inverse=True)[1] for part in (left, right))
    rows, columns, n = a.max() + 1, b.max() + 1, len(a)
    table = np.bincount(a * columns + b, minlength=rows * columns).reshape(rows, columns)
    expected = np.outer(table.sum(1), table.sum(0)) / n
    phi = float(((table - expected) ** 2 / expected).sum()) / n
    if n < 2:
        return None
    corrected = max(0.0, phi - (columns - 1) * (rows - 1) / (n - 1))
    sides = [k - (k - 1) ** 2 / (n - 1) for k in (rows, columns)]
    smallest = min(sides) - 1
    return float(np.sqrt(min(1.0, corrected / smallest))) if smallest > 1e-9 else None
