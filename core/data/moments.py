"""Dates and times as whole microseconds, and the resolution in which a column was written."""

import numpy as np
import numpy.typing as npt
import pandas as pd

DAY = 86_400_000_000
_HOUR, _MINUTE, _SECOND, _MILLISECOND = 3_600_000_000, 60_000_000, 1_000_000, 1_000
_RESOLUTIONS = (
    DAY,
    *(_HOUR * step for step in (12, 6, 4, 3, 2, 1)),
    *(_MINUTE * step for step in (30, 20, 15, 10, 5, 2, 1)),
    *(_SECOND * step for step in (30, 20, 15, 10, 5, 2, 1)),
    *(_MILLISECOND * step for step in (500, 250, 100, 50, 20, 10, 5, 1)),
)
Integers = npt.NDArray[np.int64]


def to_microseconds(values: pd.Series) -> Integers:
    """Microseconds since 1970 or midnight; what is missing has no meaning."""
    kind = "timedelta64[us]" if values.dtype.kind == "m" else "datetime64[us]"
    numbers: Integers = values.to_numpy().astype(kind).view("int64")
    return numbers


def from_microseconds(numbers: Integers, like: pd.Series) -> pd.Series:
    """The inverse, in the type of ``like`` and missing where it is."""
    kind = "timedelta64[us]" if like.dtype.kind == "m" else "datetime64[us]"
    made = pd.Series(numbers.view(kind), index=like.index, name=like.name)
    return made.mask(like.isna())


def resolution(values: pd.Series) -> int:
    """The largest usual step, from a day to a millisecond, that all times are multiples of.

    Usual steps are those that clocks and sensors take: quarters of an hour, ten seconds. In
    microseconds; 1 where there is none, or nothing to learn from.
    """
    numbers = to_microseconds(values.dropna())
    return next((unit for unit in _RESOLUTIONS if len(numbers) and not (numbers % unit).any()), 1)


def floor(values: pd.Series, unit: int) -> pd.Series:
    """Times cut to multiples of ``unit`` microseconds."""
    return from_microseconds(to_microseconds(values) // unit * unit, values)
