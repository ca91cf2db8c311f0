"""Training SDV's networks: stopped at any batch, within memory, the same on any machine."""

import os
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.schema import Column, ColumnType, Table
from core.errors import InvalidInput, InvalidParameter, JobCancelled
from core.progress import SilentProgress
from core.synthesis.asks import AtMost, FixedCombinations, InRange, OneHot, kept_share
from core.synthesis.asks.ruled import with_rules
from core.synthesis.params import build
from core.synthesis.registry import ENGINES
from core.synthesis.sdv_nets.modes import Modes, fit_modes
from core.synthesis.sdv_nets.rows import Batches, CodedRows, Conditions, Layout, Span, code_rows
from core.synthesis.sdv_nets.training import MOST_POINTS, Watch, on_gpu

NETWORKS = ("copulagan", "ctgan", "tvae")


def table_of(rows: int, categories: int = 3) -> tuple[pd.DataFrame, Table]:
    rng = np.random.default_rng(0)
    values = {
        "n": pd.Series(rng.normal(size=rows), dtype="float64"),
        "c": pd.Series(rng.integers(0, categories, rows)).astype("string[pyarrow]"),
    }
    columns = (Column("n", ColumnType.NUMBER), Column("c", ColumnType.CATEGORY))
    return pd.DataFrame(values), Table("t", columns)


def fitted(name: str, frame: pd.DataFrame, table: Table, progress=None, **params):
    info = ENGINES[name]
    small = {"epochs": 1, "layer_width": 8, "batch_size": 100, **params}
    engine = info.make(build(info.params, small))
    watch = progress or SilentProgress()
    engine.fit(frame, table, rng=np.random.default_rng(1), progress=watch)
    return engine


def drawn(engine, rows: int = 40) -> pd.DataFrame:
    return engine.sample(rows, rng=np.random.default_rng(2), progress=SilentProgress())


class StopInside:
    """Stops at the first report from inside an epoch."""

    def __init__(self) -> None:
        self.done: list[float] = []

    def stage(self, name): ...

    def step(self, done, total, note="", values=None):
        self.done.append(done)
        if 0 < done < 1:
            raise JobCancelled("Stopped by the test.")


# Rows


def test_a_coded_row_is_spread_into_ones_and_places():
    modes = Modes(np.array([0.0, 9.0]), np.array([1.0, 1.0]), np.array([0.5, 0.5]))
    layout = Layout((Span("a", 3), Span("n", 2, modes), Span("b", 2)))
    rows = CodedRows(
        layout, np.array([[0.25], [-0.5]], np.float32), np.array([[2, 1, 0], [0, 0, 1]])
    )
    assert layout.width == 8
    assert rows.spread(np.array([1, 0])).tolist() == [
        [1, 0, 0, -0.5, 1, 0, 0, 1],
        [0, 0, 1, 0.25, 0, 1, 1, 0],
    ]


def test_modes_find_two_humps_and_numbers_come_back():
    rng = np.random.default_rng(0)
    numbers = np.concatenate([rng.normal(-50, 1, 500), rng.normal(50, 2, 500)])
    modes = fit_modes(numbers, 10, rng)
    place, code = modes.code(numbers, rng)
    assert np.abs(place).max() <= 0.99
    np.testing.assert_allclose(modes.decode(place, code), numbers, atol=4)
    assert np.abs(modes.decode(place, code) - numbers).mean() < 0.05


def conditions(balanced: bool, counts=(900, 90, 10)) -> Conditions:
    codes = np.repeat(np.arange(len(counts)), counts)
    other = np.zeros(len(codes), np.int64)
    other[:1] = 1
    plain = pd.DataFrame({"a": codes, "b": other})
    rows = code_rows(plain, 5, np.random.default_rng(0), lambda *_: None)
    return Conditions(rows, balanced, np.random.default_rng(1), lambda: None)


def test_conditions_prefer_rare_codes_and_rows_have_what_is_asked():
    own = conditions(balanced=True)
    asked, mask, column, code = own.sample_condvec(6_000)
    assert asked.sum(axis=1).tolist() == mask.sum(axis=1).tolist() == [1.0] * 6_000
    shares = np.bincount(code[column == 0]) / (column == 0).sum()
    expected = np.log([901, 91, 11]) / np.log([901, 91, 11]).sum()
    np.testing.assert_allclose(shares, expected, atol=0.06)
    real = own.sample_data(own.rows, 6_000, column, code)
    assert (real * asked).sum(axis=1).tolist() == [1.0] * 6_000


