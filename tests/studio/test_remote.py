"""Files of the web and of object storage: from the connection to the imported dataset."""

import gzip
import io
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import text

from core.data.remote import Place
from core.data.sealed_file import SealedFile
from core.errors import InvalidInput, NotFound, PermissionDenied
from core.governance.policy import UserRole
from core.studio.imports import Import
from tests.studio.office import Office
from tests.webserver import Bucket, Handler, Web, web

SECRET = "s3cret/With+Signs=And%Percent"
PEOPLE = b"id,town,born\n" + b"".join(
    b"%d,t%d,19%d-01-02\n" % (i, i % 3, 50 + i) for i in range(40)
)
ORDERS = b"no,people_id,amount\n" + b"".join(b"%d,%d,%d.5\n" % (i, i % 40, i) for i in range(90))


def parquet() -> bytes:
    out = io.BytesIO()
    pd.DataFrame({"code": ["a", "b"] * 20, "size": range(40)}).to_parquet(out)
    return out.getvalue()


@pytest.fixture
def open_settings(office: Office) -> Iterator[object]:
    """A way to change settings for a test, in which http is allowed."""
    context = office.studio.connections._context
    before = context.settings

    def change(**changed: object) -> None:
        object.__setattr__(context, "settings", replace(context.settings, **changed))

    change(allow_http=True)
    yield change
    object.__setattr__(context, "settings", before)


@pytest.fixture
def bucket(open_settings) -> Iterator[tuple[Bucket, Place]]:
    objects = {
        "in/people.csv": PEOPLE,
        "in/2024/orders.csv.gz": gzip.compress(ORDERS),
        "in/sizes.parquet": parquet(),
        "in/broken.parquet": b"PAR1 and nothing else",
        "in/readme.md": b"x",
        "secret/other.csv": PEOPLE,
    }
    held = Bucket(objects, secret=SECRET)
    with web(held) as running:
        yield held, Place("s3://bank/in/", running.url(""), held.region, held.key_id, SECRET)


def kept(office: Office) -> tuple[set[str], set[str]]:
    """Datasets that there are, and folders of the vault."""
    found = office.studio.datasets.list(office.worker, office.project.id)
    vault = office.home / "vault"
    return {d.id for d in found}, {str(p) for p in vault.rglob("*") if "probe" not in p.name}


def imported(office: Office, connection_id: str, *keys: str, name: str = "Far") -> Import:
    task = office.studio.remote.start_import(office.worker, connection_id, name, keys)
    return office.studio.imports.wait(task.id, 60)


def test_a_bucket_becomes_a_dataset(office: Office, bucket, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    remote, worker, (held, place) = office.studio.remote, office.worker, bucket
    new = remote.add(worker, office.project.id, "Lake", place)
    assert new.kind == "s3"
    assert remote.test(worker, new.id) == 4
    keys = [file.key for file in remote.files(worker, new.id).files]
    assert keys == ["in/2024/orders.csv.gz", "in/broken.parquet", "in/people.csv",
                    "in/sizes.parquet"]  # fmt: skip
    task = imported(office, new.id, "in/people.csv", "in/2024/orders.csv.gz", "in/sizes.parquet")
    assert task.state == "done", task.error
    dataset = office.studio.datasets.get(worker, task.dataset_id)
    assert dict(dataset.table_rows) == {"people": 40, "orders": 90, "sizes": 40}
    assert dataset.schema["people"]["born"].type.value == "date"
    assert [(r.parent, r.child) for r in dataset.schema.relationships] == [("people", "orders")]
    assert dataset.sources == ("Lake: people.csv", "Lake: orders.csv.gz", "Lake: sizes.parquet")
    assert not list((office.home / "vault").rglob("arriving*"))
    assert not any(word in caplog.text for word in (SECRET, held.key_id, "Signature="))


def test_a_file_that_comes_in_many_pieces(office: Office, bucket, monkeypatch) -> None:
    monkeypatch.setattr("core.data.sealed_file.PIECE", 100)
    monkeypatch.setattr("core.data.remote.arriving.PIECE", 100)
    monkeypatch.setattr("core.data.remote.web.CHUNK", 70)
    written, write = [], SealedFile.write

    def noted(self: SealedFile, number: int, data: bytes) -> None:
        written.append((number, len(data)))
        write(self, number, data)

    monkeypatch.setattr(SealedFile, "write", noted)
    new = office.studio.remote.add(office.worker, office.project.id, "Lake", bucket[1])
    task = imported(office, new.id, "in/people.csv")
    assert task.state == "done", task.error
    whole, rest = divmod(len(PEOPLE), 100)
    assert written == [*((i, 100) for i in range(whole)), (whole, rest)]


def sending(handler: Handler) -> None:
    """A web server: whole files, broken ones, ones without a length."""
    path = handler.path.partition("?")[0]
    if path == "/half.csv":
        handler.give(PEOPLE, content_length=str(len(PEOPLE) + 5))
        handler.close_connection = True
    elif path == "/chunks.csv":
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(PEOPLE), PEOPLE)
        handler.give(body, content_length="", transfer_encoding="chunked")
    elif path == "/empty.csv":
        handler.give(b"")
    elif path == "/binary.csv":
        handler.give(bytes(range(256)) * 4)
    else:
        handler.give(PEOPLE)


