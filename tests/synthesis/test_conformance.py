"""What every engine in the registry has to do, whatever it is made of."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.errors import JobCancelled
from core.progress import SilentProgress
from core.synthesis.params import build, specs
from core.synthesis.protocol import Engine
from core.synthesis.registry import ENGINES

QUICK = {"ctgan": {"epochs": 2, "layer_width": 16}, "tvae": {"epochs": 2, "layer_width": 16}}
PRESETS = {"quick look", "balanced", "best"}


OPEN = sorted(name for name, info in ENGINES.items() if not info.formal_guarantee)


@pytest.fixture(params=OPEN)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@dataclass
class Recorder:
    """Keeps what was reported; stops the work at step ``stop``."""

    stop: int | None = None
    steps: list[tuple[float, float]] = field(default_factory=list)

    def stage(self, name: str) -> None: ...

    def step(self, done, total, note="", values=None) -> None:
        self.steps.append((done, total))
        if self.stop is not None and len(self.steps) > self.stop:
            raise JobCancelled("Stopped by the test.")


def fitted(name: str, frame: pd.DataFrame, table: Table, seed: int = 1, progress=None) -> Engine:
    engine = make(name)
    rng = np.random.default_rng(seed)
    engine.fit(frame, table, rng=rng, progress=progress or SilentProgress())
    return engine


def make(name: str) -> Engine:
    info = ENGINES[name]
    return info.make(build(info.params, QUICK.get(name, {})))


def drawn(engine: Engine, rows: int, seed: int = 2, progress=None) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return engine.sample(rows, rng=rng, progress=progress or SilentProgress())


def column(name: str, kind: ColumnType, values, **format_) -> tuple[Column, pd.Series]:
    series = pd.Series(values, dtype=kind.dtype)
    return Column(name, kind, format=ValueFormat(**format_)), series


def table_of(*columns: tuple[Column, pd.Series]) -> tuple[pd.DataFrame, Table]:
    frame = pd.DataFrame({c.name: v for c, v in columns})
    return frame, Table("t", tuple(c for c, _ in columns))


def mixed(rows: int = 160) -> tuple[pd.DataFrame, Table]:
    """Every type, half of the columns with missing values."""
    rng = np.random.default_rng(7)
    age = rng.integers(18, 90, rows)
    gaps = rng.random(rows) < 0.25
    day = np.datetime64("2020-02-28") + rng.integers(0, 400, rows)
    moment = np.datetime64("2021-06-01T00:00:00") + rng.integers(0, 5_000, rows) * 3600
    times = pd.Series(rng.integers(0, 1440, rows) * 60_000_000).astype("timedelta64[us]")
    words = np.array(["größer", "日本語", "Ελλάδα", 'plain, with "quotes"'])
    return table_of(
        column("age", ColumnType.INTEGER, age),
        column("income", ColumnType.NUMBER, np.where(gaps, np.nan, age * 12.25), decimals=2),
        column(
            "active",
            ColumnType.BOOLEAN,
            [None if g else a > 50 for g, a in zip(gaps, age, strict=True)],
        ),
        column("born", ColumnType.DATE, pd.Series(day).mask(gaps)),
        column("seen", ColumnType.DATETIME, moment),
        column("opens", ColumnType.TIME, times.mask(gaps)),
        column("word", ColumnType.CATEGORY, pd.Series(words[age % 4]).mask(gaps)),
        column("constant", ColumnType.INTEGER, [5] * rows),
        column("blank", ColumnType.NUMBER, [np.nan] * rows),
        column("blank word", ColumnType.CATEGORY, [None] * rows),
    )


def test_columns_order_and_types_come_back(name):
    frame, table = mixed()
    sample = drawn(fitted(name, frame, table), 75)
    assert list(sample.columns) == list(table.names)
    assert sample.dtypes.to_dict() == frame.dtypes.to_dict()
    assert len(sample) == 75
    assert sample.index.equals(pd.RangeIndex(75))


def test_values_stay_inside_what_was_seen(name):
    frame, table = mixed()
    sample = drawn(fitted(name, frame, table), 300)
    assert sample["age"].between(frame["age"].min(), frame["age"].max()).all()
    born = sample["born"].dropna()
    assert (born == born.dt.normalize()).all()
    assert set(sample["word"].dropna()) <= set(frame["word"].dropna())
    assert (sample["constant"] == 5).all()
    assert sample[["blank", "blank word"]].isna().all().all()
    cents = sample["income"].dropna() * 100
    np.testing.assert_allclose(cents, cents.round(), atol=1e-6)


def test_missing_values_keep_about_their_share(name):
    frame, table = mixed(400)
    sample = drawn(fitted(name, frame, table), 1000)
    for column_name in ("income", "active", "born", "opens", "word"):
        assert abs(sample[column_name].isna().mean() - frame[column_name].isna().mean()) < 0.12
    assert sample[["age", "seen", "constant"]].notna().all().all()


def test_same_seed_same_table_and_other_seed_another(name):
    frame, table = mixed()
    one, again = fitted(name, frame, table), fitted(name, frame, table)
    pd.testing.assert_frame_equal(drawn(one, 60), drawn(again, 60))
    pd.testing.assert_frame_equal(drawn(one, 60), drawn(one, 60))
    assert not drawn(one, 60, seed=2).equals(drawn(one, 60, seed=3))


def test_global_generators_are_left_alone(name):
    frame, table = mixed(40)
    np.random.seed(3)
    expected = np.random.random(3)
    np.random.seed(3)
    drawn(fitted(name, frame, table), 10)
    np.testing.assert_array_equal(np.random.random(3), expected)


def test_dump_and_load_give_the_same_sample(name):
    frame, table = mixed()
    engine = fitted(name, frame, table)
    again = ENGINES[name].load(engine.dump())
    pd.testing.assert_frame_equal(drawn(engine, 50), drawn(again, 50))


def test_the_frame_is_not_changed(name):
    frame, table = mixed(50)
    before = frame.copy(deep=True)
    drawn(fitted(name, frame, table), 5)
    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize("kind", list(ColumnType))
def test_one_row(name, kind):
    values = {
        ColumnType.INTEGER: [3],
        ColumnType.NUMBER: [2.5],
        ColumnType.BOOLEAN: [True],
        ColumnType.DATE: pd.to_datetime(["2020-02-29"]),
        ColumnType.DATETIME: pd.to_datetime(["2020-02-29 12:30"]),
        ColumnType.TIME: pd.to_timedelta(["08:15:00"]),
        ColumnType.CATEGORY: ["x"],
        ColumnType.TEXT: ["only this"],
    }
    frame, table = table_of(column("c", kind, values[kind]))
    sample = drawn(fitted(name, frame, table), 4)
    pd.testing.assert_frame_equal(sample, pd.concat([frame] * 4, ignore_index=True))


def test_two_rows(name):
    frame, table = mixed(2)
    assert len(drawn(fitted(name, frame, table), 9)) == 9


def test_one_column(name):
    frame, table = table_of(column("n", ColumnType.NUMBER, np.linspace(0, 1, 120)))
    sample = drawn(fitted(name, frame, table), 50)
    assert sample["n"].between(0, 1).all()
    assert sample["n"].nunique() > 5


def test_no_rows_asked(name):
    frame, table = mixed(30)
    sample = drawn(fitted(name, frame, table), 0)
    assert len(sample) == 0
    assert sample.dtypes.to_dict() == frame.dtypes.to_dict()


def test_extreme_numbers(name):
    huge = [1e308, -1e308, 1e-308, 0.0, np.nan] * 12
    large = np.arange(60) * (2**53 // 60)
    frame, table = table_of(
        column("huge", ColumnType.NUMBER, huge),
        column("wide", ColumnType.NUMBER, np.geomspace(1e-300, 1e300, 60)),
        column("large", ColumnType.INTEGER, large),
    )
    sample = drawn(fitted(name, frame, table), 40)
    assert np.isfinite(sample["huge"].dropna()).all()
    assert np.isfinite(sample["wide"]).all()
    assert sample["large"].between(0, 2**53).all()


def test_names_that_could_clash(name):
    names = ("c0", "c1", "index", "", "a b", "t", "x.value", "ü", "c0s")
    rng = np.random.default_rng(0)
    columns = [column(n, ColumnType.INTEGER, rng.integers(0, 99, 40)) for n in names]
    frame, table = table_of(*columns)
    assert list(drawn(fitted(name, frame, table), 7).columns) == list(names)


def test_high_cardinality(name):
    values = [f"k{i}" for i in range(5_000)]
    frame, table = table_of(
        column("key", ColumnType.CATEGORY, values),
        column("n", ColumnType.NUMBER, np.linspace(0, 1, 5_000)),
    )
    sample = drawn(fitted(name, frame, table), 2_000)
    assert set(sample["key"]) <= set(values)
    assert sample["key"].nunique() > 100


@pytest.mark.slow
def test_two_hundred_columns(name):
    rng = np.random.default_rng(0)
    numbers = [column(f"n{i}", ColumnType.NUMBER, rng.normal(size=60)) for i in range(100)]
    words = [
        column(f"w{i}", ColumnType.CATEGORY, rng.choice(list("abc"), size=60)) for i in range(100)
    ]
    frame, table = table_of(*numbers, *words)
    assert drawn(fitted(name, frame, table), 20).shape == (20, 200)


def test_progress_is_reported_and_ends_at_its_total(name):
    frame, table = mixed(60)
    fit, sample = Recorder(), Recorder()
    engine = fitted(name, frame, table, progress=fit)
    drawn(engine, 30, progress=sample)
    for steps in (fit.steps, sample.steps):
        assert steps
        assert steps[-1][0] == steps[-1][1]
        done = [s[0] / s[1] for s in steps]
        assert done == sorted(done)


def test_cancel_in_fit(name):
    frame, table = mixed(60)
    with pytest.raises(JobCancelled):
        fitted(name, frame, table, progress=Recorder(stop=0))
    assert len(drawn(fitted(name, frame, table), 5)) == 5


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_description_is_complete(name):
    info = ENGINES[name]
    assert info.name == name
    assert all((info.title, info.summary, info.good_at, info.not_for, info.licence))
    assert set(info.presets) == PRESETS
    for values in info.presets.values():
        build(info.params, values)
    for spec in specs(info.params):
        assert spec.title
        assert len(spec.help) > 10
        is_number = isinstance(spec.default, (int, float)) and not isinstance(spec.default, bool)
        assert not is_number or (spec.low is not None and spec.high is not None), spec.name
