"""Every measure of every single column, by its type.

Columns that models leave out (keys, masked and replaced columns, free text) are measured in what
needs no learning: missing values and, for strings, how they are built.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType
from core.evaluation.bins import Codes, cells_of, fine_edges
from core.evaluation.case import Case
from core.evaluation.encoding import Matrix, tamed
from core.evaluation.fidelity_detail import cells, numbers
from core.evaluation.fidelity_detail.calendars import calendar_measures
from core.evaluation.fidelity_detail.sides import SHUFFLED, Sides, Taken, share_variance, taken
from core.evaluation.fidelity_detail.strings import string_measures
from core.evaluation.measures import Measure, NotMeasured
from core.evaluation.thresholds import ATOM_SHARE

_STRINGS = {ColumnType.CATEGORY, ColumnType.TEXT}
_MANY_CATEGORIES = 50
_PLAIN_NUMBERS = {ColumnType.INTEGER, ColumnType.NUMBER}
Marks = npt.NDArray[np.bool_]


def column_measures(case: Case, sides: Sides[pd.DataFrame]) -> dict[str, tuple[Measure, ...]]:
    """The measures of each column that the synthetic table has, in the order of the table."""
    judged = {column.name for column in case.judged}
    return {
        column.name: tuple(_measures(case, sides, column, judged=column.name in judged))
        for column in case.table.columns
        if column.name in case.synthetic
    }


def missing_share(real: Marks, other: Marks) -> Taken:
    """How alike the shares of missing values are.

    Computed: one minus the absolute difference of the two shares.
    Good: what fresh real rows have; 1 is the same.
    Misleads: which rows miss a value is not looked at; pairs and whole rows do that.
    """
    shares = [float(part.mean()) for part in (real, other)]
    spread = sum(share_variance(s, len(p)) for s, p in zip(shares, (real, other), strict=True))
    note = f"{shares[0]:.1%} of real and {shares[1]:.1%} of synthetic values are missing"
    return taken(1 - abs(shares[0] - shares[1]), float(np.sqrt(spread)), note=note)


def category_coverage(real: Codes, other: Codes) -> Taken:
    """Share of the categories of real rows that occur.

    Computed: over the distinct values of the real rows, missing left out.
    Good: what fresh real rows have, or what the protection of rare categories leaves.
    Misleads: each category counts the same, however rare; rare ones may be held back on purpose
    to protect people, and small tables miss them by chance.
    """
    kinds = np.unique(real[real > 0])
    if not len(kinds):
        return Taken(NotMeasured("All real values are missing."))
    return Taken(float(np.isin(kinds, other).mean()), note=f"{len(kinds):,} real categories")


def category_adherence(real: Codes, other: Codes) -> Taken:
    """Share of values that are a category of the real rows.

    Computed: over the values that are not missing.
    Good: what fresh real rows have, which may be a little below 1.
    Misleads: rare categories that only training rows have count as unknown, for fresh real rows
    too.
    """
    present = other[other > 0]
    if not len(present) or not (real > 0).any():
        return Taken(NotMeasured("All values are missing on one side."))
    share = float(np.isin(present, np.unique(real)).mean())
    return taken(share, float(np.sqrt(share_variance(share, len(present)))))


def _measures(
    case: Case, sides: Sides[pd.DataFrame], column: Column, *, judged: bool
) -> list[Measure]:
    values = sides.map(lambda frame: frame[column.name])
    found = [values.map(_missing).measure("missing", missing_share, 1.0)]
    if judged and column.type.is_numeric:
        found += _number_measures(values, case.train[column.name], column)
        found += calendar_measures(values, column)
    elif judged:
        found += _category_measures(values)
    many = case.train[column.name].nunique() > _MANY_CATEGORIES
    if column.type in _STRINGS and (many or not judged):
        found += string_measures(values)
    return found


def _missing(values: pd.Series) -> Marks:
    return np.asarray(values.isna(), np.bool_)


def _number_measures(values: Sides[pd.Series], train: pd.Series, column: Column) -> list[Measure]:
    axis, trained = _axes(values, train, column)
    present = axis.map(numbers.known)
    edges = fine_edges(trained)
    found = _distances(axis.map(lambda part: cells_of(part, edges)))
    found += [
        present.measure("ks", numbers.kolmogorov_smirnov, 0.0),
        present.measure("wasserstein", numbers.wasserstein, 0.0),
        present.measure("range_coverage", numbers.range_coverage, 1.0),
        present.measure("range_adherence", numbers.range_adherence, 1.0),
        _atoms(present, trained),
    ]
    if column.type in _PLAIN_NUMBERS:
        found.append(present.map(numbers.last_digits).measure("precision", numbers.precision, 1.0))
    return found


def _axes(
    values: Sides[pd.Series], train: pd.Series, column: Column
) -> tuple[Sides[Matrix], Matrix]:
    """Values as numbers, and those of all training rows; very large ones in another unit."""
    axis = values.map(lambda part: as_numbers(part, column))
    fresh = [] if axis.fresh is None else [axis.fresh]
    parts = tamed([axis.real, axis.synthetic, as_numbers(train, column), *fresh])
    return Sides(parts[0], parts[1], parts[3] if fresh else None, axis.without), parts[2]


def _atoms(present: Sides[Matrix], trained: Matrix) -> Measure:
    distinct, counts = np.unique(numbers.known(trained), return_counts=True)
    frequent = distinct[counts >= ATOM_SHARE * counts.sum()]
    if not len(frequent):
        none = NotMeasured("No single value has 5 % of the training rows.")
        return Measure("atoms", none, none, SHUFFLED, 1.0)
    coded = present.map(lambda part: numbers.atom_codes(part, frequent))
    return coded.measure("atoms", cells.atoms, 1.0)


def _category_measures(values: Sides[pd.Series]) -> list[Measure]:
    coded = _coded(values)
    return [
        *_distances(coded),
        coded.measure("category_coverage", category_coverage, 1.0),
        coded.measure("category_adherence", category_adherence, 1.0),
    ]


def _coded(values: Sides[pd.Series]) -> Sides[Codes]:
    """Categories as numbers from 1, missing as 0, the same on all sides."""
    fresh = [] if values.fresh is None else [values.fresh]
    parts = [values.real, values.synthetic, *fresh]
    codes = pd.factorize(pd.concat(parts, ignore_index=True))[0].astype(np.int64) + 1
    split = np.split(codes, np.cumsum([len(part) for part in parts])[:-1])
    return Sides(split[0], split[1], split[2] if fresh else None, values.without)


def _distances(coded: Sides[Codes]) -> list[Measure]:
    return [
        coded.measure("total_variation", cells.total_variation, 0.0),
        coded.measure("jensen_shannon", cells.jensen_shannon, 0.0),
        coded.measure("chi_square", cells.chi_square, 0.0),
    ]
