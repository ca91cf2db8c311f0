"""The domain of a table: declared columns free of charge, all others found, and all counted once.

The budget is shared out before anything is drawn, and by what is public alone.
"""

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType, Table
from core.privacy.discover.labels import find_labels
from core.privacy.discover.numbers import find_edges, without_empty_ends
from core.privacy.discover.ranges import declared_edges, grid_of
from core.privacy.domain import ColumnDomain, Domain, label_domain
from core.privacy.gaussian import multiplier_of, rho_of
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import Ledger
from core.privacy.noise import gaussian_counts
from core.privacy.public import PublicColumn, PublicTable

_LABELS_DELTA = 0.1
_FINDING = 0.5
_UNKNOWN_WEIGHT = 2.0
_MISSING_CLEAR = 3.0


def rho_to_share(guarantee: Guarantee, table: Table, public: PublicTable | None) -> float:
    """The budget ρ (half of μ²) that is left for noise and selections beside the thresholds' δ."""
    share = _LABELS_DELTA if _unknown_labels(table, public or PublicTable()) else 0.0
    return _rho(guarantee.epsilon, guarantee.delta * (1 - share))


@lru_cache(maxsize=256)
def _rho(epsilon: float, delta: float) -> float:
    return rho_of(epsilon, delta)


def usual_share(table: Table, public: PublicTable | None) -> float:
    """The share of a budget that the domain should get: more where columns have to be found."""
    known = (public or PublicTable()).columns
    unknown = sum(c.name not in known for c in table.columns) / max(len(table.columns), 1)
    return 0.1 + 0.15 * unknown


def build_domain(
    frame: pd.DataFrame,
    table: Table,
    public: PublicTable | None,
    ledger: Ledger,
    budget_rho: float,
    *,
    rows: int = 0,
) -> Domain:
    """The cells of each column with noisy counts, for at most ``budget_rho``.

    Parameters
    ----------
    frame
        Canonical rows, at most ``rows_per_person`` of each person.
    public
        What is known without looking; columns that the table does not have are passed over.
    rows
        The number of rows where it is public; else it follows from the noisy counts.

    Raises
    ------
    InvalidInput
        When the public schema does not fit.
    BudgetExceeded
        When the ledger refuses.
    """
    public = _fitting(public or PublicTable(), table)
    weights = _weights(table, public)
    unit = budget_rho / max(sum(weights), 1.0)
    delta = _LABELS_DELTA * ledger.guarantee.delta / max(_unknown_labels(table, public), 1)
    columns = tuple(
        _column_domain(frame[c.name], c, public.columns.get(c.name), ledger, weight * unit, delta)
        for c, weight in zip(table.columns, weights, strict=True)
    )
    return Domain(columns, float(rows or public.rows or _rows_of(columns)))


def _fitting(public: PublicTable, table: Table) -> PublicTable:
    own = {name: c for name, c in public.columns.items() if name in table.names}
    fitting = replace(public, columns=own)
    fitting.check(table)
    return fitting


def _is_known(column: Column, public: PublicTable) -> bool:
    return column.name in public.columns or column.type is ColumnType.BOOLEAN


def _weights(table: Table, public: PublicTable) -> list[float]:
    """The columns' parts of the budget, by what is public: declared columns 1 on average.

    Those get more that have many cells, by the square root of their number, since the noise of all
    cells adds up.
    """
    roots = {
        column.name: math.sqrt(_declared(column, public.columns[column.name]).cells)
        for column in table.columns
        if column.name in public.columns
    }
    mean = sum(roots.values()) / max(len(roots), 1)
    return [
        roots[column.name] / mean if column.name in roots
        else 1.0 if _is_known(column, public)
        else _UNKNOWN_WEIGHT
        for column in table.columns
    ]  # fmt: skip


def _unknown_labels(table: Table, public: PublicTable) -> int:
    """Number of columns whose labels have to be found."""
    return sum(not (c.type.is_numeric or _is_known(c, public)) for c in table.columns)


def _column_domain(
    values: pd.Series,
    column: Column,
    public: PublicColumn | None,
    ledger: Ledger,
    rho: float,
    delta: float,
) -> ColumnDomain:
    """The cells of a column, and their noisy counts for what is left of ``rho``."""
    if public is not None:
        return _measured(_declared(column, public), values, ledger, rho)
    if column.type is ColumnType.BOOLEAN:
        found = ColumnDomain(column, labels=("False", "True"), missing=True, public=False)
        return _measured(found, values, ledger, rho)
    if not column.type.is_numeric:
        labels, stands_in = find_labels(values, column, ledger, _FINDING * rho, delta)
        found = ColumnDomain(column, labels=labels, missing=True, public=False, stands_in=stands_in)
        return _measured(found, values, ledger, rho - _FINDING * rho)
    step = grid_of(column)
    numbers = as_numbers(values, column)
    whole = np.round(numbers[~np.isnan(numbers)] / step)
    bins = find_edges(whole, ledger, _FINDING * rho, f"bins of {column.name}")
    found = ColumnDomain(column, edges=bins.edges * step, step=step, missing=True, public=False)
    return _measured(found, values, ledger, rho - bins.rho)


def _declared(column: Column, public: PublicColumn) -> ColumnDomain:
    if column.type is ColumnType.BOOLEAN:
        return label_domain(column, ("False", "True"), missing=public.missing)
    if public.values:
        return label_domain(column, public.values, missing=public.missing)
    edges, step = declared_edges(public, column)
    return ColumnDomain(column, edges=edges, step=step, missing=public.missing)


def _measured(domain: ColumnDomain, values: pd.Series, ledger: Ledger, rho: float) -> ColumnDomain:
    """The column with noisy counts, without an undeclared cell for missing values that is empty."""
    counts = np.bincount(domain.encode(values), minlength=domain.cells).astype(np.int64)
    multiplier = multiplier_of(rho)
    about = f"{domain.column.name}, {domain.cells} cells"
    noisy = gaussian_counts(counts, multiplier, ledger, "measurement", about)
    sigma = multiplier * ledger.guarantee.rows_per_person
    if not domain.public and domain.missing and noisy[-1] < _MISSING_CLEAR * sigma:
        domain, noisy = replace(domain, missing=False), noisy[:-1]
    if not (domain.public or domain.is_label):
        numbers = noisy[: len(domain.edges) - 1]
        edges, inside = without_empty_ends(domain.edges, numbers, sigma)
        noisy = np.concatenate([inside, noisy[len(numbers) :]])
        domain = replace(domain, edges=edges)
    return replace(domain, counts=noisy, sigma=sigma)


def _rows_of(columns: tuple[ColumnDomain, ...]) -> float:
    """The number of rows from the noisy counts: the columns' sums, weighted by their noise."""
    sums = [(c.counts.sum(), 1 / (c.cells * c.sigma**2)) for c in columns if c.counts is not None]
    if not sums:
        return 1.0
    found = sum(total * weight for total, weight in sums) / sum(weight for _, weight in sums)
    return float(max(round(found), 1))
