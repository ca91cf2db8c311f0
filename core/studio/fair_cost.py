"""What breaking a dependence gained and cost, beside rows of the same model as they would be."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.fairness import compare_fairness
from core.synthesis.asks import Wishes, fulfil
from core.synthesis.asks.settle import not_learned
from core.synthesis.synthesizer import Synthesizer

MOST_ROWS = 20_000


def fairness_cost(
    synthesizer: Synthesizer,
    wishes: Wishes,
    train: Mapping[str, pd.DataFrame],
    made: Mapping[str, pd.DataFrame],
    seed: int,
) -> dict[str, Any]:
    """The influence of the sensitive column in real, plain and fair rows, and what was lost.

    As :func:`core.evaluation.fairness.compare_fairness` says it, with the degree.
    """
    assert wishes.fairness is not None
    fairness, schema = wishes.fairness, synthesizer.schema
    (table,) = schema.tables
    plain_rng, rng = np.random.default_rng(seed).spawn(2)
    fair = made[table.name].head(MOST_ROWS)
    unbroken = replace(wishes, fairness=replace(fairness, degree=0.0))
    answer = fulfil(synthesizer, unbroken, {table.name: len(fair)}, rng=plain_rng)
    plain = answer.taken(synthesizer.output_schema).tables[table.name]
    learned = table.select(tuple(c.name for c in table.columns if not not_learned(c, table)))
    report = compare_fairness(
        train[table.name], plain, fair, learned, fairness.sensitive, fairness.target, rng=rng
    )
    return {"degree": fairness.degree, **report.to_dict()}
