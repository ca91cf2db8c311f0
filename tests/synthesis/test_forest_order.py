"""The order in which the forest draws columns."""

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table
from core.synthesis.forest import ForestParams
from core.synthesis.forest.order import choose_order


def order_of(columns: dict[str, np.ndarray], context: tuple[str, ...] = ()) -> list[str]:
    table = Table("t", tuple(Column(name, ColumnType.INTEGER) for name in columns))
    frame = pd.DataFrame(columns).astype("Int64")
    rng = np.random.default_rng(0)
    return [c.name for c in choose_order(frame, table, context, ForestParams(), rng)]


def unrelated(rows: int = 2000) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {name: rng.integers(0, most, rows) for name, most in (("c", 90), ("a", 3), ("b", 20))}


def test_few_distinct_values_come_first() -> None:
    assert order_of(unrelated()) == ["a", "b", "c"]


def test_given_columns_come_before_all_others() -> None:
    assert order_of(unrelated(), ("c",)) == ["c", "a", "b"]


@pytest.mark.parametrize(("gain", "first"), [(1.0, "fine"), (0.1, "flag")])
def test_the_order_that_writes_rows_in_fewer_nats_is_taken(
    monkeypatch: pytest.MonkeyPatch, gain: float, first: str
) -> None:
    fine = np.random.default_rng(0).integers(0, 100_000, 6000)
    columns = {"tens": fine // 3000, "flag": fine % 2, "fine": fine, "hundreds": fine // 500}
    tried: list[list[str]] = []

    def length(frame: pd.DataFrame, order: list[Column], *_: object) -> float:
        tried.append([column.name for column in order])
        return 20.0 - gain * len(tried)

    monkeypatch.setattr("core.synthesis.forest.order._length", length)
    assert order_of(columns)[0] == first
    few, numbers_first = ["flag", "tens", "hundreds", "fine"], ["fine", "hundreds", "tens", "flag"]
    assert tried == [few, numbers_first]


def test_sources_come_before_what_follows_from_them() -> None:
    rng = np.random.default_rng(0)
    price, count = rng.integers(1, 60, 6000) * 7, rng.integers(1, 12, 6000)
    columns = {"total": price * count, "price": price, "count": count, "vat": price * count * 2}
    order = order_of(columns)
    assert order.index("total") > max(order.index("price"), order.index("count"))
