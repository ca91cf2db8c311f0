"""The state: who opens it, how rows are read and written, and how it is closed.

By default the state is an encrypted DuckDB file that one process owns; ``STUDIO_DATABASE_URL`` may
name any other SQLAlchemy database. Writing transactions take turns behind one lock: they are short
(no training or file reading inside), numbering needs no retries, and two threads that change the
same row do not fail each other.
"""

import json
import logging
import shutil
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from core.errors import (
    Conflict,
    IntegrityError,
    InvalidInput,
    StorageError,
    StudioError,
    WorkspaceLocked,
)
from core.keys import Keys, Purpose, make_home
from core.settings import Settings
from core.store.duck import connect, literal
from core.store.lock import HomeLock
from core.store.migrations import migrate

logger = logging.getLogger(__name__)
STATE_FILE = "state.duckdb"
LEAST_FREE_BYTES = 64 * 1024**2
WRITE_WAIT_S = 60.0
AFTER_COMMIT = "after_commit"


_GIVEN_UP = (
    "The state's file could not be written. Nothing was saved. Make room on its disk or put its "
    "owner and mode right, then start the studio again."
)


class StateGivenUp(StorageError):
    """DuckDB failed to write the state and answers no more until the next start."""


class Database:
    """An open state; made by :func:`open_database`.

    Attributes
    ----------
    home
        The folder that this database's lock covers.
    """

    def __init__(self, engine: Engine, home: Path, resources: ExitStack) -> None:
        self.home = home
        self._engine = engine
        self._resources = resources
        self._writing = threading.RLock()
        self._given_up = False

    @property
    def dialect(self) -> str:
        """Name of the SQL dialect, such as ``duckdb`` or ``postgresql``."""
        return self._engine.dialect.name

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A transaction that may write: commits at the end, rolls back on any error.

        One at a time in this process: keep it short. Functions appended to
        ``session.info["after_commit"]`` are called once the rows are safe, in turn.

        Raises
        ------
        Conflict
            No turn within a minute, or the database refused a change. Nothing was written.
        StorageError
            The disk is nearly full. DuckDB gives a state up, until the next start, whose file it
            cannot write; so it does not get that far.
        """
        if self.dialect == "duckdb":
            _refuse_full_disk(self.home)
        if not self._writing.acquire(timeout=WRITE_WAIT_S):
            raise Conflict("The state is busy with another change. Try again in a minute.")
        try:
            with Session(self._engine, expire_on_commit=False) as session:
                session.info[AFTER_COMMIT] = []
                try:
                    with _refusals():
                        yield session
                        session.commit()
                    self._given_up = False
                except StateGivenUp:
                    self._given_up = True
                    raise
                for call in session.info[AFTER_COMMIT]:
                    call()
        finally:
            self._writing.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A view of the state at this moment; waits for nobody and writes nothing."""
        with Session(self._engine, autoflush=False, expire_on_commit=False) as session:
            yield session

    def check(self) -> None:
        """Answer a small query, or raise what stands in the way; for health checks."""
        if self._given_up:
            raise StateGivenUp(_GIVEN_UP)
        with _refusals(), self.reading() as session:
            session.execute(text("SELECT max(version) FROM schema_version"))

    def close(self) -> None:
        """Wait for the last change, write everything into the file and let it go."""
        with self._writing:
            self._engine.dispose()
            self._resources.close()


