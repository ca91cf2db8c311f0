"""Models of which something can be asked: dumped and loaded, and drawn from block by block."""

import tracemalloc

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Relationship, Schema, Table
from core.errors import InvalidInput
from core.synthesis import model
from core.synthesis.asks import (
    Ask,
    Asking,
    AtMost,
    Between,
    Equals,
    Fairness,
    FairSynthesizer,
    FixedCombinations,
    InRange,
    Shares,
    Wishes,
    fulfil,
    load_synthesizer,
    stream_fitted,
    synthesizer_for,
)
from core.synthesis.asks.rejection import MOST_BATCH
from core.synthesis.synthesizer import Synthesizer

TABLE = Table(
    "t",
    (
        Column("id", ColumnType.INTEGER),
        Column("city", ColumnType.CATEGORY),
        Column("country", ColumnType.CATEGORY),
        Column("low", ColumnType.INTEGER),
        Column("high", ColumnType.INTEGER),
        Column("ok", ColumnType.BOOLEAN),
    ),
    "id",
)
SCHEMA = Schema((TABLE,))
PLACES = [("Bern", "CH"), ("Zug", "CH"), ("Rome", "IT")]
RULES = {
    "t": (AtMost("low", "high"), InRange("low", 0, 60), FixedCombinations(("city", "country")))
}


def rows(count: int = 1200) -> pd.DataFrame:
    """One row lives alone in Nuuk; ``ok`` goes with Rome."""
    rng = np.random.default_rng(0)
    place = rng.integers(0, 3, count)
    city = np.array([p[0] for p in PLACES], dtype=object)[place]
    country = np.array([p[1] for p in PLACES], dtype=object)[place]
    city[0], country[0] = "Nuuk", "GL"
    low = rng.integers(0, 50, count)
    values = {
        "id": np.arange(count),
        "city": city,
        "country": country,
        "low": low,
        "high": low + rng.integers(0, 9, count),
        "ok": (place == 2) ^ (rng.random(count) < 0.1),
    }
    return pd.DataFrame(
        {c.name: pd.Series(values[c.name]).astype(c.type.dtype) for c in TABLE.columns}
    )


def fitted(wishes: Wishes, engine: str = "forest") -> Synthesizer:
    made = synthesizer_for(wishes, SCHEMA, engine)
    made.fit({"t": rows()}, rng=np.random.default_rng(1))
    return made


def drawn(made: Synthesizer, wishes: Wishes, count: int, seed: int = 2, **more) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return fulfil(made, wishes, {"t": count}, rng=rng, **more).taken(made.output_schema).tables["t"]


ROME = Wishes(Ask((Equals("city", "Rome"), Between("low", 10, 20))), RULES)


@pytest.mark.parametrize("engine", ["forest", "copula"])
def test_a_loaded_model_is_asked_as_before_and_holds_no_rare_value(engine: str) -> None:
    blob = fitted(ROME, engine).dump()
    loaded = load_synthesizer(blob)
    assert isinstance(loaded, Asking)
    assert load_synthesizer(loaded.dump()).columns == loaded.columns
    answer = fulfil(loaded, ROME, {"t": 300}, rng=np.random.default_rng(2))
    asked = answer.taken(loaded.output_schema)
    made = asked.tables["t"]
    assert (made["city"] == "Rome").all()
    assert (made["country"] == "IT").all()
    assert made["low"].between(10, 20).all()
    assert (made["low"] <= made["high"]).all()
    assert made["ok"].mean() > 0.8
    assert asked.matching is None
    assert asked.method == ("construction" if engine == "forest" else "rejection")
    assert {report.rule for report in asked.rules} == {rule.words for rule in RULES["t"]}
    again = drawn(load_synthesizer(blob), ROME, 300)
    pd.testing.assert_frame_equal(made, again)
    if engine == "forest":
        assert b"Nuuk" not in _unzipped(blob)


def _unzipped(blob: bytes) -> bytes:
    import io
    import zipfile

    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        parts = [archive.read(name) for name in archive.namelist()]
    inner = [_unzipped(part) for part in parts if part.startswith(b"PK")]
    return b"".join(parts + inner)


def test_a_loaded_model_can_be_asked_of_other_values_and_nothing() -> None:
    loaded = load_synthesizer(fitted(ROME).dump())
    free = drawn(loaded, Wishes(None, RULES), 2000)
    shares = free["city"].value_counts(normalize=True)
    assert all(shares[city] == pytest.approx(1 / 3, abs=0.05) for city, _ in PLACES)
    made = drawn(loaded, Wishes(Ask(shares=Shares("city", {"Bern": 0.25, "Zug": 0.75}))), 80)
    assert made["city"].value_counts().to_dict() == {"Zug": 60, "Bern": 20}
    other = fulfil(
        loaded, Wishes(Ask((Equals("ok", True),))), {"t": 50}, rng=np.random.default_rng(3)
    ).taken(loaded.output_schema)
    assert other.tables["t"]["ok"].all()
    assert other.method == "rejection"
    assert (other.tables["t"]["low"] <= other.tables["t"]["high"]).all()


