"""Tables from a schema alone, as a use case: allowed, audited, bounded."""

import io
import zipfile

import pandas as pd
import pytest

from core.errors import InvalidInput, StudioError
from core.governance.policy import UserRole
from tests.studio.office import Office

SMALL = (
    "title: My tables\ntables: {t: {rows: 20, columns: {a: {counter: 1}, b: {low: 0, high: 1}}}}"
)


def test_tables_are_shown_made_and_written_to_the_audit(office: Office):
    blueprints = office.studio.blueprints
    (table,) = blueprints.check(SMALL)
    assert (table.name, table.rows, dict(table.columns)) == (
        "t",
        20,
        {"a": "integer", "b": "number"},
    )
    shown = blueprints.preview(office.worker, office.project.id, SMALL)
    assert len(shown["t"]) == 20
    made = blueprints.make(office.worker, office.project.id, SMALL, {"t": 500}, seed=4)
    assert made.filename == "My-tables.csv"
    frame = pd.read_csv(io.BytesIO(made.content()))
    assert list(frame["a"]) == list(range(1, 501))
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    entry = office.studio.audit.search(admin, action="blueprint.make")[0]
    assert entry.details == {"tables": 1, "rows": 500, "seed": 4}


def test_several_tables_come_as_a_zip(office: Office):
    blueprints = office.studio.blueprints
    made = blueprints.make(
        office.worker, office.project.id, blueprints.text("shop"), {"customers": 30}
    )
    with zipfile.ZipFile(io.BytesIO(made.content())) as archive:
        assert len(archive.namelist()) == 4


def test_what_is_too_much_for_a_page_or_not_allowed_is_refused(office: Office):
    blueprints = office.studio.blueprints
    bank = blueprints.text("bank")
    with pytest.raises(InvalidInput, match="from-schema"):
        blueprints.make(office.worker, office.project.id, bank, {"customers": 900_000})
    with pytest.raises(StudioError):
        blueprints.make(office.outsider, office.project.id, SMALL, {})
