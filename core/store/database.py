"""The state: who opens it, how rows are read and written, and how it is closed.

By default the state is an encrypted DuckDB file that one process owns; ``STUDIO_DATABASE_URL`` may
name any other SQLAlchemy database. Writing transactions take turns behind one lock: they are short
(no training or file reading inside), numbering needs no retries, and two threads that change the
same row do not fail each other.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import QueuePool

from core.errors import Conflict, IntegrityError, StudioError, WorkspaceLocked
from core.keys import Keys, Purpose, make_home
from core.settings import Settings
from core.store.duck import connect, literal
from core.store.lock import HomeLock
from core.store.migrations import migrate

STATE_FILE = "state.duckdb"
WRITE_WAIT_S = 60.0
AFTER_COMMIT = "after_commit"


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
        """
        if not self._writing.acquire(timeout=WRITE_WAIT_S):
            raise Conflict("The state is busy with another change. Try again in a minute.")
        try:
            with Session(self._engine, expire_on_commit=False) as session:
                session.info[AFTER_COMMIT] = []
                with _refusals():
                    yield session
                    session.commit()
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
        """Answer a trivial query, or raise what stands in the way; for health checks."""
        with self.reading() as session:
            session.execute(text("SELECT 1"))

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
        raise Conflict(
            "The change could not be saved: the state refused it or changed at the same moment. "
            "Nothing was written. Try again."
        ) from error


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
        if not read_only:
            base.execute("CHECKPOINT state")
        base.execute("DETACH state")


def _opening_error(path: Path, error: duckdb.Error) -> StudioError:
    message = str(error)
    if "lock" in message:
        holder = message[message.find("(PID") : message.find(")", message.find("(PID")) + 1]
        return WorkspaceLocked(f"The state {path} is held by another process {holder}. Stop it.")
    if "key" in message:
        return IntegrityError(
            f"The state {path} was written with another master key. Start with the key file or "
            "`STUDIO_KEY` that belongs to it."
        )
    return IntegrityError(f"The state {path} cannot be opened: {type(error).__name__}.")


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
    engine = create_engine(url, pool_pre_ping=True, json_serializer=_to_json, hide_parameters=True)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _patient_sqlite)
    return engine


def _to_json(value: object) -> str:
    """Text in any script as itself, so that it can be searched for."""
    return json.dumps(value, ensure_ascii=False)


def _patient_sqlite(connection: object, _record: object) -> None:
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA busy_timeout=60000")
    cursor.close()
