"""The ``forest`` engine: columns drawn one after the other, each by a tree over those before.

Columns with few distinct values come first. A fitted model holds, for each column: the cells
that can be drawn and how many training rows were in each, the stretches or labels that trees
see, a tree, and the class shares of its leaves. No row of the training table is kept.
"""

from typing import Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.frames import as_numbers
from core.data.schema import Column, Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.forest.cells import Cells, Codes, Ints, number_cells
from core.synthesis.forest.columns import LABELS, Coder, number_coder
from core.synthesis.forest.labels import label_cells, label_coder, number_labels, replace_rare
from core.synthesis.forest.model import ColumnModel, fit_conditional
from core.synthesis.forest.model_file import Fitted, dump_model, load_model
from core.synthesis.forest.params import ForestParams


class Forest:
    """Sequential trees with smoothed leaves; see :class:`core.synthesis.protocol.Engine`."""

    def __init__(self, params: ForestParams) -> None:
        self.params = params
        self._fitted: Fitted | None = None

    def fit(
        self,
        frame: pd.DataFrame,
        table: Table,
        *,
        rng: np.random.Generator,
        progress: Progress,
        context: tuple[str, ...] = (),
    ) -> None:
        """Learn ``frame``; columns named in ``context`` will be given when sampling."""
        order = _order(frame, table, context)
        codes = np.zeros((len(order), len(frame)), np.uint8)
        is_label = np.array([c.type in LABELS for c in order], bool)
        given: list[Coder] = []
        models: list[ColumnModel] = []
        for i, column in enumerate(order):
            progress.step(i, len(order), f"column {i + 1} of {len(order)}: {column.name}")
            earlier, label = codes[:i], is_label[:i]
            prepared = self._prepare(frame[column.name], column, earlier[~label], rng)
            coder, cells, cell = prepared
            codes[i] = _codes(frame[column.name], prepared)
            if column.name in context:
                given.append(coder)
                continue
            target = cells.group[cell].astype(np.uint8)
            law = fit_conditional(earlier, label, target, cells.classes, self.params, rng)
            models.append(ColumnModel(coder, cells, law))
        progress.step(len(order), len(order), "all columns")
        self._fitted = Fitted(table, tuple(given), tuple(models))

    def _prepare(
        self, values: pd.Series, column: Column, numbers: Codes, rng: np.random.Generator
    ) -> tuple[Coder, Cells, Ints]:
        """Coder and cells of a column, and the cell of each row."""
        if column.type in LABELS:
            labels, number = number_labels(values)
            number = replace_rare(number, self.params.protect_rare, rng)
            cells, cell = label_cells(number, numbers)
            return label_coder(column, labels[: int(number.max()) + 1], cells), cells, cell
        floats = as_numbers(values, column)
        cells, cell = number_cells(floats, self.params.bins, self.params.protect_rare)
        return number_coder(column, floats), cells, cell

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw ``rows`` rows; ``given`` holds the context columns of each row."""
        fitted = self._require()
        context = _check_given(fitted, rows, given)
        codes = np.zeros((len(fitted.given) + len(fitted.models), rows), np.uint8)
        drawn: dict[str, pd.Series] = {}
        for i, coder in enumerate(fitted.given):
            drawn[coder.column.name] = context[coder.column.name]
            codes[i] = coder.code_series(context[coder.column.name])
        for i, model in enumerate(fitted.models, len(fitted.given)):
            name = model.coder.column.name
            progress.step(i, len(codes), f"column {i + 1} of {len(codes)}: {name}")
            drawn[name], codes[i] = model.draw(codes[:i], rng)
        progress.step(len(codes), len(codes), "all columns")
        return pd.DataFrame({name: drawn[name] for name in fitted.table.names})

    def dump(self) -> bytes:
        """The fitted model as bytes, without pickle; see ``core.synthesis.forest.model_file``."""
        return dump_model(self._require(), self.params)

    @classmethod
    def load(cls, blob: bytes) -> Self:
        """A fitted model from :meth:`dump`'s bytes; raises ``InvalidInput`` for anything else."""
        fitted, params = load_model(blob)
        engine = cls(params)
        engine._fitted = fitted
        return engine

    def _require(self) -> Fitted:
        if self._fitted is None:
            raise InvalidInput("This forest has not been fitted. Call `fit` first.")
        return self._fitted


def _order(frame: pd.DataFrame, table: Table, context: tuple[str, ...]) -> list[Column]:
    """Context first, then from few to many distinct values."""
    rest = [c for c in table.columns if c.name not in context]
    rest.sort(key=lambda c: int(frame[c.name].nunique()))
    return [table[name] for name in context] + rest


def _codes(values: pd.Series, prepared: tuple[Coder, Cells, Ints]) -> npt.NDArray[np.uint8]:
    coder, _, cell = prepared
    return coder.codes[cell] if coder.is_label else coder.code_series(values)


def _check_given(fitted: Fitted, rows: int, given: pd.DataFrame | None) -> pd.DataFrame:
    names = [coder.column.name for coder in fitted.given]
    frame = pd.DataFrame(index=range(rows)) if given is None else given.reset_index(drop=True)
    lost = [name for name in names if name not in frame.columns]
    if lost or len(frame) != rows:
        raise InvalidInput(
            f"`given` must hold {rows} rows of the columns {', '.join(names)}. "
            f"Got {len(frame)} rows, without {', '.join(lost) or 'none of them missing'}."
        )
    return frame
