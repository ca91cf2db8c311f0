"""Opening a database by its SQLAlchemy URL: checked, for reading only, without telling secrets.

No message has a word of the URL or of the driver in it: either may quote a password or a value.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from core.data.folders import folder_file
from core.data.sources.addresses import checked_address
from core.errors import InvalidInput, NotFound

WAIT_S = 10
DRIVERS = {"postgresql": "postgresql+pg8000", "postgres": "postgresql+pg8000"}
_REFUSED = frozenset({"duckdb", "access", "md", "motherduck", "shillelagh"})
_LEADING_ELSEWHERE = frozenset(
    {"host", "hostaddr", "unix_sock", "unix_socket", "service", "read_default_file", "passfile",
     "local_infile", "sslkey", "sslcert", "sslrootcert", "odbc_connect", "creator"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Opened:
    """An open connection in a transaction that only reads."""

    connection: Connection
    kind: str


def checked_url(text: str, folders: Sequence[Path]) -> URL:
    """The URL, if the studio may open it.

    Parameters
    ----------
    text
        ``postgresql://user:password@host:5432/name`` or ``sqlite:///path`` for example.
    folders
        Where SQLite files may lie.

    Raises
    ------
    InvalidInput
        It cannot be understood, names a kind of database that is not installed or not allowed,
        or a file outside the folders.
    """
    try:
        url = make_url(text.strip())
    except (ArgumentError, ValueError) as error:
        raise InvalidInput(
            "The address cannot be understood. Write it as kind://user:password@host:port/name, "
            "and special characters of the password as %40, %2F and so on."
        ) from error
    kind = url.get_backend_name().lower()
    if kind in _REFUSED:
        raise InvalidInput(f"Databases of the kind {kind!r} cannot be imported from.")
    elsewhere = sorted(set(url.query) & _LEADING_ELSEWHERE)
    if elsewhere:
        raise InvalidInput(f"The address must not have `{'`, `'.join(elsewhere)}` in it.")
    if kind == "sqlite":
        return _sqlite(url, folders)
    if not url.host:
        raise InvalidInput("The address names no host. Write kind://user:password@host:port/name.")
    return url.set(drivername=DRIVERS.get(url.drivername, url.drivername))


@contextmanager
def opened(url: URL, *, forbid_private: bool) -> Iterator[Opened]:
    """Connect, and read in one transaction that changes nothing.

    Raises
    ------
    InvalidInput
        The host is forbidden, the driver is not installed, or nobody answers.
    """
    kind = url.get_backend_name()
    if url.host:
        url = url.set(host=checked_address(url.host, url.port, forbid_private=forbid_private))
    engine = _engine(url, kind)
    try:
        with _connected(engine, kind) as connection:
            yield Opened(connection, kind)
    finally:
        engine.dispose()


def _engine(url: URL, kind: str) -> Engine:
    waits = {"postgresql": "timeout", "mysql": "connect_timeout", "mariadb": "connect_timeout"}
    arguments: dict[str, Any] = {waits[kind]: WAIT_S} if kind in waits else {}
    if kind == "postgresql" and url.drivername.endswith("pg8000"):
        arguments |= _encryption(url)
        url = url.difference_update_query(["sslmode"])
    try:
        return create_engine(url, poolclass=NullPool, hide_parameters=True, connect_args=arguments)
    except (NoSuchModuleError, ImportError) as error:
        raise InvalidInput(
            f"Databases of the kind {kind!r} need a driver that is not installed here. Have its "
            "SQLAlchemy dialect installed; the README names them."
        ) from error
    except (SQLAlchemyError, TypeError, ValueError) as error:
        raise InvalidInput("The address has a part that the driver does not know.") from error


def _encryption(url: URL) -> dict[str, Any]:
    """What ``sslmode`` asks of the PostgreSQL driver; certificates are checked where it is on."""
    mode = url.query.get("sslmode", "")
    if mode in {"require", "verify-ca", "verify-full"}:
        import ssl

        return {"ssl_context": ssl.create_default_context()}
    return {}


@contextmanager
def _connected(engine: Engine, kind: str) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except (DBAPIError, OSError, SQLAlchemyError, RuntimeError) as error:
        raise InvalidInput(
            f"The database does not let us in ({type(error).__name__}). Check host, port, name, "
            "user and password, and that it answers from this machine."
        ) from error
    with connection:
        if kind == "postgresql":
            connection = connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
        yield connection


def _sqlite(url: URL, folders: Sequence[Path]) -> URL:
    """A file of an import folder, opened so that nothing is written."""
    wanted = Path(url.database or "")
    for number, folder in enumerate(folders):
        if wanted.is_relative_to(folder):
            try:
                place = folder_file(folders, number, str(wanted.relative_to(folder)))
            except NotFound:
                break
            path = f"file:{quote(str(place))}"
            return URL.create("sqlite", database=path, query={"mode": "ro", "uri": "true"})
    raise InvalidInput(
        "A SQLite file must lie in an import folder (STUDIO_IMPORT_FOLDERS). Put it there, or "
        "upload its tables as files."
    )
