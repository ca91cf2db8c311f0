"""Breaking the dependence on a sensitive column, to a degree between 0 and 1.

With a target, the rows are drawn so that the target and the sensitive column have the joint
distribution ``(1 - d) P(s, t) + d P(s) P(t)``, and all other columns as they are given both. This
is the reweighing of Kamiran & Calders, "Data preprocessing techniques for classification without
discrimination" (Knowledge and Information Systems 33, 2012), carried out when drawing instead of
by weights: both columns keep their distributions, and every difference between groups in the
shares of the target shrinks to ``1 - d`` of what it was. Other columns may still tell of the
sensitive one.

Without a target, every other column is freed: a share ``d`` of the rows gets its sensitive value
anew from the column's own distribution, and the rest of the row is drawn as before. The joint
distribution with any other columns is then ``(1 - d) P(s, x) + d P(s) P(x)``: the same mixture
for all at once, at the price of all that the sensitive column rightly explains. As in the partial
repair of Feldman et al., "Certifying and removing disparate impact" (KDD 2015), the degree trades
fairness for fidelity.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, Schema, Table
from core.errors import InvalidInput, InvalidParameter
from core.progress import Progress
from core.synthesis.asks.answers import Answer
from core.synthesis.asks.asking import Asking
from core.synthesis.asks.dependence import Fairness
from core.synthesis.asks.rules import Rule
from core.synthesis.asks.scalars import LABELS, Scalar
from core.synthesis.asks.settle import Part, Restriction
from core.synthesis.registry import DEFAULT_ENGINE

MOST_GROUPS = 50
_STRETCHES = 10


class FairSynthesizer:
    """Fitted once, makes rows in which a dependence is broken to any degree; any engine.

    Parameters
    ----------
    schema
        Of one table.
    fairness
        The columns; the degree can be another when sampling.
    rules
        What every row has to keep.

    Raises
    ------
    InvalidInput
        When a column cannot be used, or the dataset has several tables.
    """

    def __init__(
        self,
        schema: Schema,
        fairness: Fairness,
        engine: str = DEFAULT_ENGINE,
        params: Mapping[str, Any] | None = None,
        mask_key: bytes = b"",
        rules: Mapping[str, Sequence[Rule]] | None = None,
    ) -> None:
        table = _only(schema, fairness)
        columns = {table.name: fairness.columns}
        self._take(Asking(schema, engine, params, mask_key, columns=columns, rules=rules), fairness)

    @classmethod
    def around(cls, asking: Asking, fairness: Fairness) -> Self:
        """Of a synthesizer that was fitted to be asked of these columns, also a loaded one."""
        table = _only(asking.schema, fairness)
        if not set(fairness.columns) <= set(asking.columns.get(table.name, ())):
            raise InvalidInput(
                f"This model was not fitted to break the influence of {fairness.sensitive!r}."
            )
        made = cls.__new__(cls)
        made._take(asking, fairness)
        return made

    def _take(self, asking: Asking, fairness: Fairness) -> None:
        self.asking, self._fairness = asking, fairness
        self._table = asking.schema.tables[0]

    def fit(
        self, frame: pd.DataFrame, *, rng: np.random.Generator, progress: Progress | None = None
    ) -> None:
        """Learn the training rows; raises ``InvalidInput`` for more than 50 sensitive values."""
        refuse_groups(frame, self._fairness)
        self.asking.fit({self._table.name: frame}, rng=rng, progress=progress)

    def sample(
        self,
        rows: int,
        degree: float | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
    ) -> pd.DataFrame:
        """``rows`` rows in which the dependence is broken to ``degree`` (or as declared)."""
        answer = self.stream(rows, degree, rng=rng, progress=progress)
        return answer.taken(self.asking.output_schema).tables[self._table.name]

    def stream(
        self,
        rows: int,
        degree: float | None = None,
        *,
        rng: np.random.Generator,
        progress: Progress | None = None,
        taken: Mapping[str, pd.Series] | None = None,
    ) -> Answer:
        """The rows of :meth:`sample`, block by block; ``taken`` as in ``Synthesizer.stream``."""
        degree = self._fairness.degree if degree is None else degree
        if not 0 <= degree <= 1:
            raise InvalidParameter(f"`degree` must be in 0..1. Got {degree}.")
        for_rows, for_groups = rng.spawn(2)
        name = self._table.name
        if self._fairness.target is None:
            parts = _groups(self.asking.pool(name)[self._fairness.sensitive], self._sensitive)
            broken = degree
        else:
            parts, broken = self._cells(degree), 0.0
        answer = self.asking.stream_parts(
            name, parts, {name: rows}, rng=for_rows, progress=progress, taken=taken
        )
        freed = _all_redrawn(answer.frames[name], self._fairness.sensitive, broken, for_groups)
        return Answer({name: freed}, answer.how)

    @property
    def _sensitive(self) -> Column:
        return self._table[self._fairness.sensitive]

    def _cells(self, degree: float) -> tuple[Part, ...]:
        """A part for each pair of a sensitive value and a value (or stretch) of the target."""
        assert self._fairness.target is not None
        pool, target = self.asking.pool(self._table.name), self._table[self._fairness.target]
        rows = _groups(pool[self._fairness.sensitive], self._sensitive)
        columns = _groups(pool[target.name], target)
        parts = []
        for row in rows:
            inside = row.mask(pool)
            for column in columns:
                together = float((inside & column.mask(pool)).mean())
                share = (1 - degree) * together + degree * row.share * column.share
                if share > 0:
                    parts.append(Part(share, (*row.restrictions, *column.restrictions)))
        return tuple(parts)


def refuse_groups(frame: pd.DataFrame, fairness: Fairness) -> None:
    """Raise ``InvalidInput`` when the sensitive column has more groups than can be told apart."""
    groups = frame[fairness.sensitive].nunique()
    if groups > MOST_GROUPS:
        raise InvalidInput(
            f"Column {fairness.sensitive!r} has {groups:,} distinct values; at most "
            f"{MOST_GROUPS} groups can be told apart. Choose another, or put it into bands."
        )


def _only(schema: Schema, fairness: Fairness) -> Table:
    if len(schema.tables) != 1:
        raise InvalidInput("Fairness is of one table. Give a dataset of one.")
    fairness.check(schema.tables[0])
    return schema.tables[0]


def _groups(values: pd.Series, column: Column) -> tuple[Part, ...]:
    """The column's values as parts; many numbers in ten stretches of about equal size."""
    if column.type.is_numeric and values.nunique() > MOST_GROUPS:
        return _stretches(values, column)
    if values.nunique() > MOST_GROUPS * 20:
        raise InvalidInput(f"Column {column.name!r} has too many values to be a target.")
    counts = values.value_counts(dropna=False, sort=False).sort_index()
    keys = pd.Series(counts.index, dtype=values.dtype)
    scalars: list[Scalar]
    if column.type in LABELS:
        scalars = [None if key is pd.NA else str(key) for key in keys]
    else:
        scalars = [None if np.isnan(v) else float(v) for v in as_numbers(keys, column)]
    return tuple(
        Part(float(count) / len(values), (Restriction(column, (scalar,)),))
        for count, scalar in zip(counts, scalars, strict=True)
    )


