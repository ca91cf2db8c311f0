"""The rhythm of dates and times: weekdays, months and hours as cells."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, ColumnType
from core.evaluation.bins import Codes
from core.evaluation.fidelity_detail.cells import similarity
from core.evaluation.fidelity_detail.sides import Sides, Taken
from core.evaluation.measures import Measure, NotMeasured

_EMPTY = Taken(NotMeasured("All dates are missing on one side."))
_HOUR = 3600
_RHYTHMS = {
    ColumnType.DATE: ("weekday", "month"),
    ColumnType.DATETIME: ("weekday", "month", "hour"),
    ColumnType.TIME: ("hour",),
}


def rhythm(real: Codes, other: Codes) -> Taken:
    """How alike the shares of weekdays, months or hours are.

    Computed: one minus the total variation distance of the shares of the seven weekdays, the
    twelve months or the 24 hours, of dates that are not missing.
    Good: what fresh real rows have; 1 is the same.
    Misleads: columns without a rhythm score well with any engine; fresh real rows do then too.
    """
    return similarity(real, other) if len(real) and len(other) else _EMPTY


def calendar_measures(values: Sides[pd.Series], column: Column) -> list[Measure]:
    """``weekday``, ``month`` and ``hour``, as far as the type has them."""
    return [
        values.map(_cells_of(column, name)).measure(name, rhythm, 1.0)
        for name in _RHYTHMS.get(column.type, ())
    ]


def _cells_of(column: Column, name: str) -> Callable[[pd.Series], Codes]:
    def cells(values: pd.Series) -> Codes:
        present = values.dropna()
        if column.type is ColumnType.TIME:
            return np.asarray(as_numbers(present, column) // _HOUR % 24, np.int64)
        dates = present.dt
        found = {"weekday": dates.dayofweek, "month": dates.month, "hour": dates.hour}[name]
        return np.asarray(found, np.int64)

    return cells