@pytest.fixture
def server(open_settings) -> Iterator[Web]:
    with web(sending) as running:
        yield running


def test_a_file_of_the_web_keeps_its_query_to_itself(office: Office, server: Web) -> None:
    address = server.url(f"/a/people.csv?sig={SECRET}").replace("//", "//ada:word-77@")
    new = office.studio.remote.add(office.worker, office.project.id, "Web", Place(address))
    (file,) = office.studio.remote.files(office.worker, new.id).files
    assert (file.name, file.size) == ("people.csv", len(PEOPLE))
    task = imported(office, new.id, file.key)
    assert task.state == "done", task.error
    dataset = office.studio.datasets.get(office.worker, task.dataset_id)
    assert dataset.sources == ("Web: people.csv",)
    told = repr((new, task, dataset, office.studio.connections.list(office.worker, new.project_id)))
    auditor = office.actors[UserRole.AUDITOR]
    told += repr(office.studio.audit.search(auditor))
    with office.studio.connections._context.database.reading() as session:
        told += repr(session.execute(text("SELECT * FROM connections")).all())
        told += repr(session.execute(text("SELECT * FROM lineage")).all())
    assert "Web: people.csv" in told
    for word in ("s3cret", "word-77", "sig=", "localhost"):
        assert word not in told


@pytest.mark.parametrize(
    ("path", "upload_gib", "words"),
    [
        ("/half.csv", 1.0, "'half.csv': The transfer broke off"),
        ("/empty.csv", 1.0, "'empty.csv': It is empty"),
        ("/binary.csv", 1.0, "binary.csv"),
        ("/whole.csv", 1e-7, "'whole.csv': It has more than"),
        ("/chunks.csv", 1e-7, "'chunks.csv': It has more than"),
    ],
)
def test_what_goes_wrong_leaves_nothing(
    office: Office, server: Web, open_settings, path: str, upload_gib: float, words: str
) -> None:
    new = office.studio.remote.add(office.worker, office.project.id, "Web", Place(server.url(path)))
    open_settings(upload_gib=upload_gib)
    before = kept(office)
    task = imported(office, new.id, path[1:])
    assert task.state == "failed"
    assert words in task.error
    assert kept(office) == before


def test_the_second_of_two_files_is_gone(office: Office, bucket) -> None:
    new = office.studio.remote.add(office.worker, office.project.id, "Lake", bucket[1])
    before = kept(office)
    for second in ("in/gone.csv", "in/broken.parquet"):
        task = imported(office, new.id, "in/people.csv", second)
        assert task.state == "failed"
        assert second[3:] in task.error
        assert kept(office) == before


def test_no_room_on_the_disk(office: Office, server: Web, monkeypatch) -> None:
    new = office.studio.remote.add(
        office.worker, office.project.id, "Web", Place(server.url("/x.csv"))
    )
    monkeypatch.setattr("core.data.sealed_file.LEAST_FREE", 2**60)
    before = kept(office)
    assert "does not fit on the disk" in imported(office, new.id, "x.csv").error
    assert kept(office) == before