def test_a_fair_model_is_loaded_and_broken_to_another_degree() -> None:
    fairness = Fairness("country", "ok")
    loaded = load_synthesizer(fitted(Wishes(fairness=fairness)).dump())
    for degree, gap in ((0.0, 0.8), (1.0, 0.0)):
        made = drawn(loaded, Wishes(fairness=Fairness("country", "ok", degree)), 3000)
        shares = made["ok"].astype(float).groupby(made["country"]).mean()
        assert shares["IT"] - shares["CH"] == pytest.approx(gap, abs=0.07)
    with pytest.raises(InvalidInput, match="not fitted to break"):
        FairSynthesizer.around(loaded, Fairness("city"))


def test_combinations_that_few_rows_have_are_not_kept_in_a_model() -> None:
    rule, frame = FixedCombinations(("city", "country")), rows()
    state = rule.settled(frame, TABLE).state(TABLE)
    assert state["choices"].count(None) == 1
    loaded = rule.restored(state, TABLE)
    assert loaded.kept(frame, TABLE).sum() == len(frame) - 1
    few = frame.head(4).assign(city=pd.array(list("abcd"), "string[pyarrow]"))
    with pytest.raises(InvalidInput, match="single rows"):
        rule.settled(few, TABLE).state(TABLE)


def test_an_ask_comes_in_blocks_with_shares_of_the_whole_and_little_memory(monkeypatch) -> None:
    monkeypatch.setattr(model, "block_rows", lambda columns: 500)
    wishes = Wishes(Ask(shares=Shares("city", {"Rome": 0.9, "Bern": 0.1})))
    made = fitted(wishes)
    answer = fulfil(made, wishes, {"t": 5000}, rng=np.random.default_rng(1))
    blocks = list(answer.frames["t"])
    assert [len(block) for block in blocks] == [500] * 10
    whole = pd.concat(blocks, ignore_index=True)
    assert whole["city"].value_counts().to_dict() == {"Rome": 4500, "Bern": 500}
    assert whole["id"].is_unique
    pd.testing.assert_frame_equal(whole, drawn(made, wishes, 5000, seed=1))

    def peak(count: int) -> int:
        tracemalloc.start()
        for block in fulfil(made, wishes, {"t": count}, rng=np.random.default_rng(1)).frames["t"]:
            del block
        size = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size

    peak(1000)
    assert peak(12_000) < 1.3 * peak(1000) + 200_000


def test_rejection_in_blocks_adds_up_its_rate_and_bounds_its_batches(monkeypatch) -> None:
    monkeypatch.setattr(model, "block_rows", lambda columns: 1000)
    made = fitted(Wishes())
    sizes = []
    engine = made.engine("t")
    sample = engine.sample

    def watched(count, **options):
        sizes.append(count)
        return sample(count, **options)

    monkeypatch.setattr(engine, "sample", watched)
    answer = stream_fitted(
        made, Ask((Between("low", 0, 1),)), {"t": 3000}, rng=np.random.default_rng(1)
    )
    kept = [len(block) for block in answer.frames["t"]]
    assert kept == [1000] * 3
    how = answer.how()
    assert how.drawn == sum(sizes)
    assert how.acceptance == pytest.approx((rows()["low"] <= 1).mean(), abs=0.02)
    assert max(sizes) <= MOST_BATCH


def test_keys_that_are_taken_are_not_made() -> None:
    made = fitted(Wishes())
    first = drawn(made, Wishes(), 200)
    taken = {"id": pd.concat([rows()["id"], first["id"]], ignore_index=True)}
    other = drawn(made, Wishes(), 300, taken=taken)
    assert other["id"].is_unique
    assert not other["id"].isin(taken["id"]).any()
    pd.testing.assert_series_equal(other["city"], drawn(made, Wishes(), 300)["city"])


def test_nothing_is_asked_of_tables_that_follow_others() -> None:
    child = Table("v", (Column("t", ColumnType.INTEGER), Column("x", ColumnType.CATEGORY)))
    schema = Schema((TABLE, child), (Relationship("t", "id", "v", "t"),))
    visits = pd.DataFrame({"t": rows()["id"], "x": pd.array(["a"] * 1200, "string[pyarrow]")})
    for engine in ("forest", "copula"):
        made = Asking(schema, engine, columns={"v": ("x",)})
        with pytest.raises(InvalidInput, match=r"rows of 'v' follow .* Ask of t\."):
            made.fit({"t": rows(), "v": visits}, rng=np.random.default_rng(1))


def test_what_is_no_such_model_is_refused() -> None:
    with pytest.raises(InvalidInput, match="not a synthesizer"):
        load_synthesizer(b"PK")
    with pytest.raises(InvalidInput):
        Synthesizer.load(fitted(ROME).dump())
