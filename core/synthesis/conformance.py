"""What every engine has to do, as checks that anybody can run.

The studio's own engines pass them in its tests, and an outside package runs them on its own::

    @pytest.mark.parametrize("check", sorted(CHECKS))
    def test_conforms(check):
        CHECKS[check](Candidate(INFO, {"epochs": 2}))

A check raises ``AssertionError`` where the engine does not do what it says. Those of
:data:`CHECKS` are for engines without a formal guarantee; those of :data:`PRIVATE_CHECKS` for
engines with one, whose :class:`Candidate` says under which parameters they promise something.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from core.data.schema import Column, ColumnType, Table, ValueFormat
from core.errors import InvalidInput, JobCancelled
from core.privacy.ledger import Ledger
from core.privacy.public import PublicTable, public_from_dict
from core.progress import Progress, SilentProgress
from core.synthesis.description import description_problems
from core.synthesis.params import build
from core.synthesis.protocol import Engine, EngineInfo, PrivateFit

__all__ = ["CHECKS", "PRIVATE_CHECKS", "Candidate", "Recorder", "mixed", "problems"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An engine that is looked at.

    Attributes
    ----------
    params
        Parameters under which it is quick; its defaults where none are named.
    """

    info: EngineInfo
    params: Mapping[str, Any] = field(default_factory=dict)

    def make(self) -> Engine:
        """A new engine that has learned nothing."""
        engine: Engine = self.info.make(build(self.info.params, self.params))
        return engine

    def fitted(
        self, frame: pd.DataFrame, table: Table, seed: int = 1, progress: Progress | None = None
    ) -> Engine:
        """An engine that has learned ``frame``."""
        engine = self.make()
        learning: dict[str, Any] = {
            "rng": np.random.default_rng(seed),
            "progress": progress or SilentProgress(),
        }
        if self.info.formal_guarantee:
            learning["private"] = PrivateFit(self.ledger(), declared(table))
        engine.fit(frame, table, **learning)
        return engine

    def ledger(self) -> Ledger:
        """An empty ledger of what an engine with a formal guarantee promises."""
        return Ledger(build(self.info.params, self.params).guarantee)


@dataclass(slots=True)
class Recorder:
    """Progress that keeps what was reported, and stops the work after step ``stop``."""

    stop: int | None = None
    steps: list[tuple[float, float]] = field(default_factory=list)

    def stage(self, name: str) -> None:
        """Stages are not kept."""

    def step(
        self, done: float, total: float, note: str = "", values: Mapping[str, float] | None = None
    ) -> None:
        """Keep a step; raises ``JobCancelled`` when it is the one to stop at."""
        self.steps.append((done, total))
        if self.stop is not None and len(self.steps) > self.stop:
            raise JobCancelled("Stopped by the check.")


def problems(candidate: Candidate) -> list[str]:
    """What an engine does not do, each with the name of its check; empty when all is well."""
    found = []
    for name, check in CHECKS.items():
        try:
            check(candidate)
        except Exception as error:  # noqa: BLE001 (a check of foreign code: anything may come)
            found.append(f"{name}: {type(error).__name__}: {error}")
    return found


def drawn(
    engine: Engine, rows: int, seed: int = 2, progress: Progress | None = None
) -> pd.DataFrame:
    """Rows of a fitted engine."""
    rng = np.random.default_rng(seed)
    return engine.sample(rows, rng=rng, progress=progress or SilentProgress())


def column(name: str, kind: ColumnType, values: Any, **style: Any) -> tuple[Column, pd.Series]:
    """A column with its values in their canonical dtype; ``style`` is its value format."""
    return Column(name, kind, format=ValueFormat(**style)), pd.Series(values, dtype=kind.dtype)


def table_of(*columns: tuple[Column, pd.Series]) -> tuple[pd.DataFrame, Table]:
    """A frame and its table."""
    frame = pd.DataFrame({c.name: values for c, values in columns})
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
    above = [None if g else a > 50 for g, a in zip(gaps, age, strict=True)]
    return table_of(
        column("age", ColumnType.INTEGER, age),
        column("income", ColumnType.NUMBER, np.where(gaps, np.nan, age * 12.25), decimals=2),
        column("active", ColumnType.BOOLEAN, above),
        column("born", ColumnType.DATE, pd.Series(day).mask(gaps)),
        column("seen", ColumnType.DATETIME, moment),
        column("opens", ColumnType.TIME, times.mask(gaps)),
        column("word", ColumnType.CATEGORY, pd.Series(words[age % 4]).mask(gaps)),
        column("constant", ColumnType.INTEGER, [5] * rows),
        column("blank", ColumnType.NUMBER, [np.nan] * rows),
        column("blank word", ColumnType.CATEGORY, [None] * rows),
    )


