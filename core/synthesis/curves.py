"""Named curves fitted to number columns, as tables between values and standard normal scores.

The curves are those of ``copulas``, SDV's own. They are fitted to some thousand rows and kept as a
table: whatever the curve, it goes both ways at the price of a look-up, and a model holds the shape
of a column and not its rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.data.schema import Table
from core.errors import InvalidParameter
from core.synthesis.encoding import Floats

EMPIRICAL = "empirical"
_CLASSES = {
    "beta": "BetaUnivariate",
    "truncnorm": "TruncatedGaussian",
    "norm": "GaussianUnivariate",
    "gamma": "GammaUnivariate",
    "uniform": "UniformUnivariate",
    "gaussian_kde": "GaussianKDE",
}
SHAPES = (EMPIRICAL, *_CLASSES)
MOST_FITTED = 10_000
_MOST_KERNELS = 2_000
_FURTHEST = 5.0
_POINTS = 2_001


@dataclass(frozen=True, slots=True)
class Curve:
    """Values at standard normal scores; straight lines between, level beyond."""

    scores: Floats
    values: Floats

    def to_scores(self, values: Floats) -> Floats:
        """The score of each value."""
        return np.interp(values, self.values, self.scores)

    def to_values(self, scores: Floats) -> Floats:
        """The value at each score."""
        return np.interp(scores, self.scores, self.values)


def fit_curve(values: Floats, shape: str, rng: np.random.Generator) -> Curve:
    """A curve of this shape through a column's values (at least two distinct, none missing).

    ``empirical`` follows the column's own quantiles. Where a named curve cannot be fitted, a
    normal one takes its place, as in SDV.
    """
    if shape == EMPIRICAL:
        return _through_quantiles(values)
    most = _MOST_KERNELS if shape == "gaussian_kde" else MOST_FITTED
    seen = values if len(values) <= most else rng.choice(values, most, replace=False)
    largest = max(float(np.abs(seen).max()), 1e-300)
    middle = float((seen / largest).mean())
    spread = max(float((seen / largest).std()), 1e-12)
    model = _fitted(shape, (seen / largest - middle) / spread)
    scores, places = _tabulated(shape, model)
    with np.errstate(over="ignore"):
        found = np.nan_to_num((places * spread + middle) * largest)
    return Curve(scores, np.maximum.accumulate(found))


def _fitted(shape: str, values: Floats) -> Any:
    from copulas import univariate

    model = getattr(univariate, _CLASSES[shape])()
    try:
        model.fit(values)
    except (ValueError, RuntimeError, ArithmeticError, np.linalg.LinAlgError):
        model = univariate.GaussianUnivariate()
        model.fit(values)
    return model


def _tabulated(shape: str, model: Any) -> tuple[Floats, Floats]:
    """Scores and values of a fitted model, where both are finite."""
    from scipy.special import ndtr, ndtri

    if shape == "gaussian_kde":
        low, high = model._get_bounds()
        values = np.linspace(float(low), float(high), _POINTS)
        scores = ndtri(np.asarray(model.cdf(values)).clip(0, 1))
    else:
        scores = np.linspace(-_FURTHEST, _FURTHEST, _POINTS)
        values = np.asarray(model.percent_point(ndtr(scores)), dtype=np.float64)
    is_known = np.isfinite(scores) & np.isfinite(values) & (np.abs(scores) <= _FURTHEST)
    return scores[is_known], values[is_known]


def _through_quantiles(values: Floats) -> Curve:
    from scipy.special import ndtri

    ordered = np.sort(values)
    places = (np.arange(len(ordered)) + 0.5) / len(ordered)
    wanted = np.round(np.linspace(0, len(ordered) - 1, min(len(ordered), _POINTS))).astype(np.intp)
    return Curve(ndtri(places[wanted]), ordered[wanted])


def shapes_of(table: Table, usual: str, own: str) -> dict[str, str]:
    """The shape of each number column: as ``own`` says (``age=gamma; income=beta``), else usual.

    A column of one of several tables can be named ``table.column``; what names another table is
    left aside.

    Raises
    ------
    InvalidParameter
        With every part that names no number column or no shape.
    """
    shapes = {column.name: usual for column in table.columns if column.type.is_numeric}
    problems = []
    for part in filter(None, (part.strip() for part in own.split(";"))):
        name, _, shape = (piece.strip() for piece in part.rpartition("="))
        name = name if name in shapes else name.removeprefix(f"{table.name}.")
        if shape not in SHAPES:
            problems.append(f"{shape!r} is no shape; known are {', '.join(SHAPES)}.")
        elif name in shapes:
            shapes[name] = shape
        elif "." not in name:
            problems.append(f"Table {table.name!r} has no column of numbers {name!r}.")
    if problems:
        told = "`own_marginals` cannot be used: " + " ".join(problems)
        raise InvalidParameter(told, problems)
    return shapes


def curve_parts(curves: Mapping[str, Curve]) -> dict[str, Floats]:
    """Curves by name, as arrays to keep."""
    return {
        f"curve.{name}.{part}": getattr(curve, part)
        for name, curve in curves.items()
        for part in ("scores", "values")
    }


def curves_of_parts(names: list[str], arrays: Mapping[str, Any]) -> dict[str, Curve]:
    """The inverse of :func:`curve_parts`, for these names."""
    return {n: Curve(arrays[f"curve.{n}.scores"], arrays[f"curve.{n}.values"]) for n in names}
