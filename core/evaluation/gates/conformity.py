"""Whether cells are of their type, and written like the real ones.

A number conforms within the range of the real values and with no more decimals, a category where
a real row has it, a text by its length and, where the real ones have few, by its pattern of
letters and digits, a replaced column by the form of its kind. Keys conform by their type alone.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.pii import patterns
from core.data.schema import Action, Column, ColumnType
from core.evaluation.details import GateResult
from core.evaluation.gates.gate import Gated, by_columns, is_canonical, not_applicable

Mask = npt.NDArray[np.bool_]
_PATTERNS_MOST = 100
_FORMS: dict[str, Callable[[str], bool]] = {
    "email": patterns.is_email,
    "iban": patterns.is_iban,
    "credit_card": patterns.is_card,
    "ip": patterns.is_ip,
    "mac": patterns.is_mac,
    "url": patterns.is_url,
}


def types(gated: Gated) -> GateResult:
    """Share of cells that are of their column's type."""
    made = gated.case.synthetic
    shares = {c.name: _of_type(made[c.name], c) if c.name in made else 0.0 for c in gated.columns}
    if not shares:
        return not_applicable("types", gated.asked.types, "All columns are dropped.")
    return by_columns("types", shares, gated.asked.types, len(made))


def formats(gated: Gated) -> GateResult:
    """Share of cells that are written like the real ones, and hold values that may occur."""
    case, keys = gated.case, gated.schema.keys_of(gated.case.table.name)
    shares = {}
    for column in gated.present:
        known = pd.concat([case.train[column.name], case.holdout[column.name]]).dropna()
        cells = case.synthetic[column.name].dropna()
        share = None if column.name in keys else _conforming(cells, known, column)
        if share is not None:
            shares[column.name] = share
    if not shares:
        return not_applicable("formats", gated.asked.formats, "There are only keys and fakes.")
    return by_columns("formats", shares, gated.asked.formats, len(case.synthetic))


def _of_type(cells: pd.Series, column: Column) -> float:
    """1 for the canonical dtype; otherwise the share of cells that can be read as the type."""
    if is_canonical(cells, column) or not len(cells):
        return 1.0
    known = cells.dropna()
    return float(_readable(known, column.type).mean()) if len(known) else 1.0


def _readable(cells: pd.Series, kind: ColumnType) -> Mask:
    if kind in {ColumnType.INTEGER, ColumnType.NUMBER}:
        numbers = np.asarray(pd.to_numeric(cells, errors="coerce"), float)
        whole = numbers == np.floor(numbers)
        return np.asarray(np.isfinite(numbers) & (whole | (kind is ColumnType.NUMBER)))
    if kind in {ColumnType.DATE, ColumnType.DATETIME}:
        return np.asarray(pd.to_datetime(cells, errors="coerce").notna())
    if kind is ColumnType.TIME:
        return np.asarray(pd.to_timedelta(cells, errors="coerce").notna())
    wanted = (bool, np.bool_) if kind is ColumnType.BOOLEAN else str
    return np.array([isinstance(cell, wanted) for cell in cells], np.bool_)


def _conforming(cells: pd.Series, known: pd.Series, column: Column) -> float | None:
    """Share of ``cells`` that conform to ``known`` ones; None where nothing is asked."""
    if not len(cells):
        return 1.0
    if column.action in {Action.REPLACE, Action.MASK}:
        form = _FORMS.get(column.semantic or "")
        return None if form is None else _share(cells, form)
    if not len(known):
        return None
    if column.type.is_numeric:
        return float(_in_range(cells, known, column).mean())
    if column.type is ColumnType.TEXT:
        return float(_shaped(cells, known).mean())
    return float(cells.isin(known.unique()).mean())


def _share(cells: pd.Series, form: Callable[[str], bool]) -> float:
    counts = cells.astype(str).value_counts()
    return float(sum(count for text, count in counts.items() if form(str(text))) / len(cells))


def _in_range(cells: pd.Series, known: pd.Series, column: Column) -> Mask:
    numbers, real = as_numbers(cells, column), as_numbers(known, column)
    inside = (numbers >= real.min()) & (numbers <= real.max())
    decimals = column.format.decimals
    if column.type is not ColumnType.NUMBER or decimals is None:
        return np.asarray(inside)
    scaled = numbers * 10.0**decimals
    exact = np.abs(scaled - np.round(scaled)) <= np.maximum(np.abs(scaled) * 1e-9, 1e-6)
    return np.asarray(inside & exact)


def _shaped(cells: pd.Series, known: pd.Series) -> Mask:
    lengths, real = (np.asarray(part.str.len(), float) for part in (cells, known))
    fits = (lengths >= real.min()) & (lengths <= real.max())
    shapes = _shapes(known).unique()
    if len(shapes) > _PATTERNS_MOST:
        return np.asarray(fits)
    return np.asarray(fits & np.asarray(_shapes(cells).isin(shapes)))


def _shapes(texts: pd.Series) -> pd.Series:
    """Runs of digits as 9, runs of other word characters as a, the rest as it is."""
    plain = texts.astype(object).str.replace(r"\d+", "9", regex=True)
    return plain.str.replace(r"[^\W\d_]+", "a", regex=True)
