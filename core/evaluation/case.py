"""One table as it is judged: what the parts of an evaluation are given."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.schema import Column, Schema, Table
from core.evaluation.encoding import Encoded, encode_table, exclusions


@dataclass(frozen=True, slots=True)
class Case:
    """One table as it is judged; ``shared`` counts holdout rows that were training rows too."""

    table: Table
    train: pd.DataFrame
    holdout: pd.DataFrame
    synthetic: pd.DataFrame
    excluded: Mapping[str, str]
    judged: tuple[Column, ...]
    encoded: Encoded
    shared: int = 0


def open_case(
    table: Table,
    schema: Schema,
    train: pd.DataFrame,
    holdout: pd.DataFrame,
    synthetic: pd.DataFrame,
    rng: np.random.Generator,
) -> Case:
    """Settle what is judged of a table, and encode it."""
    excluded = exclusions(table, schema, synthetic)
    judged = tuple(c for c in table.columns if c.name not in excluded)
    encoded = encode_table(train, holdout, synthetic, judged, rng)
    return Case(table, train, holdout, synthetic, excluded, judged, encoded)
