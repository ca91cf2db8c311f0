"""The datasets page: import, look inside, go on, remove."""

import re

import pytest

from core.data.schema import Action, ColumnType
from core.governance.policy import UserRole
from core.studio.values import Decision, Stage
from tests.app.harness import House, texts

CSV = (
    "customer_id,email,age,segment,joined,constant\n"
    + "".join(
        f"{i},person{i}@example.com,{20 + i % 50},{'abc'[i % 3]},2024-01-{1 + i % 28:02d},x\n"
        for i in range(60)
    )
).encode()


@pytest.fixture(scope="module")
def dataset(house: House):
    app = house.app(UserRole.GENERAL, "datasets")
    app.file_uploader(key="upload_files").upload("my_customers.csv", CSV).run()
    assert app.text_input(key="name_of_my_customers.csv").value == "my customers"
    app.button(key="import").click().run()
    assert not app.exception
    assert app.title[0].value == "Review"
    return next(
        d
        for d in house.studio.datasets.list(house.actors[UserRole.GENERAL], house.project.id)
        if d.name == "my customers"
    )


def frame_with(app, column: str):
    """The first data frame on the page that has this column."""
    return next((d.value for d in app.dataframe if column in d.value.columns), None)


def test_an_upload_becomes_a_dataset(dataset):
    assert dataset.sources == ("my_customers.csv",)
    assert dict(dataset.table_rows) == {dataset.schema.names[0]: 60}
    assert {column for _, column in dataset.open_columns} == {"customer_id", "email", "age"}


def test_the_list_leads_to_the_next_step(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets")
    assert "Waits for your review" in texts(app)
    app.button(key=f"next_{dataset.id}").click().run()
    assert app.title[0].value == "Review"
    assert app.query_params["dataset"] in (dataset.id, [dataset.id])


def test_looking_inside(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id)
    assert not app.exception
    assert app.title[0].value == "my customers"
    metrics = {metric.label: metric.value for metric in app.metric}
    assert metrics["Rows"] == "60"
    assert metrics["Columns"] == "6"
    assert metrics["Duplicate rows"] == "0"
    table = frame_with(app, "Column").set_index("Column")
    assert "E-mail address" in table.loc["email", "Note"]
    assert table.loc["constant", "Note"] == "always the same"
    assert table.loc["email", "Most frequent"] in ("(hidden)", "")
    assert "person1@" not in texts(app) + "".join(d.value.to_string() for d in app.dataframe)


def test_one_column_in_detail(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id)
    key = next(box.key for box in app.selectbox if str(box.key).endswith("_column"))
    for name in ("age", "segment", "joined", "email", "constant"):
        app.selectbox(key=key).select(name).run()
        assert not app.exception
        figures = frame_with(app, "Figure").set_index("Figure")["Value"]
        assert figures["Rows with a value"] == "60"
    app.selectbox(key=key).select("age").run()
    assert frame_with(app, "Figure").set_index("Figure")["Value"]["Smallest"] == "20"


@pytest.mark.parametrize("tab", ["What goes together", "First rows"])
def test_tabs_open_by_their_address(house: House, dataset, tab):
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id, tab=tab)
    assert not app.exception
    said = texts(app)
    assert ("correlation ratio" in said) == (tab == "What goes together")
    assert ("written to the audit" in said) == (tab == "First rows")


def test_real_rows_are_shown_on_request_only(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id, tab="First rows")
    assert frame_with(app, "email") is None
    button = next(b for b in app.button if str(b.key).startswith(f"rows_{dataset.id}"))
    button.click().run()
    assert len(frame_with(app, "email")) == 60


def test_a_file_that_cannot_be_read_says_why(house: House):
    app = house.app(UserRole.GENERAL, "datasets")
    app.file_uploader(key="upload_files").upload("empty.csv", b"").run()
    assert not app.exception
    assert app.button(key="import").disabled
    assert app.error
    assert "Reference" in texts(app)


def test_how_a_file_is_read_is_shown_and_can_be_corrected(house: House):
    app = house.app(UserRole.GENERAL, "datasets")
    csv = "city;price;day\n" + "Århus;1,5;03/04/2024\n" * 30 + "Oslo;2\n"
    app.file_uploader(key="upload_files").upload("towns.csv", csv.encode("cp1252")).run()
    said = texts(app)
    assert "3 columns set apart by semicolon" in said
    assert "%" not in said.split("dates like")[-1][:20]
    assert "`cp1252`" in said
    assert "decimal comma" in said
    assert "1 row of the first part cannot be read" in said
    shown = app.dataframe[0].value
    assert list(shown.columns) == ["city · Category", "price · Number", "day · Date"]
    month = next(box for box in app.selectbox if box.label == "Dates")
    month.select(True).run()
    assert "MM/DD/YYYY" in texts(app)
    app.button(key="import").click().run()
    assert not app.exception
    key = app.query_params["dataset"]
    actor = house.actors[UserRole.GENERAL]
    dataset = house.studio.datasets.get(actor, key[0] if isinstance(key, list) else key)
    assert dataset.schema["towns"]["day"].format.pattern == "%m/%d/%Y"
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id)
    assert "1 row of towns could not be read" in {e.label for e in app.expander}


