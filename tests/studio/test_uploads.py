"""Large files that come in pieces: limits, going on after a break, checksums, what is abandoned."""

import hashlib
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest

from core.data import sealed_file
from core.errors import AuthenticationFailed, Conflict, InvalidInput, NotFound, PermissionDenied
from core.governance.policy import UserRole
from core.store.tables import UploadRow, now
from core.studio import kept_uploads
from core.studio.importing import Request
from core.studio.uploads import Uploads
from tests.studio.office import Office

TEXT = b"id,name\n" + b"".join(b"%d,name %d\n" % (i, i) for i in range(200))
PIECE = 500


@pytest.fixture(autouse=True)
def _small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealed_file, "PIECE", PIECE)
    monkeypatch.setattr(kept_uploads, "PIECE", PIECE)


@pytest.fixture
def uploads(office: Office) -> Uploads:
    return office.studio.uploads


def send(uploads: Uploads, upload, data: bytes = TEXT, start: int = 0) -> None:
    place = start
    while place < len(data):
        end = min(place + PIECE - place % PIECE, len(data))
        assert uploads.append(upload, place, data[place:end]) == end
        place = end


def test_a_file_arrives_is_checked_and_imported(office: Office, uploads: Uploads) -> None:
    worker, project = office.worker, office.project.id
    upload, _ = uploads.begin(worker, project, "C:\\data\\people.csv", len(TEXT))
    assert upload.name == "people.csv"
    send(uploads, upload)
    done = uploads.finish(upload, sha256=hashlib.sha256(TEXT).hexdigest())
    assert done.is_checked
    assert uploads.files(worker, [upload.id])[0][1].open("rb").read() == TEXT
    (seen,) = office.studio.imports.preview(worker, project, uploads.files(worker, [upload.id]))
    assert [c.name for c in seen.columns] == ["id", "name"]
    task = uploads.start_import(worker, "Sent", [upload.id])
    task = office.studio.imports.wait(task.id)
    assert task.state == "done", task.error
    assert dict(office.studio.datasets.get(worker, task.dataset_id).table_rows) == {"people": 200}
    assert not (office.home / "vault" / "uploads" / upload.id).exists()
    with pytest.raises(NotFound):
        uploads.get(worker, upload.id)


def test_a_file_is_not_imported_twice_at_once(office: Office, uploads: Uploads) -> None:
    worker, project = office.worker, office.project.id
    upload, _ = uploads.begin(worker, project, "people.csv", len(TEXT))
    send(uploads, upload)
    uploads.finish(upload)
    hold, reached = Event(), Event()

    def slow(job):
        reached.set()
        hold.wait(30)
        raise InvalidInput("stop")

    task = office.studio.imports.start(worker, Request(project, "S", ("s",)), slow)
    uploads._importing[upload.id] = task.id
    reached.wait(30)
    assert upload.id not in [u.id for u in uploads.list(worker, project)]
    with pytest.raises(Conflict, match="imported already"):
        uploads.start_import(worker, "Again", [upload.id])
    hold.set()
    office.studio.imports.wait(task.id)
    assert upload.id in [u.id for u in uploads.list(worker, project)]
    uploads.remove(worker, upload.id)


