"""A preview: a few synthetic rows at once, from a fit on a few real ones."""

import numpy as np
import pandas as pd

from core.data.schema import Schema
from core.data.split import split_tables
from core.errors import InvalidInput
from core.store.tables import DatasetRow
from core.studio.context import Context
from core.studio.modelling import refuse_unknown, wishes_of
from core.studio.prepared_rows import GivenOut, prepare_rows
from core.studio.private_specs import is_private
from core.studio.stored import sample_dataset
from core.studio.values import Purpose, RunSpec
from core.synthesis.asks import fulfil, synthesizer_for

PREVIEW_ROWS = 1_000
PREVIEW_TRAIN_ROWS = 5_000
PREVIEW_ENGINES = ("forest", "copula")


def preview(context: Context, row: DatasetRow, spec: RunSpec) -> dict[str, pd.DataFrame]:
    """Up to 1,000 synthetic rows a table; ``spec`` is checked already.

    Raises
    ------
    InvalidInput
        For engines that cannot be fitted within seconds, for filling missing cells, and for what
        is asked of values that the few rows do not have.
    """
    if spec.purpose is Purpose.IMPUTE:
        raise InvalidInput("Filling missing cells has no preview: its rows are the real ones.")
    if is_private(spec):
        raise InvalidInput(
            f"`{spec.engine}` has no preview: it would be a fit of its own, and spend of the "
            "privacy budget. Start the run."
        )
    if spec.engine not in PREVIEW_ENGINES:
        raise InvalidInput(
            f"`{spec.engine}` is not known to fit in a moment, so it has no preview. Preview with "
            f"{' or '.join(PREVIEW_ENGINES)}, or start the run with 'quick look'."
        )
    stored, schema = Schema.from_dict(row.stored_schema), Schema.from_dict(row.schema)
    fit_rng, sample_rng = np.random.default_rng(spec.seed).spawn(2)
    tables, _ = sample_dataset(context.vault, row.id, stored, schema, PREVIEW_TRAIN_ROWS, fit_rng)
    few = _few(tables, schema, fit_rng)
    ready = prepare_rows(spec, schema, (few, {n: f.head(0) for n, f in few.items()}), {})
    schema, tables = ready.schema, dict(ready.train)
    wishes = wishes_of(spec, schema)
    refuse_unknown(spec, wishes, schema, tables)
    synthesizer = synthesizer_for(
        wishes, schema, spec.engine, spec.params, context.keys.derive("mask")
    )
    if ready.pipeline is not None:
        synthesizer.keep_pipeline(ready.pipeline)
    synthesizer.fit(tables, rng=fit_rng)
    rows = {name: min(len(frame), PREVIEW_ROWS) for name, frame in tables.items()}
    made = fulfil(synthesizer, wishes, rows, rng=sample_rng).taken(synthesizer.output_schema)
    giving = GivenOut.of(synthesizer, spec.seed)
    return {
        name: giving.turned_back(frame.head(PREVIEW_ROWS), giving.output[name], giving.stream(name))
        for name, frame in made.tables.items()
    }


def _few(
    tables: dict[str, pd.DataFrame], schema: Schema, rng: np.random.Generator
) -> dict[str, pd.DataFrame]:
    """About 5,000 rows of the largest table and what hangs together with them."""
    largest = max(len(frame) for frame in tables.values())
    if largest <= PREVIEW_TRAIN_ROWS:
        return tables
    few = split_tables(tables, schema, PREVIEW_TRAIN_ROWS / largest, rng)[1]
    return few if all(len(frame) for frame in few.values()) else tables
