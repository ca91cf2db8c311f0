"""A preview: a few synthetic rows at once, from a fit on a few real ones."""

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.data.split import split_tables
from core.errors import InvalidInput
from core.progress import SilentProgress
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.stored import read_dataset
from core.studio.values import RunSpec
from core.synthesis.synthesizer import Synthesizer

PREVIEW_ROWS = 1_000
PREVIEW_TRAIN_ROWS = 5_000
PREVIEW_ENGINES = ("forest", "copula")


def preview(context: Context, row: DatasetRow, spec: RunSpec) -> dict[str, pd.DataFrame]:
    """Up to 1,000 synthetic rows a table; ``spec`` is checked already.

    Raises
    ------
    InvalidInput
        For engines that cannot be fitted within seconds.
    """
    if spec.engine not in PREVIEW_ENGINES:
        raise InvalidInput(
            f"`{spec.engine}` trains for minutes, so it has no preview. Preview with "
            f"{' or '.join(PREVIEW_ENGINES)}, or start the run with 'quick look'."
        )
    stored, schema = Schema.from_dict(row.stored_schema), Schema.from_dict(row.schema)
    tables = read_dataset(context.vault, row.id, stored, schema)
    fit_rng, sample_rng = np.random.default_rng(spec.seed).spawn(2)
    tables = _few(tables, schema, fit_rng)
    synthesizer = Synthesizer(schema, spec.engine, spec.params, context.keys.derive("mask"))
    progress = SilentProgress()
    synthesizer.fit(tables, rng=fit_rng, progress=progress)
    rows = {name: min(len(frame), PREVIEW_ROWS) for name, frame in tables.items()}
    made = synthesizer.sample(rows, rng=sample_rng, progress=progress)
    return {name: frame.head(PREVIEW_ROWS) for name, frame in made.items()}


def _few(
    tables: dict[str, pd.DataFrame], schema: Schema, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """About 5,000 rows of the largest table and what hangs together with them."""
    largest = max(len(frame) for frame in tables.values())
    if largest <= PREVIEW_TRAIN_ROWS:
        return tables
    few = split_tables(tables, schema, PREVIEW_TRAIN_ROWS / largest, rng)[1]
    return few if all(len(frame) for frame in few.values()) else tables
