"""The samples that ship: made anew they are the same, and they hold what they promise."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.read import read_files
from core.data.samples import ROOT, SAMPLES, sample
from core.data.schema import ColumnType
from core.errors import NotFound

T = ColumnType


@pytest.fixture(scope="module")
def script():
    path = ROOT / "scripts" / "make_samples.py"
    spec = importlib.util.spec_from_file_location("make_samples", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_samples"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["make_samples"]


@pytest.fixture(scope="module")
def customers() -> pd.DataFrame:
    return read_files(SAMPLES["bank_customers"].paths).tables["bank_customers"]


def test_the_script_makes_what_ships(script, tmp_path: Path) -> None:
    script.main(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    shipped = {path.name: path.read_bytes() for one in SAMPLES.values() for _, path in one.paths}
    assert made == shipped
    assert sum(map(len, shipped.values())) < 3 * 1024**2


def test_the_registry() -> None:
    for key, one in SAMPLES.items():
        assert one.key == key
        assert sample(key) is one
        assert one.title
        assert one.summary.endswith(".")
        assert all(path.is_file() for _, path in one.paths)
    with pytest.raises(NotFound, match="Known are bank_customers, bank, sensors"):
        sample("none")


def test_nothing_is_noted_when_a_sample_is_read() -> None:
    for one in SAMPLES.values():
        assert read_files(one.paths).notes == ()


def test_customers_have_the_types_they_should(customers: pd.DataFrame) -> None:
    table = read_files(SAMPLES["bank_customers"].paths).schema["bank_customers"]
    assert table.primary_key == "customer_id"
    assert len(customers) == 4_000
    expected = {
        "email": T.TEXT, "phone": T.TEXT, "iban": T.TEXT, "birth_date": T.DATE, "city": T.CATEGORY,
        "segment": T.CATEGORY, "income": T.INTEGER, "balance": T.NUMBER, "opened": T.DATE,
        "last_login": T.DATETIME, "churned": T.BOOLEAN,
    }  # fmt: skip
    assert {name: table[name].type for name in expected} == expected
    assert (table["balance"].format.decimals, table["balance"].format.fixed) == (2, True)


def test_every_iban_is_valid_and_occurs_once(customers: pd.DataFrame) -> None:
    for iban in customers["iban"]:
        digits = "".join(str(int(c, 36)) for c in iban[4:] + iban[:4])
        assert int(digits) % 97 == 1
    assert customers["iban"].is_unique


def test_columns_depend_on_each_other(customers: pd.DataFrame) -> None:
    income = customers.groupby("segment")["income"].mean()
    assert income["private banking"] > income["premium"] > income["standard"] > income["student"]
    age = (pd.Timestamp("2025-06-30") - customers["birth_date"]).dt.days / 365.25
    missing = customers["phone"].isna()
    assert missing[age > 60].mean() > 2 * missing[age <= 60].mean()
    assert customers["income"].isna()[customers["segment"] == "student"].mean() > 0.15
    churn = customers["churned"].astype("float64")
    assert churn[customers["balance"] < 0].mean() > churn[customers["balance"] >= 0].mean() + 0.1
    assert (age >= 18 - 0.01).all()
    late = customers["last_login"].dropna()
    assert (late >= customers.loc[late.index, "opened"]).all()


def test_the_bank_is_related() -> None:
    result = read_files(SAMPLES["bank"].paths)
    assert {n: len(f) for n, f in result.tables.items()} == {
        "party": 1_500, "product": 12, "account": 2_500, "payment": 12_000,
    }  # fmt: skip
    assert {(r.child, r.parent) for r in result.schema.relationships} == {
        ("account", "party"), ("account", "product"), ("payment", "account"),
    }  # fmt: skip
    payments = result.tables["payment"].merge(result.tables["account"], on="account_id")
    assert (payments["booked"] >= payments["opened"]).all()


def test_sensors_hang_together() -> None:
    frame = read_files(SAMPLES["sensors"].paths).tables["sensors"]
    assert len(frame) == 8_064
    assert frame["sensor_id"].nunique() == 6
    assert frame[["temperature_c", "humidity_pct"]].astype("float64").corr().iloc[0, 1] < -0.8
    one = frame[frame["sensor_id"] == "S-01"]
    assert set(np.diff(one["timestamp"].to_numpy())) == {np.timedelta64(15, "m")}
    lost = frame["status"] == "no signal"
    assert frame["temperature_c"].isna().equals(lost.astype(bool))