def declared(table: Table) -> PublicTable:
    """What is public of the columns of :func:`mixed`, as far as a table has them."""
    words = ["größer", "日本語", "Ελλάδα", 'plain, with "quotes"']
    columns: dict[str, dict[str, Any]] = {
        "age": {"low": 18, "high": 90},
        "income": {"low": 0, "high": 1200, "missing": True},
        "active": {"values": ["False", "True"], "missing": True},
        "born": {"low": "2020-01-01", "high": "2021-12-31", "missing": True},
        "seen": {"low": "2021-06-01T00:00:00", "high": "2022-01-31T00:00:00"},
        "opens": {"low": "00:00:00", "high": "23:59:00", "missing": True},
        "word": {"values": words, "missing": True},
        "constant": {"low": 0, "high": 9},
        "blank": {"low": 0, "high": 1, "missing": True},
        "blank word": {"values": ["x"], "missing": True},
    }
    known = {name: columns[name] for name in table.names if name in columns}
    return public_from_dict({"columns": known})


def _holds(is_true: Any, what: str) -> None:
    if not bool(is_true):
        raise AssertionError(what)


def _has_the_form_of(sample: pd.DataFrame, frame: pd.DataFrame, rows: int) -> None:
    _holds(list(sample.columns) == list(frame.columns), "The columns or their order differ.")
    _holds(sample.dtypes.to_dict() == frame.dtypes.to_dict(), "The dtypes differ.")
    _holds(len(sample) == rows, f"{rows} rows were asked for, {len(sample)} came.")


def check_columns_order_and_types(candidate: Candidate) -> None:
    """A sample has the columns, order and dtypes of the frame, and rows numbered from 0."""
    frame, table = mixed()
    sample = drawn(candidate.fitted(frame, table), 75)
    _has_the_form_of(sample, frame, 75)
    _holds(sample.index.equals(pd.RangeIndex(75)), "The rows are not numbered from 0.")


def check_values_stay_inside_what_was_seen(candidate: Candidate) -> None:
    """Numbers stay in their range, days are days, words were seen, decimals are kept."""
    frame, table = mixed()
    sample = drawn(candidate.fitted(frame, table), 300)
    low, high = frame["age"].min(), frame["age"].max()
    _holds(sample["age"].between(low, high).all(), "Numbers lie outside of what was seen.")
    born = sample["born"].dropna()
    _holds((born == born.dt.normalize()).all(), "Dates have a time of day.")
    words = set(sample["word"].dropna()) - set(frame["word"].dropna())
    _holds(not words, "Categories were made that were not seen.")
    _holds((sample["constant"] == 5).all(), "A constant column varies.")
    blank = sample[["blank", "blank word"]].isna().to_numpy().all()
    _holds(blank, "Columns without a value have values.")
    cents = sample["income"].dropna() * 100
    np.testing.assert_allclose(cents, cents.round(), atol=1e-6)


def check_missing_values_keep_their_share(candidate: Candidate) -> None:
    """About as many values are missing as in the frame, and none where none were."""
    frame, table = mixed(400)
    sample = drawn(candidate.fitted(frame, table), 1000)
    for name in ("income", "active", "born", "opens", "word"):
        gap = abs(sample[name].isna().mean() - frame[name].isna().mean())
        _holds(gap < 0.12, f"The share of missing values of {name!r} is {gap:.2f} off.")
    complete = sample[["age", "seen", "constant"]].notna().to_numpy().all()
    _holds(complete, "Values are missing where none were.")


def check_seed_decides(candidate: Candidate) -> None:
    """The same seed gives the same table, another seed another one."""
    frame, table = mixed()
    one, again = candidate.fitted(frame, table), candidate.fitted(frame, table)
    pd.testing.assert_frame_equal(drawn(one, 60), drawn(again, 60))
    pd.testing.assert_frame_equal(drawn(one, 60), drawn(one, 60))
    differs = not drawn(one, 60, seed=2).equals(drawn(one, 60, seed=3))
    _holds(differs, "Two seeds give the same table.")


def check_global_generators_are_left_alone(candidate: Candidate) -> None:
    """Randomness comes from the generator that is given, never from NumPy's own."""
    frame, table = mixed(40)
    np.random.seed(3)
    expected = np.random.random(3)
    np.random.seed(3)
    drawn(candidate.fitted(frame, table), 10)
    np.testing.assert_array_equal(np.random.random(3), expected)


def check_dump_and_load(candidate: Candidate) -> None:
    """A loaded model gives the same sample as the one that was dumped."""
    frame, table = mixed()
    engine = candidate.fitted(frame, table)
    blob = engine.dump()
    _holds(isinstance(blob, bytes), "`dump` does not give bytes.")
    pd.testing.assert_frame_equal(drawn(engine, 50), drawn(candidate.info.load(blob), 50))


