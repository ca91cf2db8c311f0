"""Cells of declared ranges, and the places on which a column's numbers can lie."""

import numpy as np
import numpy.typing as npt

from core.data.schema import Column, ColumnType
from core.privacy.public import PublicColumn

Floats = npt.NDArray[np.float64]

SINGLE_CELLS = 128
EVEN_CELLS = 300
_DECIMALS = 6


def grid_of(column: Column) -> float:
    """Distance of neighbouring values by type and written format, in units of ``as_numbers``."""
    written = column.format
    if column.type in {ColumnType.INTEGER, ColumnType.DATE}:
        return 1.0
    if column.type is ColumnType.NUMBER:
        decimals = _DECIMALS if written.decimals is None else min(written.decimals, _DECIMALS)
        return float(10.0**-decimals)
    if written.decimals:
        return float(10.0 ** -min(written.decimals, _DECIMALS))
    pattern = written.pattern or "%S"
    units = ((1e-6, ("%f",)), (1.0, ("%S", "%T", "%X", "%c", "%r", "%s")), (60.0, ("%M", "%R")))
    found = (unit for unit, signs in units if any(sign in pattern for sign in signs))
    return next(found, 3_600.0)


def declared_edges(public: PublicColumn, column: Column) -> tuple[Floats, float]:
    """Edges of the cells of a declared range, and the step on which values lie.

    A cell for each value where there are at most :data:`SINGLE_CELLS`; else cells of even width,
    and one each for the lowest value alone, which often is a zero that many rows have, and for the
    highest, which may be a top code.
    """
    low, high = public.range_of(column)
    step = public.step or grid_of(column)
    places = round((high - low) / step) + 1
    if places <= SINGLE_CELLS:
        return low + step * np.arange(places + 1, dtype=np.float64), step
    even = np.unique(np.round(np.linspace(1, places - 1, EVEN_CELLS + 1)))
    return low + step * np.concatenate([[0.0], even, [float(places)]]), step
