"""The schema editor's use cases: what an edit changes, what it is checked for, what gets lost."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.data.schema import Column, ColumnType, Relationship, Role, Schema, Table
from core.errors import Conflict, InvalidInput
from core.studio.schema_texts import SchemaDraft, read_schema_yaml, schema_yaml
from core.studio.values import Dataset
from core.synthesis.asks import InRange, NotNull, Unique
from tests.studio.office import Office


@pytest.fixture(scope="module")
def shop_files(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Path]]:
    """Twenty shops, some below another, and sales of which two name no shop that is there."""
    folder = tmp_path_factory.mktemp("shop")
    shops = ["nr,town,above"] + [f"{i},town{i % 3},{i // 2 or ''}" for i in range(1, 21)]
    sales = ["at_shop,line,amount,note"]
    sales += [f"{(i % 20) + 1},{i // 20},{i}.5,n{i}" for i in range(60)]
    sales += ["77,0,1.5,x", "78,0,2.5,y"]
    found = []
    for name, lines in {"shops": shops, "sales": sales}.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n")
        found.append((f"{name}.csv", folder / f"{name}.csv"))
    return found


@pytest.fixture
def shop(office: Office, shop_files: list[tuple[str, Path]], request) -> Dataset:
    name = f"Shop {request.node.name}"
    made = office.studio.datasets.import_files(office.worker, office.project.id, name, shop_files)
    return office.studio.datasets.set_keys(
        office.worker, made.id, {"shops": None, "sales": None}, ()
    )


def edited(office: Office, shop: Dataset, text: str) -> Dataset:
    schemas = office.studio.schemas
    seen = schemas.get(office.worker, shop.id)
    return schemas.set(
        office.worker, shop.id, schemas.from_yaml(office.worker, shop.id, text), seen
    )


def test_types_roles_keys_and_links_are_edited_as_text(office: Office, shop: Dataset) -> None:
    text = """
tables:
  shops:
    key: nr
    columns:
      town: {role: quasi-identifier, semantic: city}
  sales:
    key: [at_shop, line]
    columns:
      at_shop: {type: category}
links: []
"""
    after = edited(office, shop, text)
    assert after.schema["shops"].primary_key == "nr"
    assert after.schema["shops"]["town"].role is Role.QUASI_IDENTIFIER
    assert after.schema["shops"]["town"].semantic == "city"
    assert after.schema["sales"]["at_shop"].type is ColumnType.CATEGORY
    assert after.schema["sales"]["amount"] == shop.schema["sales"]["amount"]
    rules = office.studio.rules.get(office.worker, shop.id).rules
    assert rules["sales"] == (Unique(("at_shop", "line")), NotNull("at_shop"), NotNull("line"))
    draft = office.studio.schemas.get(office.worker, shop.id)
    assert draft.composite == {"sales": ("at_shop", "line")}
    edited(office, shop, "tables: {sales: {key: null}}")
    assert office.studio.rules.get(office.worker, shop.id).rules == {}


def test_a_table_may_point_to_itself(office: Office, shop: Dataset) -> None:
    text = """
tables: {shops: {key: nr}}
links:
  - {parent: shops, parent_key: nr, child: shops, child_key: above}
"""
    after = edited(office, shop, text)
    assert after.schema.relationships == (Relationship("shops", "nr", "shops", "above"),)


def test_every_problem_of_the_rows_is_said_at_once(office: Office, shop: Dataset) -> None:
    schemas = office.studio.schemas
    text = """
tables:
  shops:
    key: town
    columns:
      town: {type: integer}
  sales:
    key: [at_shop, note]
    columns:
      note: {type: boolean}
links:
  - {parent: shops, parent_key: nr, child: sales, child_key: at_shop}
  - {parent: shops, parent_key: nowhere, child: sales, child_key: line}
