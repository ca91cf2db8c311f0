"""Fairness: differences between groups shrink to what was asked, and the rest stays."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Relationship, Schema, Table
from core.errors import InvalidInput, InvalidParameter
from core.synthesis.asks import Fairness, FairSynthesizer

TABLE = Table(
    "t",
    (
        Column("group", ColumnType.CATEGORY),
        Column("hired", ColumnType.BOOLEAN),
        Column("skill", ColumnType.NUMBER),
        Column("pay", ColumnType.NUMBER),
    ),
)


def applicants(rows: int = 3000) -> pd.DataFrame:
    """Three in ten are of group b; of group a 60 % are hired, of b 20 %. Skill helps in both."""
    rng = np.random.default_rng(0)
    b = rng.random(rows) < 0.3
    hired = rng.random(rows) < np.where(b, 0.2, 0.6)
    return pd.DataFrame(
        {
            "group": pd.array(np.where(b, "b", "a"), dtype="string[pyarrow]"),
            "hired": pd.array(hired, dtype="boolean"),
            "skill": hired * 2.0 + rng.normal(0, 1, rows),
            "pay": 1000.0 - 200 * b + rng.normal(0, 50, rows),
        }
    )


def fair(fairness: Fairness, engine: str = "forest") -> FairSynthesizer:
    made = FairSynthesizer(Schema((TABLE,)), fairness, engine)
    made.fit(applicants(), rng=np.random.default_rng(1))
    return made


def difference(frame: pd.DataFrame) -> float:
    shares = frame["hired"].astype(float).groupby(frame["group"]).mean()
    return float(shares["a"] - shares["b"])


@pytest.mark.parametrize("engine", ["forest", "copula"])
def test_the_difference_shrinks_in_proportion_to_the_degree(engine) -> None:
    real = applicants()
    made = fair(Fairness("group", "hired"), engine)
    for degree in (0.0, 0.5, 1.0):
        frame = made.sample(4000, degree, rng=np.random.default_rng(2))
        assert difference(frame) == pytest.approx((1 - degree) * difference(real), abs=0.003)
        assert frame["hired"].mean() == pytest.approx(real["hired"].mean(), abs=0.001)
        assert (frame["group"] == "b").mean() == pytest.approx(
            (real["group"] == "b").mean(), abs=0.001
        )
        skill = frame["skill"].groupby(frame["hired"]).mean()
        assert skill[True] - skill[False] == pytest.approx(2, abs=0.25)


def test_without_a_target_all_columns_are_freed() -> None:
    made, real = fair(Fairness("group")), difference(applicants())
    gaps = {}
    for degree in (0.0, 0.5, 1.0):
        frame = made.sample(4000, degree, rng=np.random.default_rng(2))
        pay = frame["pay"].groupby(frame["group"]).mean()
        gaps[degree] = (difference(frame), pay["a"] - pay["b"])
        skill = frame["skill"].groupby(frame["hired"]).mean()
        assert skill[True] - skill[False] == pytest.approx(2, abs=0.15)
    assert gaps[0.0] == pytest.approx((real, 200), rel=0.05)
    assert gaps[0.5] == pytest.approx((real / 2, 100), rel=0.15)
    assert abs(gaps[1.0][0]) < 0.04
    assert abs(gaps[1.0][1]) < 10


def test_a_target_of_many_numbers_is_freed_in_stretches() -> None:
    made = fair(Fairness("group", "pay"))
    before, after = (
        made.sample(4000, degree, rng=np.random.default_rng(2)) for degree in (0.0, 1.0)
    )
    gaps = [float(np.ptp(frame["pay"].groupby(frame["group"]).mean())) for frame in (before, after)]
    assert gaps[0] == pytest.approx(200, abs=15)
    assert gaps[1] < 15


def test_the_same_seed_gives_the_same_rows() -> None:
    made = fair(Fairness("group", "hired", 0.7))
    first, second = (made.sample(300, rng=np.random.default_rng(2)) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_all_problems_come_at_once() -> None:
    with pytest.raises(InvalidParameter) as caught:
        FairSynthesizer(Schema((TABLE,)), Fairness("nope", "nope", 1.5))
    assert len(caught.value.problems) == 4
    many = FairSynthesizer(Schema((TABLE,)), Fairness("pay", "hired"))
    with pytest.raises(InvalidInput, match="at most 50 groups"):
        many.fit(applicants(), rng=np.random.default_rng(1))
    other = Table("u", (Column("k", ColumnType.INTEGER),), "k")
    child = Relationship("u", "k", "t", "skill")
    with pytest.raises(InvalidInput, match="one table"):
        FairSynthesizer(Schema((TABLE, other), (child,)), Fairness("group"))
