"""The review of wide tables, and of two people at once."""

from dataclasses import replace
from pathlib import Path

import pytest

import core.studio.review as review
from core.data.schema import Action, Coarser, ColumnType, Relationship, Role
from core.errors import Conflict, InvalidInput, NotFound
from core.governance.policy import UserRole
from core.studio.values import Dataset, Decision, RunSpec, RunState
from tests.studio.inline import inline
from tests.studio.office import Office


def _decision(dataset: Dataset, column: str, action: Action) -> Decision:
    found = dataset.schema["people"][column]
    return Decision("people", column, found.type, found.role, action)


def test_many_columns_are_decided_at_once_and_the_audit_names_them(
    office: Office, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    lines = [",".join(f"mail_{i}" for i in range(60))]
    lines += [",".join(f"anna{i}.{row}@example.com" for i in range(60)) for row in range(20)]
    path.write_text("\n".join(lines) + "\n")
    dataset = office.reviewed(path)
    assert dataset.open_columns == ()
    entries = office.studio.audit.search(
        office.actors[UserRole.AUDITOR], action="dataset.decide", text=dataset.id
    )
    assert [entry.outcome for entry in entries] == ["ok"]
    assert entries[0].details["columns"] == 60
    assert any("people[0-59]" in words for words in entries[0].details["decisions"])


def test_nobody_overwrites_what_another_decides_meanwhile(
    office: Office, people_csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = office.imported(people_csv)
    domain_admin = office.actors[UserRole.DOMAIN_ADMIN]
    through = review._decided

    def slowly(context, row, decisions):  # type: ignore[no-untyped-def]
        schema = through(context, row, decisions)
        monkeypatch.setattr(review, "_decided", through)
        keep = _decision(dataset, "points", Action.DROP)
        office.studio.datasets.decide(domain_admin, dataset.id, [keep])
        return schema

    monkeypatch.setattr(review, "_decided", slowly)
    with pytest.raises(Conflict, match="Somebody else"):
        office.studio.datasets.decide(
            office.worker, dataset.id, [_decision(dataset, "income", Action.DROP)]
        )
    after = office.studio.datasets.get(office.worker, dataset.id)
    assert after.schema["people"]["points"].action is Action.DROP
    assert after.schema["people"]["income"].action is not Action.DROP


@pytest.fixture
def visits(office: Office, tmp_path: Path) -> Dataset:
    path = tmp_path / "visits.csv"
    lines = ["visit,born,age,postcode,note"]
    for i in range(120):
        born = f"{1950 + i % 40}-{i % 12 + 1:02d}-{i % 28 + 1:02d}"
        lines.append(f"{i},{born},{20 + i % 50},{10000 + i * 7},remark number {i} of the day")
    path.write_text("\n".join(lines) + "\n")
    return office.imported(path, "Visits")


def _coarse(dataset: Dataset, column: str, coarser: Coarser | None = None) -> Decision:
    kind = dataset.schema["visits"][column].type
    return Decision("visits", column, kind, Role.QUASI_IDENTIFIER, Action.GENERALISE, "", coarser)


def test_generalised_columns_are_trained_on_and_come_out_coarse(
    office: Office, visits: Dataset
) -> None:
    wanted = [
        _coarse(visits, "born", Coarser("year")),
        _coarse(visits, "age"),
        _coarse(visits, "note", Coarser("prefix", 6)),
    ]
    after = office.studio.datasets.decide(office.worker, visits.id, wanted)
    assert after.schema["visits"]["note"].type is ColumnType.CATEGORY
    assert after.schema["visits"]["age"].coarser == Coarser("band", 10)
    entry = office.studio.audit.search(
        office.actors[UserRole.AUDITOR], action="dataset.decide", text=visits.id
    )[0]
    assert any("generalise to year" in words for words in entry.details["decisions"])
    left = [Decision("visits", c, after.schema["visits"][c].type, Role.PLAIN, Action.KEEP)
            for _, c in after.open_columns]  # fmt: skip
    office.studio.datasets.decide(office.worker, visits.id, left)
    with inline(office):
        run = office.studio.runs.submit(office.worker, visits.id, RunSpec(depth="quick"))
        run = office.studio.runs.get(office.worker, run.id)
        assert run.state is RunState.DONE, run.error
        rows = office.studio.runs.synthetic(office.worker, run.id, "visits", 100)
    assert set(rows["age"].dropna() % 10) == {0}
    assert set(rows["born"].dropna().dt.dayofyear) == {1}
    assert set(rows["note"].dropna()) == {"remark"}


def test_a_preview_of_coarser_values_shows_only_what_many_rows_share(
    office: Office, visits: Dataset
) -> None:
    shown = office.studio.datasets.preview_action(
        office.worker, visits.id, "visits", "age", Action.GENERALISE, Coarser("band", 25)
    )
    assert shown == ["25", "50", "0", "50 → 3 different values"]
    fine = office.studio.datasets.preview_action(
        office.worker, visits.id, "visits", "postcode", Action.GENERALISE, Coarser("band", 1)
    )
    assert fine == ["120 → 120 different values"]


def test_what_cannot_be_generalised_is_refused_with_every_reason(
    office: Office, visits: Dataset
) -> None:
    office.studio.datasets.set_keys(office.worker, visits.id, {"visits": "visit"}, [])
    wrong = [
        _coarse(visits, "visit"),
        _coarse(visits, "born", Coarser("band", 10)),
        _coarse(visits, "age", Coarser("band", 10)),
    ]
    with pytest.raises(InvalidInput) as refused:
        office.studio.datasets.decide(office.worker, visits.id, wrong)
    assert len(refused.value.problems) == 2
    after = office.studio.datasets.get(office.worker, visits.id)
    assert after.schema["visits"]["age"].action is not Action.GENERALISE


def test_keys_and_links_that_rows_do_not_keep_are_refused_all_at_once(
    office: Office, tmp_path: Path
) -> None:
    found = []
    for name, text in (("shops", "shop,town\n1,A\n2,A\n3,\n"), ("sales", "sale,at\n1,2\n2,9\n")):
        (tmp_path / f"{name}.csv").write_text(text)
        found.append((f"{name}.csv", tmp_path / f"{name}.csv"))
    made = office.studio.datasets.import_files(office.worker, office.project.id, "Shops", found)
    link = Relationship("shops", "shop", "sales", "at")
    for keys, said in (
        ({"shops": "shop"}, ["1 rows of 'sales' point with 'at' to no row"]),
        ({"shops": "town"}, ["1 rows have no value", "1 rows repeat another's", "'shop' its key"]),
    ):
        with pytest.raises(InvalidInput) as refused:
            office.studio.datasets.set_keys(office.worker, made.id, keys, [link])
        assert len(refused.value.problems) == len(said)
        assert all(one in " ".join(refused.value.problems) for one in said)
    with pytest.raises(NotFound):
        office.studio.datasets.set_keys(office.worker, made.id, {"shops": "none"}, [])


def test_a_generalised_column_can_be_no_key(office: Office, visits: Dataset) -> None:
    office.studio.datasets.set_keys(office.worker, visits.id, {"visits": None}, [])
    office.studio.datasets.decide(office.worker, visits.id, [_coarse(visits, "visit")])
    with pytest.raises(InvalidInput, match="no key"):
        office.studio.datasets.set_keys(office.worker, visits.id, {"visits": "visit"}, [])
    draft = office.studio.schemas.get(office.worker, visits.id)
    table = replace(draft.schema["visits"], primary_key="visit")
    changed = replace(draft, schema=draft.schema.with_table(table))
    problems = office.studio.schemas.problems(office.worker, visits.id, changed)
    assert any("no key" in one for one in problems)
