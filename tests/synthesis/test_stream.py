"""Streams: the rows of `sample`, in blocks, with keys that go on and memory that does not grow."""

import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Action, Column, ColumnType, Relationship, Role, Schema, Table
from core.errors import InvalidParameter
from core.synthesis import model, stream
from core.synthesis.synthesizer import Synthesizer

TEXT = "string[pyarrow]"
TABLE = Table(
    "t",
    (
        Column("id", ColumnType.INTEGER, Role.IDENTIFIER),
        Column("code", ColumnType.TEXT, Role.IDENTIFIER),
        Column("mail", ColumnType.TEXT, semantic="email", action=Action.REPLACE),
        Column("x", ColumnType.NUMBER),
        Column("c", ColumnType.CATEGORY),
    ),
    "code",
)


def train(count: int = 300) -> pd.DataFrame:
    rng = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "id": pd.array(np.arange(count) + 100, "Int64"),
            "code": pd.array([f"K{i:03d}" for i in range(count)], TEXT),
            "mail": pd.array([f"p{i}@web.de" for i in range(count)], TEXT),
            "x": rng.normal(size=count).round(2),
            "c": pd.array(rng.choice(["a", "b", "c"], count), TEXT),
        }
    )


def fitted(engine: str = "forest") -> Synthesizer:
    made = Synthesizer(Schema((TABLE,)), engine)
    made.fit({"t": train()}, rng=np.random.default_rng(1))
    return made


@pytest.fixture(scope="module", params=["forest", "copula"])
def small_blocks(request: pytest.FixtureRequest) -> Synthesizer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "block_rows", lambda columns: 400)
        return fitted(request.param)


@pytest.mark.parametrize("rows", [0, 1, 399, 400, 401, 1500])
def test_a_stream_is_the_sample_in_blocks(small_blocks: Synthesizer, rows: int) -> None:
    whole = small_blocks.sample({"t": rows}, rng=np.random.default_rng(9))["t"]
    blocks = list(small_blocks.stream({"t": rows}, rng=np.random.default_rng(9)))
    assert [len(block) for block in blocks[:-1]] == [400] * (len(blocks) - 1)
    pd.testing.assert_frame_equal(pd.concat(blocks, ignore_index=True), whole)
    assert len(whole) == rows
    assert {n: str(t) for n, t in whole.dtypes.items()} == {
        n: str(t) for n, t in train().dtypes.items()
    }


def test_whole_blocks_do_not_depend_on_how_many_follow(small_blocks: Synthesizer) -> None:
    short, long = (
        next(small_blocks.stream({"t": rows}, rng=np.random.default_rng(9))) for rows in (400, 4000)
    )
    pd.testing.assert_frame_equal(short, long)


def test_keys_are_unique_over_blocks_and_seeds_differ(small_blocks: Synthesizer) -> None:
    made = small_blocks.sample({"t": 5000}, rng=np.random.default_rng(9))["t"]
    assert made[["id", "code", "mail"]].apply(lambda column: column.is_unique).all()
    assert made["id"].tolist() == list(range(made["id"].iloc[0], made["id"].iloc[0] + 5000))
    other = small_blocks.sample({"t": 5000}, rng=np.random.default_rng(10))["t"]
    assert not made["code"].equals(other["code"])
    assert not made["x"].iloc[400:].equals(made["x"].iloc[:-400])


def test_a_loaded_model_keeps_its_block_size(small_blocks: Synthesizer) -> None:
    loaded = Synthesizer.load(small_blocks.dump())
    first = next(loaded.stream({"t": 1000}, rng=np.random.default_rng(9)))
    assert len(first) == 400
    pd.testing.assert_frame_equal(
        first, next(small_blocks.stream({"t": 1000}, rng=np.random.default_rng(9)))
    )


def test_memory_does_not_grow_with_the_rows(small_blocks: Synthesizer) -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        for block in small_blocks.stream({"t": rows}, rng=np.random.default_rng(9)):
            del block
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(800)
    assert peak(12_000) < 1.3 * peak(800) + 200_000


def test_progress_counts_rows(small_blocks: Synthesizer) -> None:
    steps: list[tuple[float, float]] = []

    class Watch:
        def stage(self, name: str) -> None:
            assert name == "sample"

        def step(self, done: float, total: float, note: str = "", values: object = None) -> None:
            steps.append((done, total))

    list(small_blocks.stream({"t": 1000}, rng=np.random.default_rng(9), progress=Watch()))
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)
    assert steps[-1] == (1000, 1000)


def test_related_tables_are_not_streamed_and_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    child = Table("u", (Column("code", ColumnType.TEXT), Column("y", ColumnType.NUMBER)))
    schema = Schema((TABLE, child), (Relationship("t", "code", "u", "code"),))
    made = Synthesizer(schema, "forest")
    rows = train()
    visits = pd.DataFrame({"code": rows["code"].repeat(2).array, "y": np.arange(600.0)})
    made.fit({"t": rows, "u": visits}, rng=np.random.default_rng(1))
    assert not made.can_stream
    with pytest.raises(InvalidParameter, match="single table"):
        made.stream({"t": 5}, rng=np.random.default_rng(1))

    class Memory:
        available = 100 * (5 + 2 * 2) * 1000

    monkeypatch.setattr(stream.psutil, "virtual_memory", lambda: Memory)
    assert len(made.sample({"t": 990}, rng=np.random.default_rng(1))["t"]) == 990
    with pytest.raises(InvalidParameter, match=r"30,000 rows in all.*at most 3,000"):
        made.sample({"t": 10_000}, rng=np.random.default_rng(1))


def test_a_table_that_points_to_itself_is_not_streamed() -> None:
    table = replace(TABLE, columns=(*TABLE.columns, Column("boss", ColumnType.TEXT)))
    schema = Schema((table,), (Relationship("t", "code", "t", "boss"),))
    rows = train()
    rows["boss"] = rows["code"].shift(1)
    made = Synthesizer(schema, "forest")
    made.fit({"t": rows}, rng=np.random.default_rng(1))
    assert not made.can_stream
    assert len(made.sample({"t": 50}, rng=np.random.default_rng(1))["t"]) == 50