"""
    seen = schemas.get(office.worker, shop.id)
    draft = schemas.from_yaml(office.worker, shop.id, text)
    found = schemas.problems(office.worker, shop.id, draft)
    assert len(found) == 4
    with pytest.raises(InvalidInput) as caught:
        schemas.set(office.worker, shop.id, draft, seen)
    assert caught.value.problems == found
    assert "town1" not in str(caught.value)
    assert schemas.get(office.worker, shop.id) == seen


def test_rows_that_speak_against_keys_and_links_are_counted(office: Office, shop: Dataset) -> None:
    schemas = office.studio.schemas
    seen = schemas.get(office.worker, shop.id)
    tables = (
        replace(seen.schema["shops"], primary_key="nr"),
        replace(seen.schema["sales"], primary_key="line"),
    )
    links = (Relationship("shops", "nr", "sales", "at_shop"),)
    schema = replace(seen.schema, tables=tuple(tables), relationships=links)
    order = {t.name: t for t in tables}
    schema = replace(schema, tables=tuple(order[n] for n in seen.schema.names))
    found = schemas.problems(office.worker, shop.id, SchemaDraft(schema))
    assert any("59 rows repeat" in one for one in found)
    assert any("2 rows of 'sales' point" in one for one in found)


def test_a_type_that_a_rule_needs_cannot_be_taken_away(office: Office, shop: Dataset) -> None:
    office.studio.rules.set(office.worker, shop.id, {"sales": (InRange("amount", 0),)}, 0)
    with pytest.raises(InvalidInput, match="does not fit any more"):
        edited(office, shop, "tables: {sales: {columns: {amount: {type: category}}}}")


def test_the_second_of_two_edits_is_told(office: Office, shop: Dataset) -> None:
    schemas = office.studio.schemas
    seen = schemas.get(office.worker, shop.id)
    mine = schemas.from_yaml(office.worker, shop.id, "tables: {shops: {key: nr}}")
    text = "tables: {shops: {columns: {town: {role: sensitive}}}}"
    edited(office, shop, text)
    with pytest.raises(Conflict, match="Somebody else"):
        schemas.set(office.worker, shop.id, mine, seen)
    now = schemas.get(office.worker, shop.id).schema
    assert now["shops"]["town"].role is Role.SENSITIVE
    assert now["shops"].primary_key is None


def test_what_goes_out_comes_back_the_same(office: Office, shop: Dataset) -> None:
    schemas = office.studio.schemas
    text = schemas.to_yaml(office.worker, shop.id)
    before = schemas.get(office.worker, shop.id)
    assert schemas.from_yaml(office.worker, shop.id, text) == before


def test_every_mistake_in_a_text_is_said_at_once(office: Office, shop: Dataset) -> None:
    text = """
tables:
  shops:
    key: [nr, nr, no]
    columns:
      town: {type: place, role: boss, semantic: magic, colour: red}
      gone: {type: integer}
      nr: 3
    rows: 4
  other: {}
links:
  - {parent: shops}
  - {parent: shops, parent_key: [nr, town], child: sales, child_key: line}
