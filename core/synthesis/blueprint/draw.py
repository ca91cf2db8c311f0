"""Values of one column of a blueprint, each from random numbers of its own."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import ndtr, ndtri

from core.data.frames import as_numbers, from_numbers
from core.data.patterns import Texts
from core.data.schema import Column, ColumnType, ValueFormat
from core.errors import InvalidInput
from core.synthesis.blueprint.plan import Codes, ColumnPlan, Pattern, Spread

Floats = npt.NDArray[np.float64]
_EDGE = 1e-12
_PLACEHOLDERS = {
    "#": "0123456789",
    "@": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "~": "abcdefghijklmnopqrstuvwxyz",
}
_DRAWS = 60


def described(plan: ColumnPlan) -> Column:
    """The column as a schema has it."""
    from core.synthesis.blueprint.plan import Made

    source = plan.source
    semantic = source.kind if isinstance(source, Made) and not source.is_faker else None
    format = ValueFormat(decimals=plan.decimals) if plan.decimals is not None else ValueFormat()
    return Column(plan.name, plan.type, semantic=semantic, format=format)


def written(plan: ColumnPlan, numbers: Floats) -> pd.Series:
    """Numbers as values of the column; moments to the second unless ``decimals`` says otherwise."""
    if plan.type in {ColumnType.DATETIME, ColumnType.TIME}:
        numbers = np.round(numbers, plan.decimals or 0)
    return from_numbers(numbers, described(plan))


def spread(plan: ColumnPlan, source: Spread, uniforms: Floats) -> pd.Series:
    """Numbers, dates or times at places ``uniforms`` (0 to 1) of the column's distribution."""
    if source.zeros:
        rest = np.clip((uniforms - source.zeros) / (1 - source.zeros), 0, 1)
        numbers = np.where(uniforms < source.zeros, 0.0, _quantile(source, rest))
    else:
        numbers = _quantile(source, uniforms)
    return written(plan, numbers)


def _quantile(source: Spread, places: Floats) -> Floats:
    """The inverse distribution function, cut to the bounds."""
    low, high = source.low, source.high
    if source.shape == "uniform":
        made = low + places * (high - low)
    elif source.shape == "exponential":
        mean = (source.middle - low if source.middle is not None else (high - low) / 5) or 1.0
        cut = -np.expm1(-(high - low) / mean)
        made = low - mean * np.log1p(-places * cut)
    elif source.shape == "lognormal":
        middle = source.middle if source.middle is not None else np.sqrt(max(low, 1.0) * high)
        floor = np.log(low) if low > 0 else -np.inf
        made = np.exp(_normal(places, np.log(middle), source.width or 0.5, floor, np.log(high)))
    else:
        middle = source.middle if source.middle is not None else (low + high) / 2
        made = _normal(places, middle, source.width or (high - low) / 6, low, high)
    if source.step:
        made = low + np.round((made - low) / source.step) * source.step
    return np.clip(made, low, high)


def _normal(places: Floats, middle: float, width: float, low: float, high: float) -> Floats:
    """Quantiles of a normal distribution between bounds."""
    first, last = ndtr((low - middle) / width), ndtr((high - middle) / width)
    inside = np.clip(first + places * (last - first), _EDGE, 1 - _EDGE)
    made: Floats = middle + width * ndtri(inside)
    return made


def codes(plan: ColumnPlan, source: Codes, uniforms: Floats, row: pd.DataFrame) -> pd.Series:
    """Codes at places ``uniforms`` of the code list, of each row's own list where there is one."""
    texts: Texts = np.empty(len(uniforms), dtype=object)
    if not source.by:
        texts[:] = _picked(source.weights, uniforms)
        return _typed(texts, plan)
    other = row[source.by]
    texts[:] = None
    for code, weights in source.lists.items():
        rows = (other == code).fillna(False).to_numpy(dtype=bool)
        texts[rows] = _picked(weights, uniforms[rows])
    return _typed(texts, plan)


def _picked(weights: Mapping[str, float], uniforms: Floats) -> Texts:
    labels = np.array(list(weights), dtype=object)
    edges = np.cumsum(np.array(list(weights.values())))
    places = np.searchsorted(edges / edges[-1], uniforms, side="right")
    chosen: Texts = labels[np.minimum(places, len(labels) - 1)]
    return chosen


def _typed(texts: Texts, plan: ColumnPlan) -> pd.Series:
    if plan.type is ColumnType.BOOLEAN:
        return pd.Series([None if t is None else t == "true" for t in texts], dtype="boolean")
    if plan.type is ColumnType.CATEGORY:
        return pd.Series(texts, dtype=plan.type.dtype)
    numbers = np.array([np.nan if t is None else float(t) for t in texts])
    return written(plan, numbers)


def pattern(plan: ColumnPlan, source: Pattern, rows: int, rng: np.random.Generator) -> pd.Series:
    """Strings by the pattern; with ``unique`` all differ.

    Raises
    ------
    InvalidInput
        When the pattern has too few free places for so many different values.
    """
    made = _by_pattern(source.text, rows, rng)
    if plan.unique:
        for _ in range(_DRAWS):
            again = pd.Series(made).duplicated().to_numpy()
            if not again.any():
                break
            made[again] = _by_pattern(source.text, int(again.sum()), rng)
        else:
            raise InvalidInput(
                f"Column {plan.name!r}: the pattern has too few free places for {rows:,} "
                "different values. Add a # to it."
            )
    return pd.Series(made, dtype=plan.type.dtype)


def _by_pattern(text: str, rows: int, rng: np.random.Generator) -> Texts:
    chars = np.empty((rows, len(text)), dtype="U1")
    for place, sign in enumerate(text):
        free = _PLACEHOLDERS.get(sign)
        chars[:, place] = rng.choice(list(free), rows) if free else sign
    return np.asarray(chars.view(f"U{len(text)}").ravel(), dtype=object)


def numbers_of(values: pd.Series, plan: ColumnPlan) -> Floats:
    """A made column as numbers, NaN where it has no value."""
    return as_numbers(values, described(plan))