def test_places_to_import_from(house: House):
    app = house.app(UserRole.GENERAL, "datasets")
    for place in ("A large file", "A database or storage"):
        app.segmented_control(key="import_place").set_value(place).run()
        assert not app.exception
    app.segmented_control(key="import_place").set_value("A large file").run()
    app.text_input(key="terminal_name").set_value("big.csv").run()
    app.number_input(key="terminal_size").set_value(4).run()
    app.button(key="terminal_make").click().run()
    assert not app.exception
    command = app.code[0].value
    assert "/api/uploads/" in command
    assert "Bearer" in command
    actor = house.actors[UserRole.GENERAL]
    uploads = house.studio.uploads
    (upload,) = uploads.list(actor, house.project.id)
    uploads.append(upload, 0, b"a,b\n")
    app = house.app(UserRole.GENERAL, "datasets")
    app.segmented_control(key="import_place").set_value("A large file").run()
    uploads.finish(upload)
    app.run()
    assert "has a header but no rows" in texts(app)
    uploads.remove(actor, upload.id)


def test_a_stranger_to_the_project_sees_nothing(house: House, dataset):
    app = house.app(UserRole.AUDITOR, "datasets", dataset=dataset.id)
    assert "You may not open this page" in texts(app)
    app = house.app(UserRole.GENERAL, "datasets", dataset="0000000000000000")
    assert "Not found" in texts(app)


def test_a_sample_is_one_click(house: House):
    actor = house.actors[UserRole.GENERAL]
    before = {d.id for d in house.studio.datasets.list(actor, house.project.id)}
    app = house.app(UserRole.GENERAL, "datasets")
    key = house.studio.datasets.samples()[0].key
    app.button(key=f"sample_{key}").click().run()
    assert not app.exception
    new = [d for d in house.studio.datasets.list(actor, house.project.id) if d.id not in before]
    assert len(new) == 1
    assert house.studio.datasets.stage(actor, new[0].id) is Stage.REVIEW


def test_removing_asks_first(house: House):
    actor = house.actors[UserRole.GENERAL]
    app = house.app(UserRole.GENERAL, "datasets")
    app.file_uploader(key="upload_files").upload("gone.csv", CSV).run()
    app.button(key="import").click().run()
    gone = next(d for d in house.studio.datasets.list(actor, house.project.id) if d.name == "gone")
    app = house.app(UserRole.GENERAL, "datasets", dataset=gone.id)
    assert app.button(key="remove").disabled
    app.checkbox(key=f"sure_{gone.id}").check().run()
    app.button(key="remove").click().run()
    assert not app.exception
    left = {d.id for d in house.studio.datasets.list(actor, house.project.id)}
    assert gone.id not in left


def test_names_are_shown_letter_by_letter(house: House):
    app = house.app(UserRole.GENERAL, "datasets")
    csv = b"`a`![x](https://example.com/x.png),b\n" + b"1,2\n3,4\n" * 30
    app.file_uploader(key="upload_files").upload("odd.csv", csv).run()
    app.text_input(key="name_of_odd.csv").set_value("![x](https://example.com/x.png)").run()
    app.button(key="import").click().run()
    assert not app.exception
    outside_code = re.sub(r"`[^`\n]+`", "", texts(app))
    assert "![x]" not in outside_code.replace("\\[", "[[")


RAGGED = b"a,b,a\n" + b"1,2,3\n" * 40 + b"4,5\n"


def test_what_the_reader_had_to_say_is_shown_on_every_page_of_the_dataset(house: House):
    app = house.app(UserRole.GENERAL, "datasets")
    app.file_uploader(key="upload_files").upload("ragged.csv", RAGGED).run()
    app.button(key="import").click().run()
    assert app.title[0].value == "ragged"
    key = app.query_params["dataset"]
    for page in ("datasets", "review"):
        opened = house.app(UserRole.GENERAL, page, dataset=key[0] if isinstance(key, list) else key)
        assert "from reading the files" in opened.expander[0].label
        assert "too few fields" in texts(opened)
        assert "a\\_2" in texts(opened)


def test_a_profile_says_which_types_the_review_changed_since(house: House, dataset):
    actor = house.actors[UserRole.GENERAL]
    table = dataset.schema.names[0]
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id)
    assert "the review changed" not in texts(app)
    column = dataset.schema[table]["age"]
    decision = Decision(table, "age", ColumnType.NUMBER, column.role, Action.KEEP)
    house.studio.datasets.decide(actor, dataset.id, [decision])
    app = house.app(UserRole.GENERAL, "datasets", dataset=dataset.id)
    assert "the review changed the type of `age`" in texts(app)


def test_a_sample_with_nothing_to_settle_opens_on_its_page(house: House):
    app = house.app(UserRole.GENERAL, "datasets")
    app.button(key="sample_sensors").click().run()
    assert app.title[0].value == "Sensor readings"
    assert app.button(key="next_step").label == "Generate synthetic data"


def test_with_files_to_import_there_is_one_primary_button(house: House, dataset):
    app = house.app(UserRole.GENERAL, "datasets")
    app.file_uploader(key="upload_files").upload("more.csv", CSV).run()
    primary = [b.key for b in app.button if b.proto.type == "primary"]
    assert primary == ["import"]


def test_patterns_of_dates_are_written_as_people_write_them():
    from app.components.import_preview import date_words

    assert date_words("%d.%m.%Y %H:%M") == "DD.MM.YYYY hh:mm"
