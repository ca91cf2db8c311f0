"""A table with names, groups and outliers, and generators that leak in known ways."""

import numpy as np
import pandas as pd

from core.data.schema import Action, Column, ColumnType, Role, Schema, Table
from core.evaluation.attacks.judging import report
from core.evaluation.attacks.registry import ATTACKS
from core.evaluation.attacks.scene import set_scenes
from core.evaluation.case import Case, open_case
from core.evaluation.details import AttackReport
from core.evaluation.policy import EvaluationPolicy
from tests.evaluation.tables import frame_of

COLUMNS = (
    Column("email", ColumnType.TEXT, Role.IDENTIFIER, action=Action.REPLACE),
    Column("age", ColumnType.INTEGER, Role.QUASI_IDENTIFIER),
    Column("town", ColumnType.CATEGORY, Role.QUASI_IDENTIFIER),
    Column("income", ColumnType.NUMBER, Role.SENSITIVE),
    Column("debt", ColumnType.NUMBER),
    Column("member", ColumnType.BOOLEAN),
    Column("joined", ColumnType.DATE),
)
SCHEMA = Schema((Table("clients", COLUMNS),))
TYPES = {column.name: column.type for column in COLUMNS}


def clients(rows: int, rng: np.random.Generator) -> pd.DataFrame:
    """Clients of a bank: six in a hundred stand apart from all others."""
    age = rng.integers(18, 80, rows)
    apart = rng.random(rows) < 0.06
    income = age * 900 + rng.normal(0, 6_000, rows)
    towns = rng.zipf(1.6, rows).clip(max=500)
    return frame_of(
        {
            "email": [f"{n}@example.org" for n in rng.integers(0, 2**60, rows)],
            "age": age,
            "town": [f"T{n}" for n in towns],
            "income": np.where(apart, rng.uniform(-60_000, 180_000, rows), income),
            "debt": np.where(
                apart, rng.uniform(-5_000, 13_000, rows), rng.normal(4_000, 900, rows)
            ),
            "member": (age > 40) ^ (rng.random(rows) < 0.1),
            "joined": pd.Timestamp("2015-01-01")
            + pd.to_timedelta(rng.integers(0, 3_000, rows), unit="D"),
        },
        TYPES,
    )


def is_apart(frame: pd.DataFrame) -> np.ndarray:
    """Which clients stand apart, by what can be seen of them."""
    gap = (frame["income"] - frame["age"] * 900).abs().to_numpy(float)
    return (gap > 30_000) | ((frame["debt"] - 4_000).abs().to_numpy(float) > 4_500)


def case_of(
    train: pd.DataFrame, holdout: pd.DataFrame, synthetic: pd.DataFrame, schema: Schema = SCHEMA
) -> Case:
    """The case of a schema's only table."""
    return open_case(schema.tables[0], schema, train, holdout, synthetic, np.random.default_rng(0))


def attacked(case: Case, *names: str, seed: int = 1) -> dict[str, AttackReport]:
    """Reports of a few attacks only."""
    policy = EvaluationPolicy()
    scenes = list(set_scenes(case, policy.small_group, np.random.default_rng(seed)))
    return {
        name: report(ATTACKS[name], policy.bounds(name), *map(ATTACKS[name].run, scenes))
        for name in names
    }
