"""What is particular to ``tabular_ar``: tokens, contexts, calibration, any given columns."""

import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Schema, Table
from core.errors import InvalidInput, InvalidParameter, JobCancelled
from core.progress import SilentProgress
from core.synthesis.asks import Ask, Between, Equals, Shares, ask_fitted, load_synthesizer
from core.synthesis.asks.asking import Asking
from core.synthesis.forest.cells import Cells
from core.synthesis.params import build
from core.synthesis.synthesizer import Synthesizer
from core.synthesis.tabular_ar import INFO, TabularAr, TabularArParams
from core.synthesis.tabular_ar.calibration import shift
from core.synthesis.tabular_ar.columns import MOST_SLOTS, scale_of, slots_of, take_in
from core.synthesis.tabular_ar.contexts import Asker
from core.synthesis.tabular_ar.model_file import load_model
from core.synthesis.tabular_ar.network import Shape, log_shares
from core.synthesis.tabular_ar.recipe import hangs_together, recipe_of
from core.synthesis.tabular_ar.sampler import Column as Drawn
from core.synthesis.tabular_ar.sampler import pick, shares_of
from core.synthesis.tabular_ar.sharing import OWN, Sharing, neighbours

SMALL = {"width": 32, "epochs": 12, "any_order": 0.5, "order": "few values first"}
TABLE = Table(
    "t",
    (
        Column("city", ColumnType.CATEGORY),
        Column("ok", ColumnType.BOOLEAN),
        Column("n", ColumnType.NUMBER),
    ),
)


def people(rows: int = 1200) -> pd.DataFrame:
    """``ok`` is nine times in ten whether the city is Rome; ``n`` is about 10 there, 0 in Bern."""
    rng = np.random.default_rng(0)
    rome = rng.random(rows) < 0.3
    values = {
        "city": np.where(rome, "Rome", "Bern"),
        "ok": rome ^ (rng.random(rows) < 0.1),
        "n": rome * 10.0 + rng.normal(size=rows),
    }
    dtypes = {column.name: column.type.dtype for column in TABLE.columns}
    return pd.DataFrame(values).astype(dtypes)


def fitted(frame: pd.DataFrame, table: Table = TABLE, progress=None, context=(), **params):
    engine = INFO.make(build(TabularArParams, SMALL | params))
    rng = np.random.default_rng(1)
    engine.fit(frame, table, rng=rng, progress=progress or SilentProgress(), context=context)
    return engine


def drawn(engine: TabularAr, rows: int, given=None, seed: int = 2) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return engine.sample(rows, rng=rng, progress=SilentProgress(), given=given)


class Watch:
    def __init__(self, stop: float | None = None) -> None:
        self.stop, self.told, self.notes = stop, [], []

    def stage(self, name): ...

    def step(self, done, total, note="", values=None):
        self.notes.append(note)
        if values:
            self.told.append((done, total, dict(values)))
        if self.stop is not None and done > self.stop:
            raise JobCancelled("Stopped by the test.")


@pytest.fixture(scope="module")
def engine() -> TabularAr:
    return fitted(people(), width=64, epochs=20)


def test_columns_hang_together(engine: TabularAr) -> None:
    made = drawn(engine, 4000)
    rome = made["city"] == "Rome"
    assert rome.mean() == pytest.approx(0.3, abs=0.03)
    assert made["ok"][rome].mean() == pytest.approx(0.9, abs=0.06)
    assert made["ok"][~rome].mean() == pytest.approx(0.1, abs=0.05)
    assert made["n"][rome].median() == pytest.approx(10, abs=0.5)
    assert made["n"][~rome].median() == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize(
    ("given", "rome"),
    [({"n": 10.0}, 0.95), ({"n": 0.0}, 0.05), ({"ok": True}, 0.746), ({"ok": False}, 3 / 66)],
)
def test_any_columns_can_be_given_after_one_fit(engine, given, rome) -> None:
    frame = pd.DataFrame(given, index=range(2000))
    frame = frame.astype({name: TABLE[name].type.dtype for name in given})
    made = drawn(engine, 2000, frame)
    assert (made["city"] == "Rome").mean() == pytest.approx(rome, abs=0.12)
    for name, value in given.items():
        assert (made[name] == value).all()


def test_a_given_value_that_nobody_has_is_kept_and_tells_nothing(engine) -> None:
    cities = pd.DataFrame({"city": pd.Series(["Atlantis"] * 2000, dtype="string[pyarrow]")})
    made = drawn(engine, 2000, cities)
    assert (made["city"] == "Atlantis").all()
    assert made["ok"].mean() == pytest.approx(0.34, abs=0.08)