def _stretches(values: pd.Series, column: Column) -> tuple[Part, ...]:
    numbers = as_numbers(values, column)
    known = numbers[~np.isnan(numbers)]
    cuts = np.unique(np.quantile(known, np.linspace(0, 1, _STRETCHES + 1)[1:-1]))
    lows = np.append(-np.inf, np.nextafter(cuts, np.inf))
    highs = np.append(cuts, np.inf)
    found = [Restriction(column, low=low, high=high) for low, high in zip(lows, highs, strict=True)]
    if len(known) < len(numbers):
        found.append(Restriction(column, (None,)))
    sized = [Part(float(r.mask(values).mean()), (r,)) for r in found]
    return tuple(part for part in sized if part.share > 0)


def _all_redrawn(
    frames: Iterable[pd.DataFrame], name: str, degree: float, rng: np.random.Generator
) -> Iterator[pd.DataFrame]:
    """As :func:`_redrawn`, of each block by itself."""
    for frame in frames:
        yield _redrawn(frame, name, degree, rng)


def _redrawn(
    frame: pd.DataFrame, name: str, degree: float, rng: np.random.Generator
) -> pd.DataFrame:
    """A share of the rows with their values of a column exchanged among each other at random."""
    count = round(degree * len(frame))
    if count < 2:
        return frame
    rows = rng.permutation(len(frame))[:count]
    order = np.arange(len(frame))
    order[np.sort(rows)] = rows
    return frame.assign(**{name: frame[name].take(order).reset_index(drop=True)})
