"""How strings are built: their lengths, their patterns and the characters in them."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.evaluation.bins import Codes
from core.evaluation.encoding import Matrix
from core.evaluation.fidelity_detail.cells import similarity
from core.evaluation.fidelity_detail.numbers import kolmogorov_smirnov
from core.evaluation.fidelity_detail.sides import Sides, Taken
from core.evaluation.measures import Measure, NotMeasured

_EMPTY = Taken(NotMeasured("All strings are missing on one side."))
_PATTERNS = 100
_LONGEST = 60
_CLASSES = (r"\p{Nd}", r"\p{Lu}", r"[\p{Ll}\p{Lt}\p{Lm}\p{Lo}]", r"\s", r"[[:punct:]]")


def string_measures(values: Sides[pd.Series]) -> list[Measure]:
    """``lengths``, ``patterns`` and ``characters`` of a column of strings."""
    texts = values.map(_texts)
    return [
        texts.map(_lengths).measure("lengths", lengths, 1.0),
        texts.map(_patterns).measure("patterns", patterns, 1.0),
        texts.map(_characters).measure("characters", characters, 1.0),
    ]


def lengths(real: Matrix, other: Matrix) -> Taken:
    """How alike the lengths of the strings are.

    Computed: one minus the Kolmogorov-Smirnov distance of the numbers of characters.
    Good: what fresh real rows have; 1 is the same.
    Misleads: says nothing of what is written.
    """
    distance = kolmogorov_smirnov(real, other)
    if isinstance(distance.value, NotMeasured):
        return _EMPTY
    if distance.low is None or distance.high is None:
        return Taken(1 - distance.value)
    return Taken(1 - distance.value, 1 - distance.high, 1 - distance.low)


def patterns(real: pd.Series, other: pd.Series) -> Taken:
    """How alike the make of the strings is: ``AB-1234`` is two capitals, a hyphen, four digits.

    Computed: one minus the total variation distance over the 100 most frequent patterns of the
    real strings, all others counted as one; digits, capitals and other letters are one class each.
    Good: what fresh real rows have; 1 is the same.
    Misleads: whether a code is valid (check digits, existing prefixes) is not looked at; free text
    has hardly two strings of one pattern and is not measured.
    """
    if not len(real) or not len(other):
        return _EMPTY
    found = real.value_counts()
    if float(found[found > 1].sum()) < len(real) / 2:
        return Taken(NotMeasured("Hardly two strings are built alike, as in free text."))
    frequent = pd.Index(found.index[:_PATTERNS])
    return similarity(*(_codes(part, frequent) for part in (real, other)))


def characters(real: Matrix, other: Matrix) -> Taken:
    """How alike the mix of digits, capitals, other letters, spaces and punctuation is.

    Computed: one minus the total variation distance of the shares of these classes among all
    characters of the column.
    Good: what fresh real rows have; 1 is the same.
    Misleads: order and words are not looked at: a shuffled text has 1.
    """
    if not real.sum() or not other.sum():
        return _EMPTY
    gap = np.abs(real / real.sum() - other / other.sum())
    return Taken(float(1 - gap.sum() / 2))


def _texts(values: pd.Series) -> pa.Array:
    return pa.array(values.dropna().astype("object"), pa.large_string())


def _lengths(texts: pa.Array) -> Matrix:
    return np.sort(pc.utf8_length(texts).to_numpy(zero_copy_only=False).astype(float))


def _patterns(texts: pa.Array) -> pd.Series:
    """The make of each string, as :func:`core.data.patterns.shape_of` has it."""
    shapes = pc.utf8_slice_codeunits(texts, 0, _LONGEST)
    for found, sign in ((_CLASSES[2], "a"), (_CLASSES[1], "A"), (_CLASSES[0], "9")):
        shapes = pc.replace_substring_regex(shapes, found, sign)
    return pd.Series(shapes.to_numpy(zero_copy_only=False), dtype="object")


def _characters(texts: pa.Array) -> Matrix:
    """Characters of each class, and of none, over the whole column."""
    every = pc.sum(pc.utf8_length(texts)).as_py() or 0
    found = [pc.sum(pc.count_substring_regex(texts, one)).as_py() or 0 for one in _CLASSES]
    return np.array([*found, every - sum(found)], float)


def _codes(values: pd.Series, frequent: pd.Index) -> Codes:
    return np.asarray(frequent.get_indexer(values) + 1, np.int64)