def test_an_import_under_way_is_cancelled(office: Office, open_settings) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def slowly(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(PEOPLE)))
        handler.end_headers()
        if len(handler.server.asked) > 1:  # type: ignore[attr-defined]
            handler.wfile.write(PEOPLE[:100])
            reached.set()
            go_on.wait(30)
            handler.wfile.write(PEOPLE[100:])

    with web(slowly) as running:
        place = Place(running.url("/slow.csv"))
        new = office.studio.remote.add(office.worker, office.project.id, "Slow", place)
        before = kept(office)[0]
        task = office.studio.remote.start_import(office.worker, new.id, "Slow", ["slow.csv"])
        assert reached.wait(30)
        office.studio.imports.cancel(office.worker, task.id)
        go_on.set()
        task = office.studio.imports.wait(task.id, 60)
    assert task.state == "cancelled"
    assert kept(office)[0] == before
    assert not list((office.home / "vault").rglob("arriving*"))


def test_private_hosts_when_they_are_forbidden(office: Office, bucket, open_settings) -> None:
    remote, worker, place = office.studio.remote, office.worker, bucket[1]
    new = remote.add(worker, office.project.id, "Lake", place)
    open_settings(forbid_private=True)
    with pytest.raises(InvalidInput, match="STUDIO_FORBID_PRIVATE"):
        remote.add(worker, office.project.id, "Lake 2", place)
    with pytest.raises(InvalidInput, match="STUDIO_FORBID_PRIVATE"):
        remote.test(worker, new.id)
    task = imported(office, new.id, "in/people.csv")
    assert "STUDIO_FORBID_PRIVATE" in task.error
    open_settings(forbid_private=False, allow_http=False)
    with pytest.raises(InvalidInput, match="STUDIO_ALLOW_HTTP"):
        remote.start_import(worker, new.id, "x", ["in/people.csv"])


def test_what_does_not_let_us_in_is_not_kept(office: Office, bucket) -> None:
    connections = office.studio.connections
    before = len(connections.list(office.worker, office.project.id))
    wrong = replace(bucket[1], secret="another-secret-word")
    with pytest.raises(InvalidInput, match="does not let us in") as caught:
        office.studio.remote.add(office.worker, office.project.id, "Wrong", wrong)
    assert "another-secret-word" not in str(caught.value)
    for bad in (Place("ftp://host/x.csv"), Place("s3://bank/x", key_id="a")):
        with pytest.raises(InvalidInput):
            office.studio.remote.add(office.worker, office.project.id, "Wrong", bad)
    with pytest.raises(InvalidInput, match="name of 1 to"):
        office.studio.remote.add(office.worker, office.project.id, " ", bucket[1])
    assert len(connections.list(office.worker, office.project.id)) == before
    auditor = office.actors[UserRole.AUDITOR]
    entries = office.studio.audit.search(auditor, action="connection.add", outcome="failed")
    assert entries
    assert "another-secret-word" not in repr(entries)


def test_kinds_are_not_mixed(office: Office, bucket) -> None:
    remote, worker = office.studio.remote, office.worker
    new = remote.add(worker, office.project.id, "Lake", bucket[1])
    with pytest.raises(InvalidInput, match="leads to files"):
        office.studio.connections.schemas(worker, new.id)
    with pytest.raises(NotFound):
        remote.start_import(worker, new.id, "x", ["secret/other.csv"])


def test_who_may(office: Office, bucket) -> None:
    remote = office.studio.remote
    new = remote.add(office.worker, office.project.id, "Lake", bucket[1])
    for actor in (office.outsider, office.actors[UserRole.AUDITOR]):
        for call in (
            lambda who: remote.add(who, office.project.id, "Lake", bucket[1]),
            lambda who: remote.test(who, new.id),
            lambda who: remote.files(who, new.id),
            lambda who: remote.start_import(who, new.id, "x", ["in/people.csv"]),
        ):
            with pytest.raises((NotFound, PermissionDenied)):
                call(actor)
    office.studio.connections.remove(office.worker, new.id)
    with pytest.raises(NotFound):
        remote.files(office.worker, new.id)