def check_the_frame_is_not_changed(candidate: Candidate) -> None:
    """Learning leaves the frame as it is."""
    frame, table = mixed(50)
    before = frame.copy(deep=True)
    drawn(candidate.fitted(frame, table), 5)
    pd.testing.assert_frame_equal(frame, before)


def check_one_row(candidate: Candidate) -> None:
    """A table of one row, of each type, is learned and comes back as it is."""
    values: dict[ColumnType, Any] = {
        ColumnType.INTEGER: [3],
        ColumnType.NUMBER: [2.5],
        ColumnType.BOOLEAN: [True],
        ColumnType.DATE: pd.to_datetime(["2020-02-29"]),
        ColumnType.DATETIME: pd.to_datetime(["2020-02-29 12:30"]),
        ColumnType.TIME: pd.to_timedelta(["08:15:00"]),
        ColumnType.CATEGORY: ["x"],
        ColumnType.TEXT: ["only this"],
    }
    for kind, value in values.items():
        frame, table = table_of(column("c", kind, value))
        sample = drawn(candidate.fitted(frame, table), 4)
        expected = pd.concat([frame] * 4, ignore_index=True)
        pd.testing.assert_frame_equal(sample, expected, obj=f"one row of type {kind}")


def check_two_rows(candidate: Candidate) -> None:
    """Two rows are enough."""
    frame, table = mixed(2)
    _holds(len(drawn(candidate.fitted(frame, table), 9)) == 9, "Nine rows were asked for.")


def check_one_column(candidate: Candidate) -> None:
    """A single column of numbers is learned as a distribution."""
    frame, table = table_of(column("n", ColumnType.NUMBER, np.linspace(0, 1, 120)))
    sample = drawn(candidate.fitted(frame, table), 50)
    _holds(sample["n"].between(0, 1).all(), "Numbers lie outside of what was seen.")
    _holds(sample["n"].nunique() > 5, "A distribution came back as a few values.")


def check_no_rows_asked(candidate: Candidate) -> None:
    """No rows are a frame of the same form."""
    frame, table = mixed(30)
    _has_the_form_of(drawn(candidate.fitted(frame, table), 0), frame, 0)