def test_nothing_of_it_lies_in_plain(office: Office, uploads: Uploads) -> None:
    upload, _ = uploads.begin(office.worker, office.project.id, "t.csv", len(TEXT))
    send(uploads, upload)
    pieces = list((office.home / "vault" / "uploads" / upload.id).iterdir())
    assert len(pieces) == -(-len(TEXT) // PIECE)
    assert not any(b"name 1" in piece.read_bytes() for piece in pieces)
    uploads.remove(office.worker, upload.id)


def test_it_goes_on_where_it_broke_off(office: Office, uploads: Uploads) -> None:
    worker = office.worker
    upload, token = uploads.begin(worker, office.project.id, "t.csv", len(TEXT))
    uploads.append(upload, 0, TEXT[:300])
    with pytest.raises(Conflict, match="300 bytes have arrived"):
        uploads.append(upload, 200, TEXT[200:500])
    with pytest.raises(Conflict, match="Send the rest"):
        uploads.finish(upload)
    with pytest.raises(Conflict, match="completely"):
        uploads.files(worker, [upload.id])
    upload = uploads.by_token(upload.id, token)
    assert upload.received == 300
    with pytest.raises(Conflict, match="arrived changed"):
        uploads.append(upload, 300, TEXT[300:500], "0" * 64)
    send(uploads, upload, start=300)
    pieces = [TEXT[i : i + PIECE] for i in range(0, len(TEXT), PIECE)]
    digest = hashlib.sha256(b"".join(hashlib.sha256(p).digest() for p in pieces)).hexdigest()
    assert uploads.finish(upload, sha256_of_pieces=digest).is_checked
    with pytest.raises(Conflict):
        uploads.append(upload, len(TEXT), b"more")
    uploads.remove(worker, upload.id)


def test_a_wrong_checksum_removes_it(office: Office, uploads: Uploads) -> None:
    upload, _ = uploads.begin(office.worker, office.project.id, "t.csv", len(TEXT))
    send(uploads, upload)
    with pytest.raises(Conflict, match="removed"):
        uploads.finish(upload, sha256="1" * 64)
    with pytest.raises(NotFound):
        uploads.get(office.worker, upload.id)


def test_limits(office: Office, uploads: Uploads) -> None:
    worker, project = office.worker, office.project.id
    with pytest.raises(InvalidInput, match="STUDIO_UPLOAD_GIB"):
        uploads.begin(worker, project, "t.csv", 11 * 1024**3)
    with pytest.raises(InvalidInput, match="is empty"):
        uploads.begin(worker, project, "t.csv", 0)
    with pytest.raises(InvalidInput, match="no name"):
        uploads.begin(worker, project, "a/\n", 1)
    upload, _ = uploads.begin(worker, project, "t.csv", 10)
    with pytest.raises(InvalidInput, match="More bytes"):
        uploads.append(upload, 0, b"x" * 11)
    uploads.remove(worker, upload.id)


def test_who_may(office: Office, uploads: Uploads) -> None:
    with pytest.raises((NotFound, PermissionDenied)):
        uploads.begin(office.outsider, office.project.id, "t.csv", 10)
    upload, token = uploads.begin(office.worker, office.project.id, "t.csv", 10)
    for actor in (office.outsider, office.actors[UserRole.AUDITOR]):
        with pytest.raises((NotFound, PermissionDenied)):
            uploads.get(actor, upload.id)
        with pytest.raises((NotFound, PermissionDenied)):
            uploads.remove(actor, upload.id)
    other, other_token = uploads.begin(office.worker, office.project.id, "o.csv", 10)
    for wrong in (other_token, "", token + "x"):
        with pytest.raises(AuthenticationFailed):
            uploads.by_token(upload.id, wrong)
    for one in (upload, other):
        uploads.remove(office.worker, one.id)


def test_a_token_ends_with_the_account_and_the_membership(office: Office, uploads: Uploads) -> None:
    upload, token = uploads.begin(office.worker, office.project.id, "t.csv", 10)
    admin = office.actors[UserRole.PLATFORM_ADMIN]
    people, projects = office.studio.people, office.studio.projects
    projects.remove_member(admin, office.project.id, office.worker.user_id)
    with pytest.raises(NotFound):
        uploads.by_token(upload.id, token)
    projects.add_member(admin, office.project.id, office.worker.username)
    assert uploads.by_token(upload.id, token).id == upload.id
    people.set_disabled(admin, office.worker.user_id, True)
    with pytest.raises(AuthenticationFailed):
        uploads.by_token(upload.id, token)
    people.set_disabled(admin, office.worker.user_id, False)
    uploads.remove(office.worker, upload.id)


def test_what_is_abandoned_goes(office: Office, uploads: Uploads) -> None:
    upload, _ = uploads.begin(office.worker, office.project.id, "t.csv", 10)
    uploads.append(upload, 0, b"abc")
    lost = office.home / "vault" / "uploads" / "0000"
    lost.mkdir()
    (lost / "0").write_bytes(b"x")
    assert uploads.sweep() == 1
    assert uploads.get(office.worker, upload.id).received == 3
    with uploads._context.database.session() as session:
        row = session.get(UploadRow, upload.id)
        assert row is not None
        row.changed_at = now() - timedelta(hours=49)
    assert uploads.sweep() == 1
    assert not Path(office.home / "vault" / "uploads" / upload.id).exists()
