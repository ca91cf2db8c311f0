"""The review of wide tables, and of two people at once."""

from pathlib import Path

import pytest

import core.studio.review as review
from core.data.schema import Action
from core.errors import Conflict
from core.governance.policy import UserRole
from core.studio.values import Dataset, Decision
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
