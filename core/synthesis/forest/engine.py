"""The ``forest`` engine: columns drawn one after the other, each by a tree over those before.

A fitted model holds, for each column: the cells
that can be drawn and how many training rows were in each, the stretches or labels that trees
see, a tree, and the class shares of its leaves. No row of the training table is kept.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Self

import numpy as np
import pandas as pd

from core.data.schema import Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.forest.learn import Learner
from core.synthesis.forest.model_file import Fitted, dump_model, load_model
from core.synthesis.forest.order import choose_order
from core.synthesis.forest.params import ForestParams
from core.synthesis.forest.refine import FEWEST_ROWS, effort_of, is_worth_it, refine
from core.synthesis.forest.sampler import Sampler
from core.synthesis.forest.threads import in_order


class Forest:
    """Sequential trees with smoothed leaves; see :class:`core.synthesis.protocol.Engine`."""

    def __init__(self, params: ForestParams) -> None:
        self.params = params
        self._fitted: Fitted | None = None
        self._sampler: Sampler | None = None

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
        progress.step(0, len(table.columns), "the order of the columns")
        order = choose_order(frame, table, context, self.params, rng)
        learner = Learner(params_for(self.params, len(frame)), order, len(frame), rng)
        coders = [learner.take(frame[column.name]) for column in order]
        learned, models = learner.learn(len(context), rng), []
        for place, column in enumerate(order):
            progress.step(place, len(order), f"column {place + 1} of {len(order)}: {column.name}")
            if place >= len(context):
                models.append(next(learned)[0])
        progress.step(len(order), len(order), "all columns")
        fitted = Fitted(table, tuple(coders[: len(context)]), tuple(models))
        effort = effort_of(self.params)
        if models and is_worth_it(len(frame), effort.rounds):
            given, label = frame[list(context)], learner.is_label
            fitted = refine(fitted, learner.codes, label, given, effort, rng, progress)
        self._fitted, self._sampler = fitted, None

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw ``rows`` rows; ``given`` holds the context columns of each row."""
        names = [coder.column.name for coder in self._require().given]
        context = check_given(names, rows, given)
        sizes = self._ready().sizes(rows)
        starts = np.cumsum([0, *sizes])
        seeds = rng.integers(0, 2**63, len(sizes))

        def draw(number: int) -> pd.DataFrame:
            part = context.iloc[starts[number] : starts[number + 1]]
            return self._ready().block(len(part), np.random.default_rng(seeds[number]), part)

        blocks = []
        progress.step(0, rows, f"0 of {rows} rows")
        for block in in_order(draw, len(sizes)):
            blocks.append(block)
            progress.step(starts[len(blocks)], rows, f"{starts[len(blocks)]} of {rows} rows")
        return blocks[0] if len(blocks) == 1 else pd.concat(blocks, ignore_index=True)

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

    def _ready(self) -> Sampler:
        if self._sampler is None:
            self._sampler = Sampler(self._require())
        return self._sampler

    def _require(self) -> Fitted:
        if self._fitted is None:
            raise InvalidInput("This forest has not been fitted. Call `fit` first.")
        return self._fitted


def params_for(params: ForestParams, rows: int) -> ForestParams:
    """Tables with too few rows to be corrected have twice the trees: they cost little there."""
    return replace(params, trees=2 * params.trees) if rows < FEWEST_ROWS else params


def check_given(names: Sequence[str], rows: int, given: pd.DataFrame | None) -> pd.DataFrame:
    """The given columns, rows counted from 0.

    Raises
    ------
    InvalidInput
        When there are not ``rows`` rows of all columns in ``names``.
    """
    frame = pd.DataFrame(index=range(rows)) if given is None else given.reset_index(drop=True)
    lost = [name for name in names if name not in frame.columns]
    if lost or len(frame) != rows:
        raise InvalidInput(
            f"`given` must hold {rows} rows of the columns {', '.join(names)}. "
            f"Got {len(frame)} rows, without {', '.join(lost) or 'none of them missing'}."
        )
    return frame