def test_conditions_by_true_frequency_and_shares():
    own = conditions(balanced=False)
    _, _, column, code = own.sample_condvec(6_000)
    np.testing.assert_allclose((code[column == 0] == 0).mean(), 0.9, atol=0.04)
    np.testing.assert_allclose(own.shares[:3], [0.9, 0.09, 0.01])
    assert own.shares.sum() == pytest.approx(2)


def test_every_row_is_in_one_batch_of_an_epoch():
    plain = pd.DataFrame({"a": np.arange(23)})
    rows = code_rows(plain, 5, np.random.default_rng(0), lambda *_: None)
    ticks: list[int] = []
    batches = Batches(rows, 5, np.random.default_rng(0), lambda: ticks.append(1))
    seen = np.concatenate([batch.numpy() for (batch,) in batches])
    assert len(batches) == len(ticks) == 5
    assert seen.sum(axis=0).tolist() == [1.0] * 23


# Progress and stopping


@pytest.mark.parametrize("name", NETWORKS)
def test_a_training_stops_inside_its_first_epoch(name):
    watch, threads = StopInside(), threading.active_count()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.synthesis.sdv_nets.training._BETWEEN_LOOKS_S", 0.0)
        with pytest.raises(JobCancelled):
            fitted(name, *table_of(2_000), progress=watch, epochs=1_000)
    assert 0 < watch.done[-1] < 1
    assert threading.active_count() == threads


def test_stopping_while_columns_are_read():
    class AtOnce(StopInside):
        def step(self, done, total, note="", values=None):
            raise JobCancelled(note)

    for name in (*NETWORKS, "copula"):
        info = ENGINES[name]
        engine = info.make(build(info.params, {}))
        with pytest.raises(JobCancelled, match="column 1 of 2"):
            engine.fit(*table_of(50), rng=np.random.default_rng(0), progress=AtOnce())


def test_figures_are_told_at_most_so_often_and_always_at_the_end():
    told: list[float] = []

    class Keep(SilentProgress):
        def step(self, done, total, note="", values=None):
            told.extend([values["epoch"]] if values else [])

    for _ in Watch(Keep(), 1_201, 1, lambda: {"loss": 1.0}).over(range(1_201)):
        pass
    assert len(told) <= MOST_POINTS
    assert told[:2] == [3, 6]
    assert told[-1] == 1_201


# Memory


def test_fifty_thousand_categories_take_little_memory():
    frame, table = table_of(50_000)
    frame["c"] = pd.Series([f"k{i}" for i in range(50_000)], dtype="string[pyarrow]")
    fitted("ctgan", *table_of(50))
    tracemalloc.start()
    engine = fitted("ctgan", frame, table, batch_size=25_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 150e6, "one-hot in 64 bits would be 20 GB"
    (note,) = engine.notes
    assert note.startswith("c: 50,000 values")
    assert "k1" not in note
    made = drawn(engine, 1_000)
    assert set(made["c"]) <= set(frame["c"])
    assert made["c"].nunique() > 500


def test_common_categories_need_no_note():
    assert fitted("tvae", *table_of(60)).notes == ()


# Seeds and devices


@pytest.mark.parametrize("name", NETWORKS)
def test_the_number_of_threads_changes_no_byte(name):
    import torch

    before = torch.get_num_threads()
    blobs = []
    for threads in (1, 2):
        torch.set_num_threads(threads)
        blobs.append(fitted(name, *table_of(300)).dump())
        assert torch.get_num_threads() == threads
    torch.set_num_threads(before)
    assert blobs[0] == blobs[1]


def test_a_model_is_used_without_sdv_and_torch(tmp_path: Path):
    """What was trained on any device is plain numbers, drawn from with numpy alone."""
    for name in (*NETWORKS, "copula"):
        info = ENGINES[name]
        engine = info.make(build(info.params, {"epochs": 1} if name != "copula" else {}))
        engine.fit(*table_of(80), rng=np.random.default_rng(1), progress=SilentProgress())
        (tmp_path / name).write_bytes(engine.dump())
        drawn(engine).to_pickle(tmp_path / f"{name}.rows")
    code = (
        "import sys, pickle, pathlib, numpy as np, pandas as pd\n"
        "for name in ('torch', 'sdv', 'ctgan', 'copulas', 'rdt'): sys.modules[name] = None\n"
        "from core.progress import SilentProgress\n"
        "from core.synthesis.registry import ENGINES\n"
        "for name in ('copulagan', 'ctgan', 'tvae', 'copula'):\n"
        f"    folder = pathlib.Path({str(tmp_path)!r})\n"
        "    engine = ENGINES[name].load((folder / name).read_bytes())\n"
        "    rng = np.random.default_rng(2)\n"
        "    made = engine.sample(40, rng=rng, progress=SilentProgress())\n"
        "    pd.testing.assert_frame_equal(made, pd.read_pickle(folder / f'{name}.rows'))\n"
    )
    env = {**os.environ, "PYTHONPATH": "."}
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], env=env, check=True)


