"""DuckDB connections that can read and write encrypted files without a download.

DuckDB writes encrypted databases and Parquet only with the OpenSSL of its ``httpfs`` extension.
That extension comes as a Python package; it is loaded by its path, so nothing is installed into
the user's home folder and the machine needs no network.
"""

from functools import cache
from importlib.resources import files
from pathlib import Path

import duckdb

from core.errors import StudioError

# No download, and no temporary files: what spills to disk would not be encrypted.
CONFIG = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "temp_directory": "",
}


def connect() -> duckdb.DuckDBPyConnection:
    """A fresh in-memory DuckDB with encryption loaded.

    Raises
    ------
    StudioError
        The extension's package does not fit the installed DuckDB.
    """
    connection = duckdb.connect(config=dict(CONFIG))
    connection.execute(f"LOAD {literal(str(_extension_path()))}")
    return connection


def literal(text: str) -> str:
    """``text`` as an SQL string literal, for statements that take no parameters."""
    return "'" + text.replace("'", "''") + "'"


@cache
def _extension_path() -> Path:
    root = Path(str(files("duckdb_extension_httpfs"))) / "extensions"
    path = root / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
    if not path.exists():
        raise StudioError(
            f"The package duckdb-extension-httpfs has no build for DuckDB {duckdb.__version__}. "
            "Install the pinned versions of requirements.txt."
        )
    return path
