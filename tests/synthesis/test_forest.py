"""The forest engine as a whole: types, seeds, odd columns, relations, privacy of rare values."""

import io
import itertools
import json
import warnings

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.errors import InvalidInput, JobCancelled
from core.progress import SilentProgress
from core.synthesis.forest import INFO, PRIVACY_DIAL, Forest, ForestParams
from core.synthesis.params import build

SILENT = SilentProgress()


def table_of(**types: ColumnType) -> Table:
    return Table("t", tuple(Column(name, kind) for name, kind in types.items()))


def frame_of(table: Table, **values: object) -> pd.DataFrame:
    columns = {c.name: pd.Series(values[c.name], dtype=c.type.dtype) for c in table.columns}
    return pd.DataFrame(columns)


def fitted(frame: pd.DataFrame, table: Table, seed: int = 0, **params: object) -> Forest:
    forest = Forest(build(ForestParams, params))
    forest.fit(frame, table, rng=np.random.default_rng(seed), progress=SILENT)
    return forest


def draw(forest: Forest, rows: int, seed: int = 1) -> pd.DataFrame:
    return forest.sample(rows, rng=np.random.default_rng(seed), progress=SILENT)


def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, table = mixed()
    forest = fitted(frame, table)
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    alone = draw(forest, 150_000)
    monkeypatch.setattr("core.synthesis.forest.threads.cores", lambda: 5)
    pd.testing.assert_frame_equal(alone, draw(forest, 150_000))


def mixed(rows: int = 400) -> tuple[pd.DataFrame, Table]:
    rng = np.random.default_rng(5)
    table = table_of(
        whole=ColumnType.INTEGER,
        number=ColumnType.NUMBER,
        flag=ColumnType.BOOLEAN,
        day=ColumnType.DATE,
        moment=ColumnType.DATETIME,
        clock=ColumnType.TIME,
        kind=ColumnType.CATEGORY,
        note=ColumnType.TEXT,
        empty=ColumnType.NUMBER,
        blank=ColumnType.CATEGORY,
        same=ColumnType.INTEGER,
    )
    days = np.datetime64("2020-01-01", "us") + rng.integers(0, 900, rows).astype("m8[D]")
    frame = frame_of(
        table,
        whole=pd.array(rng.integers(-50, 50, rows), dtype="Int64"),
        number=np.round(rng.normal(10, 3, rows), 2),
        flag=rng.random(rows) < 0.3,
        day=days,
        moment=days + rng.integers(0, 1440, rows).astype("m8[m]"),
        clock=(rng.integers(0, 86_400, rows) * 1_000_000).astype("m8[us]"),
        kind=rng.choice(["α", "東京", "с", ""], rows),
        note=[f"note {i}" for i in range(rows)],
        empty=np.full(rows, np.nan),
        blank=[None] * rows,
        same=np.full(rows, 7),
    )
    for name in ("whole", "number", "flag", "day", "moment", "clock", "kind"):
        frame.loc[rng.random(rows) < 0.1, name] = pd.NA
    return frame, table


def test_columns_order_and_dtypes_come_back() -> None:
    frame, table = mixed()
    out = draw(fitted(frame, table), 333)
    assert list(out.columns) == list(frame.columns)
    assert list(out.dtypes) == list(frame.dtypes)
    assert len(out) == 333


def test_values_keep_range_resolution_and_missingness() -> None:
    frame, table = mixed(2000)
    out = draw(fitted(frame, table), 2000)
    for name in ("whole", "number", "day", "moment", "clock"):
        assert out[name].min() >= frame[name].min()
        assert out[name].max() <= frame[name].max()
        assert abs(out[name].isna().mean() - frame[name].isna().mean()) < 0.01
    assert (out["moment"].dropna().dt.second == 0).all()
    assert (out["day"].dropna() == out["day"].dropna().dt.normalize()).all()
    assert np.allclose(out["number"].dropna().round(2), out["number"].dropna(), atol=0)
    assert set(out["kind"].dropna()) == {"α", "東京", "с", ""}
    assert out["empty"].isna().all()
    assert out["blank"].isna().all()
    assert (out["same"] == 7).all()


def test_same_seed_same_table_and_the_model_file_changes_nothing() -> None:
    frame, table = mixed()
    one, two = fitted(frame, table), fitted(frame, table)
    assert one.dump() == two.dump()
    loaded = INFO.load(one.dump())
    pd.testing.assert_frame_equal(draw(one, 50), draw(loaded, 50))
    assert not draw(one, 50, seed=1).equals(draw(one, 50, seed=2))