def test_context_has_to_be_given_and_is_not_drawn() -> None:
    frame = people(600)
    engine = fitted(frame, context=("city",))
    with pytest.raises(InvalidInput, match="columns city"):
        drawn(engine, 5)
    made = drawn(engine, 600, frame[["city"]])
    pd.testing.assert_series_equal(made["city"], frame["city"])
    assert made["n"][frame["city"] == "Rome"].median() > 8


def test_a_fitted_model_is_asked_of_any_columns_by_construction() -> None:
    plain = Synthesizer(Schema((TABLE,)), "tabular_ar", SMALL)
    plain.fit({"t": people()}, rng=np.random.default_rng(1))
    loaded = load_synthesizer(plain.dump())
    for ask in (
        Ask((Equals("ok", True), Between("n", 9, 11))),
        Ask((Equals("city", "Rome"),)),
        Ask(shares=Shares("city", {"Rome": 0.9, "Bern": 0.1})),
    ):
        result = ask_fitted(loaded, ask, {"t": 200}, rng=np.random.default_rng(3))
        made = result.tables["t"]
        assert result.method == "construction"
        rome = (made["city"] == "Rome").mean()
        assert rome == 0.9 if ask.shares else rome > 0.8
        assert not ask.conditions or made["ok"].mean() > 0.75
    with pytest.raises(InvalidInput, match="city"):
        ask_fitted(loaded, Ask((Equals("city", "Atlantis"),)), rng=np.random.default_rng(3))


def test_a_model_that_is_fitted_to_be_asked_is_loaded_and_asked_again() -> None:
    made = Asking(Schema((TABLE,)), "tabular_ar", SMALL, columns={"t": ("city",)})
    made.fit({"t": people()}, rng=np.random.default_rng(1))
    ask = Ask((Equals("city", "Rome"),))
    loaded = load_synthesizer(made.dump())
    for model in (made, loaded):
        rows = model.ask(ask, {"t": 300}, rng=np.random.default_rng(2)).tables["t"]
        assert (rows["city"] == "Rome").all()
        assert rows["n"].median() == pytest.approx(10, abs=0.6)
        free = model.sample({"t": 2000}, rng=np.random.default_rng(2))["t"]
        assert (free["city"] == "Rome").mean() == pytest.approx(0.3, abs=0.04)


def test_epochs_and_both_losses_are_told() -> None:
    watch = Watch()
    fitted(people(300), epochs=3, progress=watch)
    assert [(done, total) for done, total, _ in watch.told] == [(1, 3), (2, 3), (3, 3)]
    for place, (_, _, values) in enumerate(watch.told):
        assert set(values) == {"epoch", *INFO.figures}
        assert values["epoch"] == place + 1
        assert np.isfinite(list(values.values())).all()
    assert watch.told[-1][2]["held_out"] < watch.told[0][2]["held_out"]


def test_training_ends_when_held_out_rows_gain_nothing() -> None:
    frame = people(200)
    frame["n"] = np.random.default_rng(5).permutation(frame["n"])
    watch = Watch()
    fitted(frame, epochs=500, patience=2, width=64, progress=watch)
    losses = [values["held_out"] for _, _, values in watch.told]
    assert 2 <= len(losses) < 100
    assert len(losses) == 2 or losses[-3] == min(losses)
    assert watch.notes[-1] == f"ended after epoch {len(losses)}"


def test_training_can_be_stopped_inside_an_epoch() -> None:
    watch = Watch(stop=0.0)
    with pytest.raises(JobCancelled):
        fitted(people(800), progress=watch)
    assert not watch.told


def test_a_time_limit_ends_training() -> None:
    watch = Watch()
    fitted(people(300), epochs=10_000, minutes=1e-6, progress=watch)
    assert len(watch.told) == 1


def test_the_number_of_threads_changes_nothing(monkeypatch) -> None:
    import torch

    frame = people(700)
    before = torch.get_num_threads()
    blobs, rows = [], []
    for threads in (1, 4):
        torch.set_num_threads(threads)
        monkeypatch.setenv("OMP_NUM_THREADS", str(threads))
        engine = fitted(frame, epochs=2)
        blobs.append(engine.dump())
        rows.append(drawn(engine, 9_000))
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert blobs[0] == blobs[1]
    pd.testing.assert_frame_equal(rows[0], rows[1])


def test_the_model_holds_no_row_and_no_rare_value() -> None:
    frame = people(800)
    frame["n"] = frame["n"].round(6)
    frame.loc[0, "city"] = "Nuuk"
    engine = fitted(frame, epochs=1)
    blob = engine.dump()
    fitted_, params = load_model(blob)
    assert asdict(params) == asdict(engine.params)
    arrays = [getattr(f.cells, part) for f in fitted_.fields for part in ("low", "high", "mass")]
    stored = {float(value) for array in arrays for value in array}
    assert not stored & set(frame["n"])
    assert all("Nuuk" not in field.coder.labels for field in fitted_.fields)
    assert engine.load(blob).dump() == blob


