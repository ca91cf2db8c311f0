"""Precision and recall on real tables, where the shared data lies beside the project."""

from pathlib import Path

import pytest

from core.data.pii import find_pii, masked_columns
from core.data.profile import profile_table
from core.data.read import read_table

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
pytestmark = pytest.mark.skipif(not SHARED.is_dir(), reason=f"{SHARED} is not there")


@pytest.mark.parametrize(
    ("path", "direct"),
    [
        ("single/census_train.csv.gz", set()),
        ("single/airbnb_train.csv.gz", set()),
        ("single/titanic_train.csv.gz", set()),
        ("series/daily-min-temperatures.csv.gz", set()),
        ("relational_baseball/players.csv.gz", {"id", "nameFirst", "nameLast"}),
        ("relational_bank/client.csv.gz", {"client_id", "birth_number"}),
    ],
)
def test_direct_identifiers_of_real_tables(path, direct):
    frame, table = read_table(SHARED / path)
    assert masked_columns(find_pii(frame, table)) == direct


def test_real_quasi_identifiers_are_kept():
    frame, table = read_table(SHARED / "single/census_train.csv.gz")
    findings = find_pii(frame, table)
    semantics = {name: finding.semantic for name, finding in findings.items()}
    assert semantics["age"] == "age"
    assert semantics["race"] == "sensitive"
    assert {str(finding.suggested_action) for finding in findings.values()} == {"keep"}


def test_the_profile_of_the_census():
    frame, table = read_table(SHARED / "single/census_train.csv.gz")
    profile = profile_table(frame, table)
    assert profile.rows == len(frame)
    assert profile["age"].numbers.min == 17
    assert profile["sex"].distinct == 2
    assert dict(profile["sex"].top)["Male"] == int((frame["sex"] == "Male").sum())
    assert profile.duplicate_rows == int(frame.duplicated().sum())
