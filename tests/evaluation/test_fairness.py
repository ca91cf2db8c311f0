"""What fairness gained and cost, on tables whose answer is known."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table
from core.evaluation.fairness import compare_fairness

TABLE = Table(
    "t",
    (
        Column("group", ColumnType.CATEGORY),
        Column("hired", ColumnType.BOOLEAN),
        Column("pay", ColumnType.NUMBER),
    ),
)


def frame(shares: tuple[float, float]) -> pd.DataFrame:
    """100 rows of group a and 100 of b; in each the given share is hired, and paid more."""
    hired = np.concatenate([np.arange(100) < share * 100 for share in shares])
    return pd.DataFrame(
        {
            "group": pd.array(["a"] * 100 + ["b"] * 100, dtype="string[pyarrow]"),
            "hired": pd.array(hired, dtype="boolean"),
            "pay": np.where(hired, 20.0, 10.0),
        }
    )


def test_known_differences() -> None:
    real, fair = frame((0.75, 0.25)), frame((0.5, 0.5))
    report = compare_fairness(
        real, real, fair, TABLE, "group", "hired", rng=np.random.default_rng(0)
    )
    (hired,) = report.influences
    assert hired.parity == pytest.approx((0.5, 0.5, 0.0))
    assert hired.association[0] == pytest.approx(0.5, abs=0.01)
    assert hired.association[2] == 0.0
    assert report.similarity_plain == 1.0
    assert report.similarity_fair == pytest.approx((0.75 + 0.75 + 1) / 3)
    assert report.similarity_lost == pytest.approx(1 / 6)


def test_without_a_target_every_other_column_is_measured() -> None:
    real, fair = frame((0.8, 0.2)), frame((0.5, 0.5))
    report = compare_fairness(real, real, fair, TABLE, "group", rng=np.random.default_rng(0))
    assert [i.column for i in report.influences] == ["hired", "pay"]
    found = report.to_dict()
    assert found["columns"][0]["demographic_parity_difference"] == pytest.approx(
        {"real": 0.6, "plain": 0.6, "fair": 0.0}
    )
    assert found["pairwise_similarity"]["lost"] == pytest.approx(0.2, abs=1e-6)


def test_one_column_leaves_nothing_to_compare_in_pairs() -> None:
    real = frame((0.5, 0.5))[["group"]]
    report = compare_fairness(
        real, real, real, TABLE.select(("group",)), "group", rng=np.random.default_rng(0)
    )
    assert report.influences == ()
    assert "reason" in report.to_dict()["pairwise_similarity"]["lost"]
