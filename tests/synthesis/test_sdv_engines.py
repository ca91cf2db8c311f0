"""What is particular to the engines built on SDV: coders, progress, quiet, no files."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.schema import Column, ColumnType, Table
from core.errors import JobCancelled
from core.progress import SilentProgress
from core.synthesis import copula, copulagan, ctgan, tvae
from core.synthesis.coder_file import coder_of_parts, coder_parts
from core.synthesis.curves import EMPIRICAL, SHAPES
from core.synthesis.encoding import (
    TableCoder,
    code_categories,
    code_numbers,
    folded,
    match_share,
    merge_rare,
    without_rare,
)
from core.synthesis.latent import code_latent
from core.synthesis.one_hot import Coding, code_one_hot
from core.synthesis.params import build
from core.synthesis.sdv_nets.gan import fitting_batch

NEURAL = {"ctgan": ctgan, "tvae": tvae, "copulagan": copulagan}
_BOTH = {"epoch", "generator_loss", "discriminator_loss"}
LOSSES = {
    "ctgan": _BOTH,
    "copulagan": _BOTH,
    "tvae": {"epoch", "loss", "reconstruction", "divergence"},
}


def small(rows: int = 40) -> tuple[pd.DataFrame, Table]:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "n": pd.Series(rng.normal(size=rows), dtype="float64"),
            "c": pd.Series(rng.choice(["x", "y"], rows), dtype="string[pyarrow]"),
        }
    )
    return frame, Table("t", (Column("n", ColumnType.NUMBER), Column("c", ColumnType.CATEGORY)))


class Epochs:
    def __init__(self, stop: int | None = None) -> None:
        self.stop, self.seen = stop, []

    def stage(self, name): ...

    def step(self, done, total, note="", values=None):
        if values:
            self.seen.append((done, total, dict(values)))
        if self.stop is not None and done >= self.stop:
            raise JobCancelled("Stopped by the test.")


@pytest.mark.parametrize("name", sorted(NEURAL))
def test_epochs_and_losses_are_reported(name):
    info, watch = NEURAL[name].INFO, Epochs()
    engine = info.make(build(info.params, {"epochs": 3, "layer_width": 8}))
    engine.fit(*small(), rng=np.random.default_rng(1), progress=watch)
    assert [(done, total) for done, total, _ in watch.seen] == [(1, 3), (2, 3), (3, 3)]
    for _, _, values in watch.seen:
        assert set(values) == LOSSES[name]
        assert np.isfinite(list(values.values())).all()
    assert len({tuple(values.values()) for _, _, values in watch.seen}) == 3


@pytest.mark.parametrize("name", sorted(NEURAL))
def test_cancel_between_epochs_restores_the_module(name):
    import ctgan.synthesizers.ctgan
    import ctgan.synthesizers.tvae

    module = vars(ctgan.synthesizers)["tvae" if name == "tvae" else "ctgan"]
    before, info, watch = dict(vars(module)), NEURAL[name].INFO, Epochs(stop=2)
    engine = info.make(build(info.params, {"epochs": 50, "layer_width": 8}))
    with pytest.raises(JobCancelled):
        engine.fit(*small(), rng=np.random.default_rng(1), progress=watch)
    assert len(watch.seen) == 2
    assert vars(module) == before


@pytest.mark.parametrize(("rows", "batch"), [(1, 10), (10, 10), (11, 20), (499, 500), (9999, 500)])
def test_batch_fits_the_table(rows, batch):
    assert fitting_batch(505, rows) == batch


def test_copula_keeps_correlation_and_marginals():
    rng = np.random.default_rng(0)
    x = rng.exponential(size=3000)
    frame = pd.DataFrame({"x": x, "y": -x + rng.normal(scale=0.1, size=3000)})
    table = Table("t", (Column("x", ColumnType.NUMBER), Column("y", ColumnType.NUMBER)))
    engine = copula.INFO.make(build(copula.INFO.params, {}))
    engine.fit(frame, table, rng=np.random.default_rng(1), progress=SilentProgress())
    made = engine.sample(3000, rng=np.random.default_rng(2), progress=SilentProgress())
    assert made.corr(method="spearman").loc["x", "y"] < -0.95
    np.testing.assert_allclose(
        made["x"].quantile([0.1, 0.5, 0.9]), frame["x"].quantile([0.1, 0.5, 0.9]), rtol=0.15
    )


@pytest.mark.parametrize("marginals", SHAPES)
def test_copula_marginals(marginals):
    engine = copula.INFO.make(build(copula.INFO.params, {"marginals": marginals}))
    frame, table = small(80)
    engine.fit(frame, table, rng=np.random.default_rng(1), progress=SilentProgress())
    made = engine.sample(50, rng=np.random.default_rng(2), progress=SilentProgress())
    assert made["n"].between(frame["n"].min(), frame["n"].max()).all()


def test_sdv_is_imported_when_needed_only_and_writes_no_file(tmp_path: Path):
    code = (
        "import sys\n"
        "from core.synthesis.registry import ENGINES\n"
        "assert not {'sdv', 'torch', 'rdt'} & sys.modules.keys()\n"
        "from core.synthesis.sdv_support import import_sdv\n"
        "import_sdv()\n"
        "assert 'sdv' in sys.modules\n"
    )
    env = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "share")}
    subprocess.run([sys.executable, "-c", code], env=env, check=True)
    assert not list(tmp_path.rglob("*sdv*"))


def test_wide_tables_print_nothing(capsys):
    rng = np.random.default_rng(0)
    columns = tuple(Column(f"c{i}", ColumnType.CATEGORY) for i in range(30))
    values = {c.name: pd.Series(rng.integers(0, 60, 60)).astype("string[pyarrow]") for c in columns}
    engine = ctgan.INFO.make(build(ctgan.INFO.params, {"epochs": 1, "layer_width": 8}))
    frame = pd.DataFrame(values)
    engine.fit(frame, Table("t", columns), rng=rng, progress=SilentProgress())
    assert capsys.readouterr() == ("", "")


# Coders


def test_frequent_levels_keep_their_code_and_the_rest_share():
    assert merge_rare(np.array([50, 30, 1, 1, 1, 1]), 4).tolist() == [0, 1, 2, 2, 3, 3]
    assert merge_rare(np.array([2, 1]), 4).tolist() == [0, 1]
    assert np.bincount(merge_rare(np.ones(100, dtype=np.int64), 10)).tolist() == [10] * 10


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 1000), min_size=1, max_size=60), st.integers(4, 20))
def test_codes_are_few_and_without_gaps(counts, most):
    codes = merge_rare(np.sort(np.array(counts))[::-1], most)
    assert codes[0] == 0
    assert set(np.diff(codes)) <= {0, 1}
    assert codes[-1] < most


def test_merged_categories_come_back_by_frequency():
    values = pd.Series(["a"] * 600 + ["b"] * 30 + ["c"] * 10, dtype="string[pyarrow]")
    coder, plain = code_categories("c", values, 2)
    made = coder.decode(plain, 640, np.random.default_rng(0))
    counts = made.value_counts()
    assert counts["a"] == 600
    assert 18 <= counts["b"] <= 38


@given(
    st.lists(st.booleans(), min_size=1, max_size=50),
    st.floats(0, 1),
    st.integers(0, 9),
)
def test_share_is_matched_with_few_changes(gaps, share, seed):
    gaps = np.array(gaps)
    made = match_share(gaps, share, np.random.default_rng(seed))
    wanted = np.random.default_rng(seed).binomial(len(gaps), share)
    assert made.sum() == wanted
    assert (made != gaps).sum() == abs(gaps.sum() - wanted)


def test_spikes_and_gaps_have_states_of_their_own():
    numbers = np.concatenate([np.zeros(50), np.arange(1, 41), np.full(10, np.nan)])
    column = Column("n", ColumnType.NUMBER)
    coder, plain = code_numbers("c", pd.Series(numbers), column, 0.05, np.random.default_rng(0))
    states, counts = np.unique(plain["cs"].astype(str), return_counts=True)
    assert dict(zip(states, counts, strict=True)) == {"0": 40, "1": 50, "2": 10}
    made = coder.decode(plain, 100, np.random.default_rng(0))
    assert (made[:50].fillna(0) == 0).all()
    np.testing.assert_allclose(made[50:90].dropna(), numbers[50:90][made[50:90].notna()])


KINDS = st.sampled_from(["category", "boolean", "integer", "number", "date"])


@st.composite
def series(draw):
    """A canonical column with any values and gaps."""
    kind = ColumnType(draw(KINDS))
    rows = draw(st.integers(1, 40))
    seed = draw(st.integers(0, 99))
    rng = np.random.default_rng(seed)
    whole = rng.integers(-3, draw(st.sampled_from([-2, 5, 10**6])), rows)
    if kind is ColumnType.CATEGORY:
        values = pd.Series([f"ü{w}" for w in whole], dtype=kind.dtype)
    elif kind is ColumnType.DATE:
        values = pd.Series(np.datetime64("2020-01-01") + whole % 20_000, dtype=kind.dtype)
    else:
        values = pd.Series(whole > 0 if kind is ColumnType.BOOLEAN else whole, dtype=kind.dtype)
    return Column("x", kind), values.mask(rng.random(rows) < draw(st.sampled_from([0, 0.3, 1])))


def _coded(way: str, frame: pd.DataFrame, table: Table) -> tuple[TableCoder, pd.DataFrame]:
    rng = np.random.default_rng(0)
    if way == "one-hot":
        return code_one_hot(frame, table, rng, Coding(100))
    shapes = dict.fromkeys(table.names, EMPIRICAL if way == "latent" else "norm")
    return code_latent(frame, table, rng, shapes=shapes, few=50 if way == "latent" else 1)


@pytest.mark.parametrize("way", ["one-hot", "latent", "curves"])
@settings(max_examples=60, deadline=None)
@given(series())
def test_plain_columns_are_plain_and_decode_to_the_type(way, given_):
    column, values = given_
    frame, table = pd.DataFrame({"x": values}), Table("t", (column,))
    coder, plain = _coded(way, frame, table)
    for name in plain:
        assert plain[name].notna().all()
        assert np.isfinite(plain[name]).all()
    about, arrays = coder_parts(coder)
    coder = coder_of_parts(json.loads(json.dumps(about)), arrays)
    made = coder.decode(plain, len(values), np.random.default_rng(1))["x"]
    assert made.dtype == values.dtype
    known = values.dropna()
    if len(known):
        limits = known.astype(str) if column.type is ColumnType.CATEGORY else known
        assert made.dropna().astype(limits.dtype).between(limits.min(), limits.max()).all()
    else:
        assert made.isna().all()


def test_rare_labels_never_reach_a_model():
    labels = ["a"] * 60 + ["b"] * 38 + ["once", "twice"] + [None] * 10
    table = Table("t", (Column("c", ColumnType.CATEGORY), Column("n", ColumnType.INTEGER)))
    values = pd.Series(labels, dtype="string[pyarrow]")
    frame = pd.DataFrame({"c": values, "n": pd.Series(range(110), dtype="Int64")})
    made = without_rare(frame, table, 5, np.random.default_rng(1))
    assert set(made["c"].dropna()) == {"a", "b"}
    assert made["c"].isna().equals(frame["c"].isna())
    assert frame["c"].equals(values)
    assert made["n"].equals(frame["n"])
    spread = frame.assign(c=pd.Series([f"v{i % 60}" for i in range(110)], dtype="string[pyarrow]"))
    assert without_rare(spread, table, 5, np.random.default_rng(1))["c"].equals(spread["c"])


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30),
    st.floats(-1e3, 1e3),
    st.floats(1e-3, 1e3),
)
def test_folding_keeps_what_is_inside_and_brings_in_the_rest(numbers, low, width):
    given_ = np.array(numbers)
    made = folded(given_, low, low + width)
    assert made.min() >= low
    assert made.max() <= low + width
    inside = (given_ >= low) & (given_ <= low + width)
    assert np.allclose(made[inside], given_[inside], atol=1e-6)
    assert folded(np.array([low - width / 4]), low, low + width)[0] == pytest.approx(
        low + width / 4
    )