@pytest.mark.parametrize("rows", [1, 2, 3, 5])
def test_few_rows(rows: int) -> None:
    frame, table = mixed(400)
    few = frame.head(rows)
    out = draw(fitted(few, table), 20)
    assert list(out.dtypes) == list(frame.dtypes)


def test_one_column_and_no_rows_asked_for() -> None:
    table = table_of(a=ColumnType.INTEGER)
    frame = frame_of(table, a=[1, 2, 2, 3])
    forest = fitted(frame, table)
    assert len(draw(forest, 0)) == 0
    assert set(draw(forest, 30)["a"]) <= {1, 2, 3}


def test_many_columns() -> None:
    rng = np.random.default_rng(0)
    table = table_of(**{f"c{i}": ColumnType.INTEGER for i in range(220)})
    frame = pd.DataFrame(rng.integers(0, 9, (120, 220)), columns=table.names).astype("Int64")
    assert draw(fitted(frame, table), 10).shape == (10, 220)


def test_extreme_numbers_give_no_warning() -> None:
    table = table_of(x=ColumnType.NUMBER, y=ColumnType.NUMBER)
    rng = np.random.default_rng(0)
    x = np.append(rng.normal(0, 1, 98), [1e308, -1e308])
    frame = frame_of(table, x=x, y=x / 2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        out = draw(fitted(frame, table), 100)
    assert np.isfinite(out.to_numpy()).all()


def test_a_category_that_follows_another_is_learned() -> None:
    rng = np.random.default_rng(0)
    city = rng.choice(list("abcdefgh"), 4000)
    table = table_of(city=ColumnType.CATEGORY, land=ColumnType.CATEGORY)
    frame = frame_of(table, city=city, land=[{"a": "X", "b": "X"}.get(c, "Y") for c in city])
    out = draw(fitted(frame, table), 4000)
    wrong = (out["city"].isin(["a", "b"]) != (out["land"] == "X")).mean()
    assert wrong < 0.005


def test_missingness_follows_another_column() -> None:
    rng = np.random.default_rng(0)
    flag = rng.random(3000) < 0.5
    table = table_of(flag=ColumnType.BOOLEAN, x=ColumnType.NUMBER)
    frame = frame_of(table, flag=flag, x=np.where(flag, np.nan, rng.normal(size=3000)))
    out = draw(fitted(frame, table), 3000)
    assert (out["x"].isna() == out["flag"]).mean() > 0.99


def test_fifty_thousand_labels_are_bounded_work() -> None:
    rng = np.random.default_rng(0)
    number = rng.integers(0, 50_000, 60_000)
    table = table_of(code=ColumnType.CATEGORY, x=ColumnType.INTEGER)
    frame = frame_of(table, code=[f"v{n:05d}" for n in number], x=number // 500)
    out = draw(fitted(frame, table), 5000)
    near = out["code"].str[1:].astype(int).floordiv(500) - out["x"].astype(int)
    assert set(out["code"]) <= set(frame["code"])
    assert near.abs().median() <= 4


def test_rare_labels_are_left_out_where_common_ones_cover_the_column() -> None:
    table = table_of(name=ColumnType.CATEGORY)
    frame = frame_of(table, name=["a"] * 60 + ["b"] * 60 + ["only one"])
    assert set(draw(fitted(frame, table), 2000)["name"]) == {"a", "b"}
    assert "only one" in set(draw(fitted(frame, table, protect_rare=1), 2000)["name"])


def test_all_labels_can_be_drawn_where_common_ones_do_not_cover_the_column() -> None:
    table = table_of(name=ColumnType.CATEGORY)
    names = ["a"] * 40 + ["b"] * 40 + [f"only {i}" for i in range(20)]
    drawn = set(draw(fitted(frame_of(table, name=names), table), 5000)["name"])
    assert drawn == set(names)


def test_rare_numbers_are_not_replayed() -> None:
    rng = np.random.default_rng(0)
    x = np.round(rng.lognormal(10, 2, 3000), 4)
    table = table_of(x=ColumnType.NUMBER)
    out = draw(fitted(frame_of(table, x=x), table), 3000)
    assert np.isin(out["x"], x).mean() < 0.01
    blob = fitted(frame_of(table, x=x), table).dump()
    assert len(blob) < 20_000


def test_a_lone_extreme_is_neither_drawn_nor_stored() -> None:
    rng = np.random.default_rng(0)
    pay = np.append(np.round(rng.normal(3000, 200, 2000)), [987_654, -4321])
    table = table_of(pay=ColumnType.INTEGER, twice=ColumnType.INTEGER)
    forest = fitted(frame_of(table, pay=pay, twice=2 * pay + 1), table)
    out = draw(forest, 5000)
    assert 500 < out["pay"].min() < 3000 < out["pay"].max() < 300_000
    assert out["twice"].max() < 600_000
    with np.load(io.BytesIO(forest.dump())) as arrays:
        for name in arrays.files:
            assert not np.isin(arrays[name], [987_654, 1_975_309, -4321, -8641]).any(), name


def test_context_columns_are_given_and_used() -> None:
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, 3000)
    table = table_of(group=ColumnType.CATEGORY, x=ColumnType.INTEGER)
    frame = frame_of(table, group=np.array(list("abc"))[group], x=group * 100 + 1)
    forest = Forest(ForestParams())
    rng = np.random.default_rng(0)
    forest.fit(frame, table, rng=rng, progress=SILENT, context=("group",))
    given = pd.DataFrame({"group": pd.Series(["c", "a", "zz"], dtype="string[pyarrow]")})
    out = forest.sample(3, rng=rng, progress=SILENT, given=given)
    assert out["group"].tolist() == ["c", "a", "zz"]
    assert out["x"].tolist()[:2] == [201, 1]
    with pytest.raises(InvalidInput, match="4 rows"):
        forest.sample(4, rng=rng, progress=SILENT, given=given)


class Watch(SilentProgress):
    def __init__(self, stop_at: int | None = None) -> None:
        self.notes: list[str] = []
        self.stop_at = stop_at

    def step(self, done: float, total: float, note: str = "", values: object = None) -> None:
        self.notes.append(note)
        if len(self.notes) == self.stop_at:
            raise JobCancelled("stopped")


def test_progress_names_each_column_and_cancel_passes_through() -> None:
    frame, table = mixed(50)
    watch = Watch()
    forest = Forest(ForestParams())
    forest.fit(frame, table, rng=np.random.default_rng(0), progress=watch)
    assert all(any(c.name in note for note in watch.notes) for c in table.columns)
    with pytest.raises(JobCancelled):
        forest.sample(9, rng=np.random.default_rng(0), progress=Watch(stop_at=2))


def test_what_is_no_model_file_is_refused() -> None:
    with pytest.raises(InvalidInput, match="fit"):
        Forest(ForestParams()).dump()
    for blob in (b"", b"PK\x03\x04junk", b"\x80\x04K\x01."):
        with pytest.raises(InvalidInput, match="model file"):
            Forest.load(blob)


def test_files_of_version_two_still_load_and_newer_ones_are_refused() -> None:
    frame, table = mixed(400)
    forest = fitted(frame, table)
    with np.load(io.BytesIO(forest.dump())) as archive:
        arrays = {name: archive[name] for name in archive.files}
    header = json.loads(arrays["header"].tobytes())
    assert header["version"] == 4
    for name in [name for name in arrays if name.endswith(".shares")]:
        assert arrays[name].dtype == np.float16
        arrays[name] = arrays[name].astype(np.float32)

    def written(version: int) -> bytes:
        changed = json.dumps(header | {"version": version}).encode()
        stream = io.BytesIO()
        np.savez(stream, **arrays | {"header": np.frombuffer(changed, np.uint8)})
        return stream.getvalue()

    del header["steps"], header["kept"], header["params"]["corrections"]
    pd.testing.assert_frame_equal(draw(Forest.load(written(2)), 50), draw(forest, 50))
    with pytest.raises(InvalidInput, match="2 or 3 or 4"):
        Forest.load(written(5))


def test_presets_are_valid() -> None:
    assert set(INFO.presets) == {"quick look", "balanced", "best"}
    for values in INFO.presets.values():
        build(ForestParams, values)


def test_decimals_of_the_format_are_kept() -> None:
    table = Table("t", (Column("p", ColumnType.NUMBER, format=ValueFormat(decimals=2)),))
    p = np.round(np.random.default_rng(0).gamma(2, 50, 500), 2)
    out = draw(fitted(pd.DataFrame({"p": p}), table), 500)["p"]
    assert np.array_equal(out, out.round(2))


def test_sums_and_differences_of_columns_hold() -> None:
    rng = np.random.default_rng(0)
    net = np.round(rng.lognormal(4, 1, 4000), 2)
    tax = np.round(net * rng.choice([0.07, 0.19], 4000), 2)
    table = table_of(net=ColumnType.NUMBER, tax=ColumnType.NUMBER, total=ColumnType.NUMBER)
    frame = frame_of(table, net=net, tax=tax, total=np.round(net + tax, 2))
    out = draw(fitted(frame, table), 4000)
    assert (np.abs(out["net"] + out["tax"] - out["total"]) < 0.006).mean() > 0.98


def test_two_close_readings_stay_close() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(0, 10, 5000)
    table = table_of(one=ColumnType.NUMBER, two=ColumnType.NUMBER)
    two = 2 * one + rng.normal(0, 0.1, 5000)
    out = draw(fitted(frame_of(table, one=one, two=two), table), 5000)
    assert abs((out["two"] - 2 * out["one"]).std() - 0.1) < 0.01


def test_an_end_never_comes_before_its_start() -> None:
    rng = np.random.default_rng(0)
    start = np.datetime64("2020-01-01", "us") + rng.integers(0, 900, 3000).astype("m8[D]")
    end = start + rng.integers(0, 400, 3000).astype("m8[D]")
    table = table_of(start=ColumnType.DATE, end=ColumnType.DATE)
    frame = frame_of(table, start=start, end=end)
    frame.loc[rng.random(3000) < 0.2, "end"] = pd.NaT
    out = draw(fitted(frame, table), 3000)
    both = out.dropna()
    assert len(both) > 2000
    assert (both["end"] >= both["start"]).all()
    lengths = (both["end"] - both["start"]).dt.days
    assert abs(lengths.mean() - 200) < 15


SEED_NOISE = 0.002


def test_the_privacy_dial_goes_one_way_and_never_below_the_default_protection() -> None:
    assert PRIVACY_DIAL[0].name == "closest"
    built = [build(ForestParams, step.params) for step in PRIVACY_DIAL]
    for low, high in itertools.pairwise(built):
        assert low.min_leaf <= high.min_leaf
        assert low.caution <= high.caution
        assert ForestParams().protect_rare <= low.protect_rare <= high.protect_rare
    balanced = next(p for p, s in zip(built, PRIVACY_DIAL, strict=True) if s.name == "balanced")
    assert balanced == ForestParams()


def test_each_step_of_the_dial_says_what_it_was_measured_to_do() -> None:
    for step in PRIVACY_DIAL:
        assert [effect.table for effect in step.measured] == ["census", "titanic"]
        assert all(0.4 < effect.dcr < 0.6 for effect in step.measured)
    for table in (0, 1):
        biv = [step.measured[table].biv for step in PRIVACY_DIAL]
        assert all(after <= before + SEED_NOISE for before, after in itertools.pairwise(biv))
        assert biv[-1] < biv[0] - SEED_NOISE


def test_products_of_columns_hold() -> None:
    rng = np.random.default_rng(0)
    price = rng.choice(np.round(rng.lognormal(3, 1, 40), 2), 4000)
    count = rng.integers(1, 9, 4000)
    table = table_of(price=ColumnType.NUMBER, count=ColumnType.INTEGER, net=ColumnType.NUMBER)
    frame = frame_of(table, price=price, count=count, net=np.round(price * count, 2))
    out = draw(fitted(frame, table), 4000)
    exact = np.abs(out["price"] * out["count"].astype(float) - out["net"]) < 0.006
    assert exact.mean() > 0.98


def test_a_ratio_is_not_forced_on_counts() -> None:
    rng = np.random.default_rng(0)
    tries = rng.integers(20, 200, 5000)
    hits = rng.binomial(tries, 0.3)
    table = table_of(tries=ColumnType.INTEGER, hits=ColumnType.INTEGER)
    out = draw(fitted(frame_of(table, tries=tries, hits=hits), table), 5000)
    drawn, real = np.unique(out["hits"]), np.unique(hits)
    assert len(np.setdiff1d(real, drawn)) < 0.15 * len(real)
    miss = out["hits"].astype(float) - 0.3 * out["tries"].astype(float)
    assert abs(miss.std() - (hits - 0.3 * tries).std()) < 1


def test_columns_are_fitted_alike_by_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    frame, table = mixed(600)
    monkeypatch.setattr("core.synthesis.forest.threads.cores", lambda: 1)
    alone = fitted(frame, table).dump()
    monkeypatch.setattr("core.synthesis.forest.threads.cores", lambda: 4)
    assert fitted(frame, table).dump() == alone
