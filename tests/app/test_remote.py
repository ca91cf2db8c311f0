"""The connections page with object storage and files of the web: add, list, choose, import."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.governance.policy import UserRole
from tests.app.harness import House, texts
from tests.webserver import Bucket, Web, web

PEOPLE = b"id,town\n" + b"".join(b"%d,t%d\n" % (i, i % 3) for i in range(30))


@pytest.fixture
def bucket() -> Bucket:
    return Bucket({"in/a.csv": PEOPLE, "in/b.csv": PEOPLE, "in/b.txt.pdf": b"x", "out.csv": PEOPLE})


@pytest.fixture
def storage(house: House, bucket: Bucket) -> Iterator[Web]:
    context = house.studio.connections._context
    before = context.settings
    object.__setattr__(context, "settings", replace(before, allow_http=True))
    with web(bucket) as running:
        yield running
    object.__setattr__(context, "settings", before)


def test_from_a_bucket_to_a_dataset(house: House, storage: Web, bucket: Bucket):
    app = house.app(UserRole.GENERAL, "connections")
    app.segmented_control(key="connection_kind").set_value("Object storage").run()
    filled = {
        "name": "Lake",
        "address": "s3://bank/in/",
        "endpoint": storage.url(""),
        "region": bucket.region,
        "key_id": bucket.key_id,
        "secret": "no-such-secret",
    }
    for key, value in filled.items():
        app.text_input(key=f"bucket_{key}").set_value(value)
    app.button(key="keep_bucket").click().run()
    assert "does not let us in" in texts(app)
    assert app.text_input(key="bucket_name").value == "Lake"
    app.text_input(key="bucket_secret").set_value(bucket.secret)
    app.button(key="keep_bucket").click().run()
    assert not app.exception
    assert {app.text_input(key=f"bucket_{key}").value for key in filled} == {""}
    app = house.app(UserRole.GENERAL, "connections")
    assert bucket.secret not in texts(app)
    assert bucket.key_id not in texts(app)
    actor = house.actors[UserRole.GENERAL]
    kept = next(
        c for c in house.studio.connections.list(actor, house.project.id) if c.name == "Lake"
    )
    app.selectbox(key="connection").set_value(kept.id).run()
    files = app.multiselect(key=f"files_{kept.id}")
    assert files.options == ["in/a.csv (0.2 KiB)", "in/b.csv (0.2 KiB)"]
    files.select(files.options[1]).run()
    asked = len(storage.asked)
    app.button(key="test_connection").click().run()
    assert not app.exception
    assert len(storage.asked) > asked
    app.button(key="import_files").click().run()
    assert not app.exception
    task = house.studio.imports.wait(house.studio.imports.list(actor, house.project.id)[0].id)
    assert task.state == "done", task.error
    assert dict(house.studio.datasets.get(actor, task.dataset_id).table_rows) == {"b": 30}
    bucket.objects["in/c.csv"] = PEOPLE
    app.button(key="list_again").click().run()
    assert len(app.multiselect(key=f"files_{kept.id}").options) == 3


def test_a_file_over_https_that_is_not_there(house: House, storage: Web):
    app = house.app(UserRole.GENERAL, "connections")
    app.segmented_control(key="connection_kind").set_value("A file over https").run()
    app.text_input(key="web_name").set_value("Web")
    app.text_input(key="web_address").set_value("https://u:pw-91@127.0.0.1:1/x.csv?sig=abc")
    app.button(key="keep_web").click().run()
    assert not app.exception
    assert "does not answer" in texts(app)
    assert "pw-91" not in texts(app)
