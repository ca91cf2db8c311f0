"""Profiles counted in the vault, and what is asked of columns afterwards."""

from dataclasses import replace

import pandas as pd
import pytest

from core.data.schema import Action, ColumnType, Role
from core.errors import InvalidInput, NotFound, PermissionDenied
from core.governance.policy import UserRole
from core.studio.drift import earlier_version
from core.studio.values import Decision


@pytest.fixture(scope="module")
def dataset(office, tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    people = pd.DataFrame(
        {
            "id": range(1, 41),
            "sex": ["f", "m"] * 20,
            "plz": [f"1011{i % 4}" for i in range(40)],
            "illness": ["flu"] * 39 + ["gout"],
            "order_no": [f"0{100_000_000 + 7919 * i * i}" for i in range(40)],
        }
    )
    visits = pd.DataFrame({"people_id": [1 + i % 30 for i in range(80)], "cost": range(80)})
    files = []
    for name, frame in (("people", people), ("visits", visits)):
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        files.append((path.name, path))
    return office.studio.datasets.import_files(office.worker, office.project.id, "People", files)


def test_profiles_are_of_all_tables_and_know_their_links(office, dataset):
    profiles = office.studio.datasets.profile(office.worker, dataset.id)
    assert profiles["people"].rows == 40
    (link,) = profiles["visits"].foreign_keys
    assert (link.column, link.parent, link.parent_column) == ("people_id", "people", "id")
    assert profiles["people"].quality is not None


def test_exposure_is_counted_over_all_rows(office, dataset):
    datasets = office.studio.datasets
    one = datasets.exposure(office.worker, dataset.id, "people", ["sex", "plz"], "illness")
    assert (one.rows, one.classes, one.k, one.unique) == (40, 4, 10, 0)
    assert (one.l_diversity, one.told) == (1, 30)
    worst = datasets.exposures(office.worker, dataset.id, "people", ["sex", "plz", "order_no"])
    assert worst[0].unique == 40


def test_why_a_column_is_not_flagged(office, dataset):
    datasets = office.studio.datasets
    said = datasets.why_not(office.worker, dataset.id, "people", "order_no")
    assert "order, invoice or device" in said
    assert "0100000000" not in said
    with pytest.raises(InvalidInput, match="is flagged"):
        datasets.why_not(office.worker, dataset.id, "people", "plz")


def test_a_pair_is_counted_and_closed_columns_are_not(office, dataset):
    datasets = office.studio.datasets
    found = datasets.pair(office.worker, dataset.id, "people", "sex", "illness")
    assert (found.rows, found.measure) == (40, "Cramér's V")
    told = [*found.grid.rows, *found.grid.columns]
    assert "gout" not in told
    for role, action in ((Role.SENSITIVE, Action.KEEP), (Role.PLAIN, Action.DROP)):
        settled = Decision("people", "sex", ColumnType.CATEGORY, role, action, "needed")
        datasets.decide(office.worker, dataset.id, [settled])
        with pytest.raises(InvalidInput, match="not drawn"):
            datasets.pair(office.worker, dataset.id, "people", "sex", "illness")
    with pytest.raises(PermissionDenied):
        datasets.pair(office.actors[UserRole.AUDITOR], dataset.id, "people", "sex", "illness")


def test_pairs_and_versions_are_counted_by_who_the_rows_point_to(office, tmp_path):
    """Six visits of one person to one ward are no cell to be told."""
    people, visits = tmp_path / "people.csv", tmp_path / "visits.csv"
    people.write_text("id,age\n" + "".join(f"{i},{20 + i % 50}\n" for i in range(1, 61)))
    own = [(i, "day", "free") for i in range(1, 61)] + [(7, "night", "paid")] * 6
    lines = "".join(f"{who},{ward},{how}\n" for who, ward, how in own)
    visits.write_text("people_id,ward,how\n" + lines)
    datasets, files = office.studio.datasets, [(p.name, p) for p in (people, visits)]
    made = datasets.import_files(office.worker, office.project.id, "Visits", files)
    assert [link.child for link in made.schema.relationships] == ["visits"]
    grid = datasets.pair(office.worker, made.id, "visits", "ward", "how").grid
    assert (grid.rows, grid.withheld) == (("day", "(all others)"), 6)
    visits.write_text("people_id,ward,how\n" + lines.replace("night", "late"))
    later = datasets.import_files(office.worker, office.project.id, "Visits", files)
    found = datasets.drift(office.worker, later.id, made.id)
    (ward,) = [c for table in found.tables for c in table.columns if c.name == "ward"]
    assert (ward.new, ward.new_labels, ward.gone_labels) == (1, (), ())


def test_versions_are_compared_within_their_project_only(office, dataset, tmp_path):
    datasets = office.studio.datasets
    path = tmp_path / "people.csv"
    path.write_text("id,sex\n" + "".join(f"{i},{'fd'[i % 2]}\n" for i in range(1, 41)))
    files = [(path.name, path)]
    newer = datasets.import_files(office.worker, office.project.id, "People", files)
    found = datasets.drift(office.worker, newer.id, dataset.id)
    (people,) = found.tables
    assert found.tables_removed == ("visits",)
    assert set(people.removed) == {"plz", "illness", "order_no"}
    sex = next(column for column in people.columns if column.name == "sex")
    assert (sex.distance, sex.new, sex.gone) == (0.5, 1, 1)
    known = datasets.list(office.worker, office.project.id)
    assert earlier_version(newer, known) == dataset.id
    assert earlier_version(replace(newer, version_of="other"), known) == dataset.id
    assert earlier_version(dataset, known) == ""
    other = office.studio.projects.create(office.actors[UserRole.PLATFORM_ADMIN], "Other", "x")
    boss = office.actors[UserRole.PLATFORM_ADMIN]
    abroad = datasets.import_files(boss, other.id, "People", files)
    with pytest.raises(NotFound):
        datasets.drift(boss, newer.id, abroad.id)
    with pytest.raises(InvalidInput, match="another one"):
        datasets.drift(office.worker, newer.id, newer.id)