def test_weights_are_fetched_from_wherever_they_were_trained(monkeypatch):
    import torch

    from core.synthesis.sdv_nets.fitted import weights_of

    fetched: list[str] = []
    original = torch.Tensor.cpu
    monkeypatch.setattr(
        torch.Tensor, "cpu", lambda tensor: (fetched.append("cpu"), original(tensor))[1]
    )
    weights, bias = weights_of(torch.nn.Linear(3, 2))
    assert (weights.shape, bias.shape) == ((2, 3), (2,))
    assert fetched == ["cpu", "cpu"]


@pytest.mark.parametrize("found", [False, True])
def test_the_device_follows_the_wish_and_the_machine(monkeypatch, found):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: found)
    assert on_gpu("auto") is found
    assert on_gpu("cpu") is False
    if found:
        assert on_gpu("cuda") is True
    else:
        with pytest.raises(InvalidParameter, match="no GPU"):
            on_gpu("cuda")


@pytest.mark.parametrize("blob", [b"", b"\x80\x04N.", b"PK\x03\x04 broken"])
def test_other_bytes_are_refused_and_never_run(blob):
    for name in (*NETWORKS, "copula"):
        with pytest.raises(InvalidInput, match="Fit it again"):
            ENGINES[name].load(blob)


# Curves


def test_single_columns_may_have_a_curve_of_their_own():
    rng = np.random.default_rng(0)
    columns = tuple(Column(name, ColumnType.NUMBER) for name in "ab")
    table = Table("t", columns)
    frame = pd.DataFrame({"a": rng.exponential(size=600), "b": rng.random(600)})
    info = ENGINES["copula"]
    params = {"marginals": "norm", "own_marginals": "t.a=gamma; other.x=beta"}
    engine = info.make(build(info.params, params))
    engine.fit(frame, table, rng=rng, progress=SilentProgress())
    made = drawn(engine, 4_000)
    assert made["a"].median() == pytest.approx(np.log(2), abs=0.15)
    assert made["b"].median() == pytest.approx(0.5, abs=0.05)


def test_wrong_curves_are_all_told():
    info = ENGINES["copulagan"]
    engine = info.make(build(info.params, {"own_marginals": "c=beta; n=round"}))
    with pytest.raises(InvalidParameter) as told:
        engine.fit(*table_of(50), rng=np.random.default_rng(0), progress=SilentProgress())
    assert len(told.value.problems) == 2


# Rules


@pytest.mark.parametrize("name", ["copula", "ctgan"])
def test_what_sdv_has_constraints_for_is_kept_by_the_rules_of_the_house(name):
    rng = np.random.default_rng(0)
    low = rng.gamma(2, 20, 200).round(2)
    city = rng.integers(0, 8, 200)
    values = {
        "low": low,
        "high": (low + rng.lognormal(2, 1, 200)).round(2),
        "city": pd.Series(city).astype("string[pyarrow]"),
        "state": pd.Series(city % 3).astype("string[pyarrow]"),
        "a": pd.array((city > 4).astype(int), dtype="Int64"),
        "b": pd.array((city <= 4).astype(int), dtype="Int64"),
    }
    kinds = {"low": "number", "high": "number", "a": "integer", "b": "integer"}
    columns = (Column(n, ColumnType(kinds.get(n, "category"))) for n in values)
    frame, table = pd.DataFrame(values), Table("t", tuple(columns))
    rules = (
        AtMost("low", "high"),
        FixedCombinations(("city", "state")),
        OneHot(("a", "b")),
        InRange("low", low=5, high=100),
    )
    info = ENGINES[name]
    params = {} if name == "copula" else {"epochs": 2, "layer_width": 8}
    engine = with_rules(info, {"t": rules}).make(build(info.params, params))
    engine.fit(frame, table, rng=rng, progress=SilentProgress())
    made = drawn(engine, 300)
    assert kept_share(made, table, (rules[0], rules[2], rules[3])) == 1.0
    assert set(zip(made["city"], made["state"], strict=True)) <= set(
        zip(frame["city"], frame["state"], strict=True)
    )
    told = [report.to_dict() for report in engine.reports]
    assert [report["kept"] for report in told] == [1.0] * 4
    assert [report["how"] for report in told][1:3] == ["construction"] * 2