def test_a_small_table_gets_a_narrower_network_that_a_file_remembers() -> None:
    assert recipe_of(TabularArParams(), 5_000).width == TabularArParams().width
    assert not recipe_of(TabularArParams(), 5_000).shares
    few = recipe_of(TabularArParams(dropout=0.6), 650)
    assert (few.width, few.dropout, few.shares) == (32, 0.9, True)
    engine = fitted(people(200), width=64, epochs=1)
    assert load_model(engine.dump())[0].size == (10, 2)
    loaded = TabularAr.load(engine.dump())
    pd.testing.assert_frame_equal(drawn(loaded, 50), drawn(engine, 50))


def test_numbers_share_in_a_large_table_where_they_hang_together_closely() -> None:
    frame = people(400)
    frame["m"] = frame["n"] * 2 + 1
    city, _, n = TABLE.columns
    m = Column("m", ColumnType.NUMBER)
    assert hangs_together(frame, [city, n, m])
    assert not hangs_together(frame, [city, city, city, n, m])
    assert not hangs_together(frame, [city, n])
    frame["m"] = np.random.default_rng(3).permutation(frame["m"])
    assert not hangs_together(frame, [n, m])
    assert recipe_of(TabularArParams(), 5_000, is_close=True).shares


def test_numbers_share_with_those_that_are_near_in_rank() -> None:
    low = np.array([30.0, 10.0, 11.0, 5000.0, 12.0, np.nan])
    mass = np.array([5.0, 5.0, 5.0, 500.0, 5.0, 80.0])
    matrix = neighbours(Cells(mass, low, low, np.arange(6, dtype=np.int32)))
    assert matrix[1, 2] > matrix[1, 4] > matrix[1, 0] > 0.3
    assert (np.diag(matrix) >= OWN).all()
    np.testing.assert_array_equal(matrix[5], np.arange(6) == 5)
    alone = np.arange(6) == 3
    np.testing.assert_allclose(matrix[3], alone, atol=0.01)
    np.testing.assert_allclose(matrix[~alone, 3], 0.0, atol=0.01)


def test_shared_vectors_are_sums_and_leave_the_others_alone() -> None:
    import torch

    table = torch.arange(10.0).reshape(5, 2)
    weights = {"embedding": table, "heads": table, "scale": table}
    block = torch.tensor([[0.5, 0.5], [0.0, 1.0]])
    made = Sharing({1: block}).of(weights)
    assert made["scale"] is table
    for name in ("embedding", "heads"):
        assert made[name].tolist() == [[0, 1], [3, 4], [4, 5], [6, 7], [8, 9]]
    assert Sharing({}).of(weights) is weights


@pytest.mark.parametrize("blob", [b"", b"PK", b'{"format": "tabular_ar"}'])
def test_other_bytes_are_no_model(blob: bytes) -> None:
    with pytest.raises(InvalidInput, match="not a model file"):
        TabularAr.load(blob)


def test_an_engine_has_to_be_fitted() -> None:
    with pytest.raises(InvalidInput, match="Call `fit` first"):
        drawn(TabularAr(TabularArParams()), 1)


def test_a_gpu_that_is_not_there_is_not_used_silently(monkeypatch) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(InvalidParameter, match="no GPU"):
        fitted(people(50), device="cuda")


def test_presets_are_within_bounds() -> None:
    for values in INFO.presets.values():
        json.dumps(asdict(build(TabularArParams, values)))


def test_slots_hold_few_cells_and_rare_labels_share_one() -> None:
    mass = np.array([9.0, 1.0, 7.0, 2.0, 8.0])
    place = np.arange(5.0)
    cells = Cells(mass, place, place, np.array([0, 0, 0, 0, 1], np.int32))
    assert slots_of(cells, True, 5).tolist() == [0, 2, 1, 2, 0]
    assert slots_of(cells, False, 5).tolist() == [0, 1, 2, 3, 0]
    many = np.full(500, 5.0)
    one = Cells(many, np.arange(500.0), np.arange(500.0), np.zeros(500, np.int32))
    slot = slots_of(one, False, 5)
    assert slot.max() == MOST_SLOTS - 1
    assert (np.diff(slot) >= 0).all()
    assert np.bincount(slot).max() - np.bincount(slot).min() <= 1


