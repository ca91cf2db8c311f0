"""New versions of a dataset: what was settled holds on where it fits, the rest is open again."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.data.schema import Action, ColumnType, Relationship, Role
from core.errors import NotFound
from core.governance.budgets import Account, Cap, Claim, OverCap
from core.governance.lineage import connected
from core.governance.policy import UserRole
from core.store.tables import DatasetRow
from core.studio.values import Dataset, Decision, Stage
from core.synthesis.asks import InRange
from tests.studio.office import Office

Import = Callable[..., Dataset]


@pytest.fixture
def bring(office: Office, tmp_path: Path) -> Import:
    def do(files: dict[str, str], version_of: str = "", name: str = "People") -> Dataset:
        places = []
        for file, text in files.items():
            path = tmp_path / file
            path.write_text(text)
            places.append((file, path))
        return office.studio.imports.import_files(
            office.worker, office.project.id, name, places, version_of=version_of
        )

    return do


def people(rows: int, **more: Callable[[int], object]) -> str:
    columns: dict[str, Callable[[int], object]] = {
        "person_id": lambda i: i + 1,
        "email": lambda i: f"anna{i}@example.com",
        "points": lambda i: 20 + i * 7 % 50,
        "level": lambda i: "abc"[i % 3],
    }
    columns |= more
    lines = [",".join(columns)]
    lines += [",".join(str(of(i)) for of in columns.values()) for i in range(rows)]
    return "\n".join(lines) + "\n"


def decided(office: Office, dataset: Dataset, **said: tuple[Action, Role]) -> Dataset:
    (table,) = dataset.schema.tables
    decisions = [
        Decision(table.name, name, table[name].type, role, action, f"because of {name}")
        for name, (action, role) in said.items()
    ]
    return office.studio.datasets.decide(office.worker, dataset.id, decisions)


@pytest.fixture
def first(office: Office, bring: Import) -> Dataset:
    found = bring({"people.csv": people(120)})
    found = decided(
        office,
        found,
        email=(Action.MASK, Role.IDENTIFIER),
        points=(Action.KEEP, Role.SENSITIVE),
        level=(Action.DROP, Role.PLAIN),
        person_id=(Action.REPLACE, Role.IDENTIFIER),
    )
    assert found.open_columns == ()
    rules = {"people": (InRange("points", 20, 69),)}
    office.studio.rules.set(office.worker, found.id, rules, 0)
    return found


def test_decisions_keys_and_rules_hold_on_and_what_changed_is_open(
    office: Office, bring: Import, first: Dataset
) -> None:
    text = people(
        150,
        level=lambda i: f"bob{i}@example.org",
        points=lambda i: 20 + i * 7 % 50,
        since=lambda i: f"2024-01-{i % 28 + 1:02d}",
    )
    second = bring({"people_2025.csv": text}, first.id)
    (table,) = second.schema.tables
    assert second.version_of == first.id
    assert (table["email"].action, table["email"].role) == (Action.MASK, Role.IDENTIFIER)
    assert table["email"].reason == "because of email"
    assert table["points"].role is Role.SENSITIVE
    assert table.primary_key == first.schema.tables[0].primary_key == "person_id"
    assert {column for _, column in second.open_columns} == {"level", "since"}
    assert second.carried is not None
    why = second.carried.again[table.name]
    assert why["since"] == "it is new"
    assert "e-mail" in why["level"]
    assert set(second.carried.columns[table.name]) == {"person_id", "email", "points"}
    assert (second.carried.keys, second.carried.rules, second.carried.rules_left_out) == (1, 1, 0)
    rules = office.studio.rules.get(office.worker, second.id)
    assert rules.rules == {table.name: (InRange("points", 20, 69),)}
    assert office.studio.datasets.stage(office.worker, second.id) is Stage.REVIEW
    kept = Decision(table.name, "since", table["since"].type, Role.PLAIN, Action.KEEP)
    left = office.studio.datasets.decide(office.worker, second.id, [kept])
    assert {column for _, column in left.open_columns} == {"level"}


def test_the_audit_and_the_lineage_tell_of_it_without_names_of_columns(
    office: Office, bring: Import, first: Dataset
) -> None:
    second = bring({"people.csv": people(90, since=lambda i: i)}, first.id)
    auditor = office.actors[UserRole.AUDITOR]
    entry = office.studio.audit.search(auditor, action="dataset.import", text=second.id)[0]
    assert entry.details["version_of"] == first.id
    assert entry.details["columns_taken_over"] == 4
    assert entry.details["columns_open_again"] == ["people[4]: it is new"]
    assert entry.details["rules_taken_over"] == 1
    with office.studio._context.database.reading() as session:
        edges = connected(session, f"dataset:{second.id}")
    assert (f"dataset:{first.id}", "new version") in {(e.source, e.label) for e in edges}


def test_another_type_is_open_and_a_lost_key_is_told(
    office: Office, bring: Import, first: Dataset
) -> None:
    text = people(60, points=lambda i: "high" if i % 2 else "low", person_id=lambda i: i // 2)
    second = bring({"people.csv": text}, first.id)
    assert second.carried is not None
    assert second.carried.again == {"people": {"points": "its values are of another type"}}
    assert second.schema["people"].primary_key != "person_id"
    assert any("repeat" in note for note in second.carried.notes)
    assert (second.carried.rules, second.carried.rules_left_out) == (0, 1)


def test_a_type_that_a_person_chose_holds_where_the_values_allow_it(
    office: Office, bring: Import
) -> None:
    one = bring({"t.csv": "code,x\n" + "".join(f"{i % 9},{i}\n" for i in range(60))})
    told = Decision("t", "code", ColumnType.CATEGORY, Role.QUASI_IDENTIFIER, Action.KEEP)
    office.studio.datasets.decide(office.worker, one.id, [told])
    two = bring({"t.csv": "code,x\n" + "".join(f"{i % 7},{i + 0.5}\n" for i in range(60))}, one.id)
    assert two.schema["t"]["code"].type is ColumnType.CATEGORY
    assert two.schema["t"]["code"].role is Role.QUASI_IDENTIFIER
    assert {column for _, column in two.open_columns} == {"x"}


def test_links_hold_on_where_no_row_is_orphaned(office: Office, bring: Import) -> None:
    parents = "id,name\n" + "".join(f"{i},n{i % 5}\n" for i in range(40))

    def children(most: int) -> str:
        rows = (f"{i},{i % most},{i % 13}\n" for i in range(200))
        return "nr,belongs,amount\n" + "".join(rows)

    one = bring({"owners.csv": parents, "things.csv": children(40)})
    keys = {"owners": "id", "things": None}
    link = Relationship("owners", "id", "things", "belongs")
    office.studio.datasets.set_keys(office.worker, one.id, keys, [link])
    two = bring({"owners.csv": parents, "things.csv": children(30)}, one.id)
    assert two.schema.relationships == (link,)
    assert two.schema["things"].primary_key is None
    three = bring({"owners.csv": parents, "things.csv": children(50)}, two.id)
    assert three.schema.relationships == ()
    assert three.carried is not None
    assert any("no row of" in note for note in three.carried.notes)


def test_versions_share_one_budget_whatever_is_spent_of_which(
    office: Office, bring: Import, first: Dataset
) -> None:
    spending, database = office.studio._context.spending, office.studio._context.database
    second = bring({"people.csv": people(77)}, first.id)
    third = bring({"people.csv": people(78)}, second.id)
    apart = bring({"people.csv": people(79)})
    accounts = [Account(d.project_id, d.content_hash) for d in (first, second, third, apart)]
    with database.session() as session:
        spending.reserve(session, accounts[0], Claim("r1", first.id, "e", 4.0, 1e-6), "ada")
        spending.reserve(session, accounts[2], Claim("r2", third.id, "e", 3.0, 1e-6), "ada")
        taken = [[t.claim.run_id for t in spending.taken(session, a)] for a in accounts]
        assert taken == [["r1", "r2"]] * 3 + [[]]
        with pytest.raises(OverCap):
            spending.reserve(session, accounts[1], Claim("r3", second.id, "e", 4.0, 1e-6), "ada")
        spending.set_cap(session, accounts[1], Cap(20.0, 1e-4), "agreed", "ada")
        assert spending.cap(session, accounts[2]).epsilon == 20.0
    again = bring({"people.csv": people(78)})
    found = office.studio.budgets.of(office.worker, again.id)
    assert found[0].spent_epsilon == pytest.approx(7.0)
    assert office.studio.audit.verify(office.actors[UserRole.AUDITOR]).ok


def test_of_budgets_that_are_joined_the_lower_cap_holds(office: Office, bring: Import) -> None:
    spending, database = office.studio._context.spending, office.studio._context.database
    one, two = (bring({"people.csv": people(n)}) for n in (41, 42))
    accounts = [Account(d.project_id, d.content_hash) for d in (one, two)]
    with database.session() as session:
        for account, cap in zip(accounts, (3.0, 8.0), strict=True):
            spending.set_cap(session, account, Cap(cap, 1e-4), "agreed", "ada")
        spending.join(session, one.project_id, two.content_hash, one.content_hash, "ada")
        assert [spending.cap(session, a).epsilon for a in accounts] == [3.0, 3.0]


def test_a_dataset_of_another_project_is_no_version_before(
    office: Office, bring: Import, first: Dataset
) -> None:
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    other = office.studio.projects.create(admin, "Elsewhere", "finance")
    with office.studio._context.database.session() as session:
        session.get(DatasetRow, first.id).project_id = other.id
    with pytest.raises(NotFound):
        bring({"people.csv": people(30)}, first.id)


def test_choices_for_free_text_hold_on(office: Office, bring: Import) -> None:
    def notes(rows: int) -> str:
        lines = (
            f"Please call the ward again about case {i * 7} soon.,{'ab'[i % 2]}\n"
            for i in range(rows)
        )
        return "note,ward\n" + "".join(lines)

    one = bring({"n.csv": notes(240)})
    told = Decision("n", "note", one.schema["n"]["note"].type, Role.SENSITIVE, Action.REPLACE)
    office.studio.datasets.decide(office.worker, one.id, [told])
    office.studio.texts.choose(office.worker, one.id, "n", {"note": "ward"})
    two = bring({"n.csv": notes(260)}, one.id)
    assert (two.schema["n"]["note"].learned_text, two.schema["n"]["note"].text_label) == (
        True,
        "ward",
    )
    assert two.carried is not None
    assert two.carried.notes == ()
