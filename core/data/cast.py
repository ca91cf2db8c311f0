"""Cells as values of a column whose type and format are settled, and which of them do not fit."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.data.arrows import fits, mask
from core.data.duck import calculate
from core.data.evidence import distinct_cells
from core.data.infer import MARKERS, series_of, string_series
from core.data.numbers import INFINITE, NUMBER
from core.data.schema import Column, ColumnType, ValueFormat

_T = ColumnType
_WHOLE = r"^(-?(0|[1-9][0-9]{0,17}))$"


def cast_cells(cells: pa.ChunkedArray, column: Column) -> tuple[pd.Series, pa.Array]:
    """A canonical column, and the distinct cells that it cannot hold (missing in it).

    Parameters
    ----------
    cells
        Text; null is an empty cell.
    column
        Its type and value format.
    """
    if column.type in {_T.CATEGORY, _T.TEXT}:
        return string_series(_present(cells, column.format.missing), column.name), _none()
    words, _, codes = distinct_cells(cells)
    marked = mask(pc.is_in(words, value_set=pa.array(sorted(MARKERS | {""}), words.type)))
    core = words.filter(pa.array(~marked))
    values, missing, bad = _values(pc.utf8_trim_whitespace(core), column)
    where = np.where(marked, 0, np.cumsum(~marked) - 1)
    if not len(core):
        values, missing, bad = _nothing(column.type)
    gone = marked | (missing | bad)[where]
    series = series_of(column.type, values[where][codes], gone[codes], column.name)
    return series, core.filter(pa.array(bad[: len(core)]))


_Values = tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_], npt.NDArray[np.bool_]]


def _nothing(kind: ColumnType) -> _Values:
    """One missing value, for a block that has no other."""
    one = np.ones(1, dtype=bool)
    plain = {_T.INTEGER: "int64", _T.NUMBER: "float64", _T.BOOLEAN: "bool"}
    return np.zeros(1, "int64").astype(plain.get(kind, kind.dtype)), one, ~one


def _values(words: pa.Array, column: Column) -> _Values:
    """Values, which are missing (infinities), and which do not fit."""
    style = column.format
    if column.type is _T.BOOLEAN:
        truth = mask(pc.equal(words, style.true))
        bad = ~truth & ~mask(pc.equal(words, style.false))
        return truth, np.zeros(len(words), dtype=bool), bad
    if column.type in {_T.INTEGER, _T.NUMBER}:
        return _numbers(words, column.type, style)
    return _moments(words, column.type, style)


def _numbers(words: pa.Array, kind: ColumnType, style: ValueFormat) -> _Values:
    plain = pc.replace_substring(words, style.thousands, "") if style.thousands else words
    plain = pc.replace_substring(plain, style.point, ".") if style.point != "." else plain
    infinite = mask(fits(words, INFINITE)) & (kind is _T.NUMBER)
    fit = mask(fits(plain, _WHOLE if kind is _T.INTEGER else NUMBER))
    if style.point != ".":
        fit &= ~mask(pc.match_substring(words, ".")) | (style.thousands == ".")
    bad = ~fit & ~infinite
    safe = pc.if_else(pa.array(fit), plain, "0")
    values = pc.cast(safe, pa.int64() if kind is _T.INTEGER else pa.float64()).to_numpy()
    missing = infinite | ~np.isfinite(values.astype("float64"))
    return values, missing, bad


def _moments(words: pa.Array, kind: ColumnType, style: ValueFormat) -> _Values:
    stamps = _stamps(words, style)
    bad = mask(pc.is_null(stamps))
    raw = pc.fill_null(stamps, pa.scalar(0, pa.timestamp("us"))).to_numpy().astype("datetime64[us]")
    days = raw.astype("datetime64[D]").astype("datetime64[us]")
    none = np.zeros(len(words), dtype=bool)
    if kind is _T.TIME:
        return raw - days, none, bad
    if kind is _T.DATE:
        bad = bad | (raw != days)
    return raw, none, bad


def _stamps(words: pa.Array, style: ValueFormat) -> pa.Array:
    """Timestamps with the column's pattern; null for a cell that does not fit."""
    pattern = style.pattern or "%Y-%m-%d"
    reads = ["try_strptime(x, $p)"]
    values: dict[str, object] = {"p": pattern}
    if "%f" in pattern:
        words = pc.replace_substring_regex(words, r"([.,]\d{6})\d+", r"\1")
        reads.append("try_strptime(x, $w)")
        values["w"] = pattern.replace(".%f", "").replace(",%f", "")
    if pattern.endswith("+00:00"):
        reads.append("TRY_CAST(x AS TIMESTAMPTZ) AT TIME ZONE 'UTC'")
    return pc.cast(calculate(f"coalesce({', '.join(reads)})", words, values), pa.timestamp("us"))


def _present(cells: pa.ChunkedArray, marker: str) -> pa.ChunkedArray:
    """The cells with the marker of a missing value, and what DuckDB left empty, as null."""
    return pc.if_else(pc.equal(pc.fill_null(cells, ""), marker), None, cells)


def _none() -> pa.Array:
    return pa.array([], pa.string())