def test_the_second_token_of_a_column_follows_the_others() -> None:
    rng = np.random.default_rng(0)
    group = rng.integers(0, 2, 4000)
    fine = rng.permutation(4000) * 2.0 + group
    frame = pd.DataFrame({"fine": fine, "x": fine + rng.normal(size=4000)})
    frame["group"] = pd.Series(group.astype(str), dtype="string[pyarrow]")
    names = {"fine": ColumnType.NUMBER, "x": ColumnType.NUMBER, "group": ColumnType.CATEGORY}
    columns = [Column(name, kind) for name, kind in names.items()]
    taken = take_in(frame, columns, 16, 5, rng)
    assert [field.name for field in taken.fields] == list(names)
    first = taken.fields[0]
    assert first.classes == 16
    assert first.slots == MOST_SLOTS
    cell, numbers = first.find(frame["fine"])
    np.testing.assert_array_equal(numbers, fine)
    inside = (first.cells.low[cell] <= fine) & (fine <= first.cells.high[cell])
    assert inside.mean() > 0.99
    assert (cell == taken.cell[:, 0]).mean() > 0.99


def test_every_cell_comes_back_from_its_tokens() -> None:
    rng = np.random.default_rng(0)
    kind = np.append(np.arange(1000).repeat(8), np.arange(1000, 1400))
    labels = pd.Series(kind.astype(str), dtype="string[pyarrow]")
    column = Column("label", ColumnType.CATEGORY)
    (field,) = take_in(labels.to_frame("label"), [column], 64, 5, rng).fields
    assert field.classes <= 250
    assert field.slots > 1
    cell, _ = field.find(labels)
    some = cell[cell >= 0]
    values, _ = Drawn(field).value(field.cells.group[some], field.slot[some], rng)
    own = field.cells.mass[some] >= 5
    many = np.bincount(field.cells.group * 1000 + field.slot)
    alone = many[field.cells.group[some] * 1000 + field.slot[some]] == 1
    known = labels[cell >= 0].reset_index(drop=True)
    assert (values[own & alone] == known[own & alone]).all()


def test_features_of_numbers_are_finite_and_rise() -> None:
    values = np.array([-1e308, 0.0, 1.0, 1e308])
    cells = Cells(np.ones(4), values, values, np.arange(4, dtype=np.int32))
    made = scale_of(cells).features(np.append(values, np.nan))
    assert np.isfinite(made).all()
    assert (np.diff(made[:4, 0]) > 0).all()
    assert (made[4] == 0).all()


def test_contexts_know_what_comes_before_the_cut() -> None:
    import torch

    shape = Shape((2, 3, 4, 5), (1, 1, 6, 1), (2,), 8, 1)
    for any_order in (0.0, 1.0):
        asker = Asker(shape, 1, any_order)
        assert asker.tokens == 4
        contexts = asker.draw(2000, torch.Generator().manual_seed(0), "cpu")
        known, whole = contexts.known.numpy(), contexts.whole.numpy()
        asked, slot = contexts.next.numpy(), contexts.slot.numpy()
        rows = np.arange(2000)
        assert known[:, 0].all()
        assert (whole <= known).all()
        assert not whole[rows, asked].any()
        np.testing.assert_array_equal(known[rows, asked], slot)
        assert set(asked[slot]) == {2}
        weights = contexts.weights.numpy()
        assert not weights[known].any()
        assert (weights[~known] > 0).all()
        if any_order == 0:
            np.testing.assert_array_equal(whole, np.arange(4) < asked[:, None])
        else:
            assert (whole[:, 3] & ~known[:, 1]).any()


def test_the_weights_of_a_context_estimate_the_whole_row() -> None:
    import torch

    shape = Shape((2,) * 6, (1,) * 6, (), 8, 1)
    for any_order in (0.0, 0.5, 1.0):
        contexts = Asker(shape, 0, any_order).draw(40_000, torch.Generator().manual_seed(1), "cpu")
        assert float(contexts.weights.sum(dim=1).mean()) == pytest.approx(6, abs=1e-3)


def test_calibration_brings_mean_shares_to_those_of_the_rows() -> None:
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(5000, 4)).astype(np.float32)
    mass = np.array([200.0, 300.0, 500.0, 0.0])
    scores[:, 3] = log_shares(mass)[3]
    moved = scores + shift(scores, mass)
    np.testing.assert_allclose(shares_of(moved).mean(axis=0), mass / 1000, atol=0.01)


def test_columns_that_hang_together_in_nothing_are_drawn_so() -> None:
    frame = people(9)
    frame["ok"] = [True, False, False] * 3
    made = drawn(fitted(frame, epochs=1), 6000)
    rome, ok = made["city"] == "Rome", made["ok"].astype(bool)
    assert 0.1 < rome.mean() < 0.9
    assert (rome & ok).mean() == pytest.approx(rome.mean() * ok.mean(), abs=0.03)


def test_picked_entries_follow_the_shares_closely() -> None:
    scores = np.log(np.tile([0.5, 0.3, 0.2], (10_000, 1)))
    counts = np.bincount(pick(scores, np.random.default_rng(0)), minlength=3)
    np.testing.assert_allclose(counts / 10_000, [0.5, 0.3, 0.2], atol=0.001)
