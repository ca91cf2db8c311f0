"""A model keeps how its rows were prepared, and turns back what it samples."""

import io
import json
import zipfile

import numpy as np
import pandas as pd
import pytest

from core.data.pipeline import FittedPipeline, fit_pipeline, make_step
from core.data.schema import Column, ColumnType, Schema, Table
from core.errors import InvalidInput
from core.synthesis import registry
from core.synthesis.asks import Asking, load_synthesizer
from core.synthesis.giving import given_out, given_schema
from core.synthesis.synthesizer import Synthesizer
from tests.privacy import tiny

SCHEMA = Schema(
    (Table("t", (Column("pay", ColumnType.CATEGORY), Column("age", ColumnType.INTEGER))),)
)
FRAME = pd.DataFrame(
    {
        "pay": pd.array([f"{i % 5},5" for i in range(200)], dtype="string[pyarrow]"),
        "age": pd.array([i % 40 for i in range(200)], dtype="Int64"),
    }
)
STEPS = {"t": (make_step("parse_numbers", {"column": "pay", "point": ",", "original": True}),)}


def version_of(blob: bytes) -> int:
    about = json.loads(zipfile.ZipFile(io.BytesIO(blob)).read("synthesizer.json"))
    return int(about["version"])


def fitted(kind: type[Synthesizer] = Synthesizer) -> Synthesizer:
    pipeline, tables, _ = fit_pipeline(STEPS, SCHEMA, {"t": FRAME})
    more = {"columns": {"t": ["age"]}} if kind is Asking else {}
    made = kind(pipeline.prepared, "copula", **more)
    made.keep_pipeline(pipeline)
    made.fit(tables, rng=np.random.default_rng(1))
    return made


def rows_of(model: Synthesizer) -> pd.DataFrame:
    rng = np.random.default_rng(2)
    frames = given_out(model, model.frames(rng=np.random.default_rng(3)), rng)
    return pd.concat(list(frames["t"]), ignore_index=True)


@pytest.mark.parametrize("kind", [Synthesizer, Asking])
def test_a_loaded_model_turns_back_as_the_fitted_one(kind: type[Synthesizer]) -> None:
    model = fitted(kind)
    blob = model.dump()
    assert version_of(blob) == 2
    again = load_synthesizer(blob)
    assert again.pipeline == model.pipeline
    assert again.output_schema["t"]["pay"].type is ColumnType.NUMBER
    assert given_schema(again)["t"]["pay"].type is ColumnType.CATEGORY
    made = rows_of(model)
    assert made["pay"].str.fullmatch(r"-?\d(,\d+)?").all()
    pd.testing.assert_frame_equal(rows_of(again), made)


def test_models_without_a_preparation_are_as_they_were() -> None:
    model = Synthesizer(SCHEMA, "copula")
    model.fit({"t": FRAME}, rng=np.random.default_rng(1))
    blob = model.dump()
    assert version_of(blob) == 1
    again = load_synthesizer(blob)
    assert again.pipeline is None
    assert given_schema(again) == again.output_schema
    frames = again.frames(rng=np.random.default_rng(3))
    assert given_out(again, frames, np.random.default_rng(2)) is frames


def test_a_preparation_that_leads_elsewhere_is_not_kept() -> None:
    pipeline, _, _ = fit_pipeline(STEPS, SCHEMA, {"t": FRAME})
    with pytest.raises(InvalidInput, match="other columns"):
        Synthesizer(SCHEMA, "copula").keep_pipeline(pipeline)


def test_a_guarantee_keeps_no_preparation_that_looked_at_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(registry.ENGINES, "tiny", tiny.INFO)
    looked = {"t": (make_step("protect_extremes", {"column": "age"}),)}
    bounds = {"t": ({"low": 1.0, "high": 38.0, "blank": False},)}
    model = Synthesizer(SCHEMA, "tiny", {"epsilon": 1.0, "delta": 1e-6})
    with pytest.raises(InvalidInput, match="beside the budget"):
        model.keep_pipeline(FittedPipeline(SCHEMA, looked, bounds))
    public = {"t": (make_step("clip", {"column": "age", "low": "0", "high": "30"}),)}
    model.keep_pipeline(FittedPipeline(SCHEMA, public, {"t": ({},)}))
    assert model.pipeline is not None