more: 1
"""
    with pytest.raises(InvalidInput) as caught:
        office.studio.schemas.from_yaml(office.worker, shop.id, text)
    assert len(caught.value.problems) == 13


def test_three_thousand_columns_as_text() -> None:
    columns = tuple(Column(f"c{i}: #", ColumnType.INTEGER) for i in range(3_000))
    draft = SchemaDraft(Schema((Table("wide", columns),)))
    assert read_schema_yaml(schema_yaml(draft), draft) == draft


def test_wide_tables_with_hostile_names(office: Office, tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(30)]
    names += ['"', "a: b", "- x", "# y", "{z}", "<b>", "$(ls)", "null", "1.5", "naïve \U0001f600"]
    quoted = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    rows = "\n".join(",".join(str((i * j) % 7) for j in range(40)) for i in range(1, 41))
    path = tmp_path / "wide.csv"
    path.write_text(quoted + "\n" + rows + "\n")
    wide = office.imported(path, "Wide")
    schemas, rules = office.studio.schemas, office.studio.rules
    text = schemas.to_yaml(office.worker, wide.id)
    before = schemas.get(office.worker, wide.id)
    assert schemas.from_yaml(office.worker, wide.id, text) == before
    assert schemas.problems(office.worker, wide.id, before) == ()
    hostile = {"wide": tuple(NotNull(name) for name in before.schema["wide"].names[-10:])}
    saved = rules.set(office.worker, wide.id, hostile, 0)
    text = rules.to_yaml(office.worker, wide.id)
    assert rules.from_yaml(office.worker, wide.id, text) == saved.rules
    assert {one.share for one in rules.check(office.worker, wide.id)} == {1.0}
    assert len(rules.suggest(office.worker, wide.id)) <= 200


@pytest.fixture
def wide(office: Office, tmp_path: Path) -> Dataset:
    """Lines of orders, and notes of which one names no line."""
    lines = ["ordr,line,size"] + [f"{i // 3},{i % 3},{'sl'[i % 2]}" for i in range(60)]
    notes = ["of_order,of_line,tone"] + [f"{i % 20},{i % 3},{'gc'[i % 2]}" for i in range(80)]
    found = []
    for name, text in {"lines": lines, "notes": [*notes, "19,9,g"]}.items():
        (tmp_path / f"{name}.csv").write_text("\n".join(text) + "\n")
        found.append((f"{name}.csv", tmp_path / f"{name}.csv"))
    made = office.studio.datasets.import_files(office.worker, office.project.id, "Wide", found)
    keys = {"lines": None, "notes": None}
    return office.studio.datasets.set_keys(office.worker, made.id, keys, ())


def test_links_of_several_columns_are_checked_saved_and_written(
    office: Office, wide: Dataset
) -> None:
    schemas = office.studio.schemas

    def linked(parent: str, child: str) -> str:
        return (
            "tables: {}\nlinks:\n- parent: lines\n  child: notes\n"
            f"  parent_key: {parent}\n  child_key: {child}\n"
        )

    with pytest.raises(InvalidInput, match="1 rows of 'notes'") as refused:
        edited(office, wide, linked("[ordr, line]", "[of_order, of_line]"))
    assert len(refused.value.problems) == 1
    with pytest.raises(InvalidInput) as refused:
        edited(office, wide, linked("[line, size]", "[of_line, tone]"))
    assert "repeat another's" in " ".join(refused.value.problems)
    assert "no row of" in " ".join(refused.value.problems)
    with pytest.raises(InvalidInput, match="as many columns"):
        edited(office, wide, linked("[ordr, line]", "of_order"))
    with pytest.raises(InvalidInput, match="column twice"):
        edited(office, wide, linked("[line, line]", "[of_line, of_order]"))
    seen = schemas.get(office.worker, wide.id)
    link = Relationship.of("lines", ("ordr", "line"), "notes", ("of_order", "of_line"))
    draft = SchemaDraft(replace(seen.schema, relationships=(link,)), {"lines": ("ordr", "line")})
    assert read_schema_yaml(schema_yaml(draft), seen) == draft


def test_a_self_reference_of_several_columns_is_read(office: Office, tmp_path: Path) -> None:
    path = tmp_path / "parts.csv"
    rows = ["site,nr,above_site,above_nr"]
    rows += [f"{i % 2},{i},{'' if i < 2 else i % 2},{'' if i < 2 else i - 2}" for i in range(40)]
    path.write_text("\n".join(rows) + "\n")
    made = office.imported(path, "Parts")
    office.studio.datasets.set_keys(office.worker, made.id, {"parts": None}, ())
    link = Relationship.of("parts", ("site", "nr"), "parts", ("above_site", "above_nr"))
    after = office.studio.datasets.set_keys(office.worker, made.id, {"parts": None}, (link,))
    assert after.schema.relationships == (link,)