def open_database(settings: Settings, keys: Keys, *, read_only: bool = False) -> Database:
    """Open the state, making or migrating its tables.

    Parameters
    ----------
    settings
        ``home`` and ``database_url`` count.
    keys
        Whose ``state`` key encrypts the DuckDB file.
    read_only
        Look without making or migrating anything. The workspace must be free all the same.

    Raises
    ------
    WorkspaceLocked
        Another process holds the workspace; the message names it.
    IntegrityError
        The state was written with another key.
    """
    make_home(settings.home)
    with ExitStack() as resources:
        resources.enter_context(HomeLock(settings.home))
        if settings.database_url:
            engine = _url_engine(settings.database_url)
        else:
            path = settings.home / STATE_FILE
            base = resources.enter_context(_attached(path, keys, read_only=read_only))
            engine = _duckdb_engine(base)
        resources.callback(engine.dispose)
        if not read_only:
            with engine.begin() as connection:
                migrate(connection)
        return Database(engine, settings.home, resources.pop_all())


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        words = str(error.orig)
        if "invalidated" in words or "No space left" in words:
            raise StateGivenUp(_GIVEN_UP) from error
        raise Conflict(
            "The change could not be saved: the state refused it or changed at the same moment. "
            "Nothing was written. Try again."
        ) from error


def _refuse_full_disk(home: Path) -> None:
    if shutil.disk_usage(home).free < LEAST_FREE_BYTES:
        raise StorageError(
            f"The disk of the home folder has less than {LEAST_FREE_BYTES // 1024**2} MiB left. "
            "Nothing was saved. Make room, then try again."
        )


@contextmanager
def _attached(path: Path, keys: Keys, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB with the encrypted state attached as its only file; checkpoints at the end."""
    if read_only and not path.exists():
        raise StudioError(f"There is no state at {path}. Has the studio been started here?")
    options = f"ENCRYPTION_KEY {literal(keys.derive(Purpose.STATE).hex())}"
    if read_only:
        options += ", READ_ONLY"
    with connect() as base:
        try:
            base.execute(f"ATTACH {literal(str(path))} AS state ({options})")
        except duckdb.Error as error:
            raise _opening_error(path, error) from None
        path.chmod(0o600)
        yield base
        try:
            if not read_only:
                base.execute("CHECKPOINT state")
            base.execute("DETACH state")
        except duckdb.Error as error:  # all that was committed is in the log beside the file
            logger.error("the state was closed without a checkpoint: %s", type(error).__name__)


def _opening_error(path: Path, error: duckdb.Error) -> StudioError:
    message = str(error).replace(str(path), "")
    if "set lock on file" in message:
        holder = message[message.find("(PID") : message.find(")", message.find("(PID")) + 1]
        return WorkspaceLocked(f"The state {path} is held by another process {holder}. Stop it.")
    if "encryption key" in message:
        return IntegrityError(
            f"The state {path} was written with another master key. Start with the key file or "
            "`STUDIO_KEY` that belongs to it."
        )
    if "No space left" in message:
        return StorageError(f"The state {path} cannot be opened: the disk is full. Make room.")
    return IntegrityError(
        f"The state {path} cannot be opened: it is damaged, or no state of this studio "
        f"({type(error).__name__}). Restore it, and the files beside it, from one backup."
    )


def _duckdb_engine(base: duckdb.DuckDBPyConnection) -> Engine:
    from duckdb_engine import ConnectionWrapper

    def new_connection() -> object:
        cursor = base.cursor()
        cursor.execute("USE state")
        return ConnectionWrapper(cursor)

    return create_engine(
        "duckdb://",
        creator=new_connection,
        poolclass=QueuePool,
        pool_size=16,
        json_serializer=_to_json,
        hide_parameters=True,
    )


def _url_engine(url: str) -> Engine:
    options = {"pool_pre_ping": True, "json_serializer": _to_json, "hide_parameters": True}
    try:
        engine = create_engine(url, **options)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _patient_sqlite)
        engine.connect().close()
    except ImportError as error:
        raise InvalidInput(
            f"`STUDIO_DATABASE_URL` needs the driver {error.name}, which is not installed here."
        ) from error
    except (ArgumentError, DBAPIError) as error:
        raise InvalidInput(
            f"`STUDIO_DATABASE_URL` does not lead to a database ({type(error).__name__}). Check "
            "its spelling, and that the database answers."
        ) from error
    return engine


def _to_json(value: object) -> str:
    """Text in any script as itself, so that it can be searched for."""
    return json.dumps(value, ensure_ascii=False)


def _patient_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=60000")
    cursor.close()
