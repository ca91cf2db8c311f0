"""The ``tabular_ar`` engine: one network that draws any columns of a row given any others.

A fitted model holds, for each column, the cells that can be drawn and how many training rows were
in each, and the weights of the network. No row of the training table is kept.
"""

from typing import Self

import numpy as np
import pandas as pd

from core.data.schema import Column, Table
from core.errors import InvalidInput
from core.progress import Progress
from core.synthesis.forest.engine import check_given
from core.synthesis.forest.order import choose_order
from core.synthesis.forest.params import ForestParams
from core.synthesis.forest.threads import in_order
from core.synthesis.sdv_nets.training import on_gpu
from core.synthesis.sdv_support import seeded
from core.synthesis.tabular_ar.calibration import ROWS, calibrated
from core.synthesis.tabular_ar.columns import Float32, take_in
from core.synthesis.tabular_ar.model_file import Fitted, dump_model, load_model
from core.synthesis.tabular_ar.network import Shape, shape_of
from core.synthesis.tabular_ar.params import TabularArParams
from core.synthesis.tabular_ar.recipe import SMALL, hangs_together, recipe_of
from core.synthesis.tabular_ar.sampler import BLOCK_ROWS, Sampler, as_kept


class TabularAr:
    """A masked autoregressive network; see :class:`core.synthesis.protocol.Engine`."""

    def __init__(self, params: TabularArParams) -> None:
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
        """Learn ``frame``; columns named in ``context`` will always be given when sampling."""
        progress.step(0, self.params.epochs, "preparing")
        order = _order(frame, table, context, self.params, rng)
        taken = take_in(frame, order, self.params.bins, self.params.protect_rare, rng)
        weights: dict[str, Float32] = {}
        is_close = len(frame) >= SMALL and hangs_together(frame, order[len(context) :])
        recipe = recipe_of(self.params, len(frame), is_close)
        shape = shape_of(taken.fields, recipe.width, recipe.depth)
        if has_choice(shape, len(context)):
            from core.synthesis.tabular_ar.training import Learning, Training

            device = device_of(self.params)
            with seeded(rng, with_torch=True):
                learning = Learning(taken, shape, len(context), device, recipe.shares)
                training = Training(learning, recipe, len(frame), rng)
                trained = training.run(taken.fields, progress)
                few = frame.iloc[rng.permutation(len(frame))[:ROWS]][list(context)]
                around = few.reset_index(drop=True)
                weights = calibrated(taken.fields, shape, trained, device, around, rng)
        else:
            progress.step(self.params.epochs, self.params.epochs, "constant columns only")
        self._fitted = Fitted(table, taken.fields, len(context), as_kept(weights))
        self._sampler = None

    def sample(
        self,
        rows: int,
        *,
        rng: np.random.Generator,
        progress: Progress,
        given: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Draw ``rows`` rows; ``given`` holds any columns of each row that are known.

        A given value that no training row has, such as a new label, is kept and tells the other
        columns nothing.
        """
        fitted = self._require()
        needed = [field.name for field in fitted.fields[: fitted.context]]
        known = check_given(needed, rows, given)
        starts = [*range(0, max(rows, 1), BLOCK_ROWS), rows]
        seeds = rng.integers(0, 2**63, len(starts) - 1)
        sampler, names = self._ready(), list(fitted.table.names)
        is_plain = fitted.context == len(set(known.columns) & set(names))

        def draw(number: int) -> pd.DataFrame:
            part = known.iloc[starts[number] : starts[number + 1]]
            return sampler.block(len(part), np.random.default_rng(seeds[number]), part, is_plain)

        blocks = []
        progress.step(0, rows, f"0 of {rows:,} rows")
        with seeded(rng, with_torch=True):
            for block in in_order(draw, len(seeds)):
                blocks.append(block[names])
                done = starts[len(blocks)]
                progress.step(done, rows, f"{done:,} of {rows:,} rows")
        return blocks[0] if len(blocks) == 1 else pd.concat(blocks, ignore_index=True)

    def dump(self) -> bytes:
        """The fitted model as bytes, without pickle; see ``tabular_ar.model_file``."""
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
            fitted = self._require()
            shape = shape_of(fitted.fields, *fitted.size)
            weights = {name: value.astype(np.float32) for name, value in fitted.weights.items()}
            self._sampler = Sampler(fitted.fields, shape, weights, device_of(self.params))
        return self._sampler

    def _require(self) -> Fitted:
        if self._fitted is None:
            raise InvalidInput("This network has not been fitted. Call `fit` first.")
        return self._fitted


def device_of(params: TabularArParams) -> str:
    """Where to compute, as torch names it; raises ``InvalidParameter`` without the GPU wanted."""
    return "cuda" if on_gpu(params.device) else "cpu"


def has_choice(shape: Shape, given: int) -> bool:
    """Whether there is anything to learn of the columns that are not given."""
    return any(
        c > 1 or s > 1 for c, s in zip(shape.classes[given:], shape.slots[given:], strict=True)
    )


def _order(
    frame: pd.DataFrame,
    table: Table,
    context: tuple[str, ...],
    params: TabularArParams,
    rng: np.random.Generator,
) -> list[Column]:
    """The columns in drawing order; ``context`` first."""
    if params.order == "auto":
        return choose_order(frame, table, context, ForestParams(bins=params.bins), rng)
    first = [table[name] for name in context]
    rest = [column for column in table.columns if column.name not in context]
    if params.order == "few values first":
        distinct = {column.name: int(frame[column.name].nunique()) for column in rest}
        rest.sort(key=lambda column: distinct[column.name])
    return first + rest
