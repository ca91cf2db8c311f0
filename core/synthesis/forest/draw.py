"""Drawing from many small distributions at once, with evenly spread uniform numbers.

Rows of one group get uniform numbers that are spread evenly (the golden-ratio sequence from a
random start) instead of independently: shares of the result then differ from the model's by much
less than chance, for each group and for neighbouring groups together.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer[Any]]

_GOLDEN = (5**0.5 - 1) / 2


def spread_uniforms(groups: Ints, rng: np.random.Generator) -> Floats:
    """A uniform number in [0, 1) for each row, evenly spread within each group.

    The order of rows inside a group is random, so that columns do not share a pattern.
    """
    rows = len(groups)
    shuffled = rng.permutation(rows)
    order = shuffled[np.argsort(groups[shuffled], kind="stable")]
    out = np.empty(rows)
    out[order] = (rng.random() + _GOLDEN * np.arange(rows)) % 1.0
    return out


def cumulate(weights: Floats, group: Ints) -> Floats:
    """Cumulated shares of a ragged table, with the number of the group added.

    ``group`` is sorted; the result is sorted, and the last entry of group g is exactly g + 1.
    """
    total = np.cumsum(weights)
    last = np.flatnonzero(np.diff(group, append=-1))
    sums = np.diff(total[last], prepend=0.0)
    before = np.concatenate([[0.0], total[last[:-1]]])
    size = np.diff(last, prepend=-1)
    share = (total - np.repeat(before, size)) / np.repeat(sums, size)
    share = np.clip(share, 0.0, 1.0)
    share[last] = 1.0
    return np.maximum.accumulate(share + group)


def pick(cumulated: Floats, groups: Ints, uniform: Floats) -> Ints:
    """The entry of ``cumulated`` that each row's uniform number falls into."""
    at = np.searchsorted(cumulated, groups + uniform, side="right")
    return np.minimum(at, len(cumulated) - 1)
