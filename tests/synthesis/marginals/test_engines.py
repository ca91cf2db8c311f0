"""``aim``, ``mst`` and ``dp_copula`` on small tables: promises kept, what was measured shows."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput
from core.privacy.guarantee import Guarantee
from core.privacy.ledger import Ledger
from core.privacy.public import public_from_dict
from core.progress import SilentProgress
from core.synthesis import aim, dp_copula, mst
from core.synthesis.params import build
from core.synthesis.protocol import PrivateFit

ROWS = 6_000
TABLE = Table(
    "t",
    (
        Column("group", ColumnType.CATEGORY),
        Column("other", ColumnType.CATEGORY),
        Column("age", ColumnType.INTEGER),
        Column("flag", ColumnType.BOOLEAN),
    ),
)
PUBLIC = public_from_dict(
    {
        "columns": {
            "group": {"values": ["a", "b", "c"]},
            "other": {"values": ["x", "y"]},
            "age": {"low": 0, "high": 99},
        }
    }
)
ENGINES = {info.name: info for info in (aim.INFO, mst.INFO, dp_copula.INFO)}


def people(rng: np.random.Generator) -> pd.DataFrame:
    """``other`` follows ``group``, ``age`` follows ``other``; ``flag`` is a coin."""
    group = rng.choice(["a", "b", "c"], ROWS, p=[0.5, 0.3, 0.2])
    other = np.where((group == "a") ^ (rng.random(ROWS) < 0.1), "x", "y")
    age = np.where(other == "x", rng.integers(20, 40, ROWS), rng.integers(50, 80, ROWS))
    frame = pd.DataFrame(
        {"group": group, "other": other, "age": age, "flag": rng.random(ROWS) < 0.5}
    )
    return frame.astype({c.name: c.type.dtype for c in TABLE.columns})


@pytest.fixture(params=sorted(ENGINES))
def name(request):
    return request.param


def fitted(name: str, frame: pd.DataFrame, epsilon: float = 3.0):
    info, ledger = ENGINES[name], Ledger(Guarantee(epsilon, 1e-6))
    engine = info.make(build(info.params, info.presets["quick look"]))
    private = PrivateFit(ledger, PUBLIC)
    engine.fit(
        frame, TABLE, rng=np.random.default_rng(0), progress=SilentProgress(), private=private
    )
    return engine, ledger


def drawn(engine, rows: int, seed: int = 1) -> pd.DataFrame:
    return engine.sample(rows, rng=np.random.default_rng(seed), progress=SilentProgress())


def test_dependences_come_back_within_the_promise(name):
    engine, ledger = fitted(name, people(np.random.default_rng(3)))
    made = drawn(engine, 5_000)
    assert list(made.columns) == list(TABLE.names)
    assert all(made[c.name].dtype == c.type.dtype for c in TABLE.columns)
    assert (made["other"] == "x")[made["group"] == "a"].mean() > 0.8
    assert (made["age"] < 45)[made["other"] == "x"].mean() > 0.8
    assert made["age"].between(0, 99).all()
    assert engine.rows == pytest.approx(ROWS, rel=0.05)
    assert 0.95 * 3.0 < ledger.spent().epsilon <= 3.0 + 1e-6
    selected = {"selection"} if name != "dp_copula" else set()
    assert {"measurement"} | selected == {entry.purpose for entry in ledger.entries}


def test_a_model_goes_through_its_bytes(name):
    engine, _ = fitted(name, people(np.random.default_rng(3)))
    blob = engine.dump()
    again = ENGINES[name].load(blob)
    pd.testing.assert_frame_equal(drawn(again, 500), drawn(engine, 500))
    assert again.rows == engine.rows
    with pytest.raises(InvalidInput, match="only be sampled"):
        again.fit(
            people(np.random.default_rng(0)),
            TABLE,
            rng=np.random.default_rng(0),
            progress=SilentProgress(),
            private=PrivateFit(Ledger(Guarantee(1.0, 1e-6)), PUBLIC),
        )
    with pytest.raises(InvalidInput, match="are no"):
        ENGINES[name].load(b"nothing")


def test_tables_without_rows_or_dependence_are_taken(name):
    empty = people(np.random.default_rng(0)).iloc[:0]
    engine, _ = fitted(name, empty)
    assert len(drawn(engine, 20)) == 20
    one = Table("t", (TABLE.columns[3],))
    info = ENGINES[name]
    single = info.make(build(info.params, {}))
    single.fit(
        people(np.random.default_rng(0))[["flag"]],
        one,
        rng=np.random.default_rng(0),
        progress=SilentProgress(),
        private=PrivateFit(Ledger(Guarantee(1.0, 1e-6))),
    )
    assert drawn(single, 1000)["flag"].mean() == pytest.approx(0.5, abs=0.15)


def test_an_engine_that_was_not_fitted_says_so(name):
    with pytest.raises(InvalidInput, match="not been fitted"):
        drawn(ENGINES[name].make(build(ENGINES[name].params, {})), 5)