def check_extreme_numbers(candidate: Candidate) -> None:
    """The largest and smallest numbers neither overflow nor leave their range."""
    frame, table = table_of(
        column("huge", ColumnType.NUMBER, [1e308, -1e308, 1e-308, 0.0, np.nan] * 12),
        column("wide", ColumnType.NUMBER, np.geomspace(1e-300, 1e300, 60)),
        column("large", ColumnType.INTEGER, np.arange(60) * (2**53 // 60)),
    )
    sample = drawn(candidate.fitted(frame, table), 40)
    for name in ("huge", "wide"):
        _holds(np.isfinite(sample[name].dropna()).all(), f"{name!r} holds infinite numbers.")
    _holds(sample["wide"].notna().all(), "Values are missing where none were.")
    _holds(sample["large"].between(0, 2**53).all(), "Numbers lie outside of what was seen.")


def check_names_that_could_clash(candidate: Candidate) -> None:
    """Columns may be called anything."""
    names = ("c0", "c1", "index", "", "a b", "t", "x.value", "ü", "c0s")
    rng = np.random.default_rng(0)
    frame, table = table_of(
        *[column(name, ColumnType.INTEGER, rng.integers(0, 99, 40)) for name in names]
    )
    sample = drawn(candidate.fitted(frame, table), 7)
    _holds(list(sample.columns) == list(names), "The names or their order differ.")


def check_high_cardinality(candidate: Candidate) -> None:
    """A category of thousands of values is learned, and comes back as seen values."""
    values = [f"k{i}" for i in range(5_000)]
    frame, table = table_of(
        column("key", ColumnType.CATEGORY, values),
        column("n", ColumnType.NUMBER, np.linspace(0, 1, 5_000)),
    )
    sample = drawn(candidate.fitted(frame, table), 2_000)
    _holds(set(sample["key"]) <= set(values), "Categories were made that were not seen.")
    _holds(sample["key"].nunique() > 100, "Thousands of values came back as a few.")


def check_two_hundred_columns(candidate: Candidate) -> None:
    """A wide table of few rows is learned."""
    rng = np.random.default_rng(0)
    numbers = [column(f"n{i}", ColumnType.NUMBER, rng.normal(size=60)) for i in range(100)]
    words = [
        column(f"w{i}", ColumnType.CATEGORY, rng.choice(list("abc"), size=60)) for i in range(100)
    ]
    frame, table = table_of(*numbers, *words)
    shape = drawn(candidate.fitted(frame, table), 20).shape
    _holds(shape == (20, 200), f"20 rows of 200 columns were asked for, {shape} came.")


def check_progress_ends_at_its_total(candidate: Candidate) -> None:
    """Fitting and sampling report steps that only grow and end at their total."""
    frame, table = mixed(60)
    fit, sample = Recorder(), Recorder()
    engine = candidate.fitted(frame, table, progress=fit)
    drawn(engine, 30, progress=sample)
    for name, steps in (("fit", fit.steps), ("sample", sample.steps)):
        _holds(steps, f"`{name}` reports no step.")
        _holds(steps[-1][0] == steps[-1][1], f"`{name}` does not end at its total.")
        done = [step[0] / step[1] for step in steps]
        _holds(done == sorted(done), f"The steps of `{name}` go back.")


def check_cancel_in_fit(candidate: Candidate) -> None:
    """What progress raises ends the fit, and another fit is possible afterwards."""
    frame, table = mixed(60)
    try:
        candidate.fitted(frame, table, progress=Recorder(stop=0))
    except JobCancelled:
        pass
    else:
        raise AssertionError("A cancelled fit went on.")
    _holds(len(drawn(candidate.fitted(frame, table), 5)) == 5, "A second fit gives no rows.")


def check_description_is_complete(candidate: Candidate) -> None:
    """Texts, presets and parameters are there, and what presets name can be used."""
    found = description_problems(candidate.info)
    _holds(not found, " ".join(found))


def check_output_is_declared(candidate: Candidate) -> None:
    """Rows hold what was declared and nothing else, whatever the real ones hold."""
    frame, table = mixed()
    frame.loc[3, "word"], frame.loc[3, "age"] = "only one", 10**9
    sample = drawn(candidate.fitted(frame, table), 300)
    _holds(sample["age"].between(18, 90).all(), "Numbers lie outside of what was declared.")
    words = set(sample["word"].dropna()) - set(declared(table).columns["word"].values)
    _holds(not words, "Categories were made that were not declared.")


def check_promise_is_kept(candidate: Candidate) -> None:
    """Something is charged, and not more than was promised."""
    frame, table = mixed()
    ledger, engine = candidate.ledger(), candidate.make()
    private: dict[str, Any] = {"private": PrivateFit(ledger, declared(table))}
    engine.fit(frame, table, rng=np.random.default_rng(1), progress=SilentProgress(), **private)
    spent, promised = ledger.spent().epsilon, ledger.guarantee.epsilon
    _holds(0 < spent <= promised * (1 + 1e-6), f"ε = {spent:g} of {promised:g} was spent.")


def check_what_cannot_be_is_said(candidate: Candidate) -> None:
    """An engine that was not fitted, and bytes of something else, raise ``InvalidInput``."""
    attempts: tuple[tuple[str, Callable[[], object]], ...] = (
        ("Sampling before a fit", lambda: drawn(candidate.make(), 5)),
        ("Loading other bytes", lambda: candidate.info.load(b"nothing")),
    )
    for what, attempt in attempts:
        try:
            attempt()
        except InvalidInput as error:
            _holds(str(error).strip(), f"{what} is refused without a word.")
        else:
            raise AssertionError(f"{what} is not refused.")


def _by_name(
    *checks: Callable[[Candidate], None],
) -> dict[str, Callable[[Candidate], None]]:
    return {check.__name__.removeprefix("check_"): check for check in checks}


CHECKS = _by_name(
    check_description_is_complete,
    check_columns_order_and_types,
    check_values_stay_inside_what_was_seen,
    check_missing_values_keep_their_share,
    check_seed_decides,
    check_global_generators_are_left_alone,
    check_dump_and_load,
    check_the_frame_is_not_changed,
    check_one_row,
    check_two_rows,
    check_one_column,
    check_no_rows_asked,
    check_extreme_numbers,
    check_names_that_could_clash,
    check_high_cardinality,
    check_two_hundred_columns,
    check_progress_ends_at_its_total,
    check_cancel_in_fit,
)
"""Every check of engines without a formal guarantee, by name."""

PRIVATE_CHECKS = _by_name(
    check_description_is_complete,
    check_columns_order_and_types,
    check_global_generators_are_left_alone,
    check_dump_and_load,
    check_the_frame_is_not_changed,
    check_no_rows_asked,
    check_progress_ends_at_its_total,
    check_cancel_in_fit,
    check_output_is_declared,
    check_promise_is_kept,
    check_what_cannot_be_is_said,
)
"""Every check of engines with a formal guarantee, by name."""
