"""A PostgreSQL of one's own for tests: on loopback, in a temporary folder, as an ordinary user.

Where no PostgreSQL is installed the tests are skipped, but not where ``STUDIO_REQUIRE_POSTGRES`` is
set.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

PASSWORD = "sesame-open-17"
USER = "keeper"


@dataclass(frozen=True)
class Server:
    """A running server, and the process that it is."""

    port: int
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    def engine(self) -> Engine:
        return create_engine(self.url.replace("postgresql:", "postgresql+pg8000:"),
                             poolclass=NullPool)  # fmt: skip


def programs() -> Path | None:
    """The folder of ``initdb`` and ``postgres``, as Debian or the path has them."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).parent if on_path else None


@contextmanager
def server() -> Iterator[Server]:
    """Start a server, and stop it at the end."""
    where = programs()
    if where is None:
        assert not os.environ.get("STUDIO_REQUIRE_POSTGRES"), "no PostgreSQL is installed"
        pytest.skip("no PostgreSQL is installed")
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        ordinary = _ordinary_user()
        secret = folder / "password"
        secret.write_text(PASSWORD)
        if ordinary:
            for path in (folder, secret):
                os.chown(path, ordinary.pw_uid, ordinary.pw_gid)
        run_as = {"user": ordinary.pw_uid, "group": ordinary.pw_gid} if ordinary else {}
        data = folder / "data"
        made = [str(where / "initdb"), "-D", str(data), "-U", USER, "-A", "scram-sha-256",
                f"--pwfile={secret}", "-E", "UTF8", "--no-sync"]  # fmt: skip
        subprocess.run(made, check=True, capture_output=True, cwd=folder, **run_as)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        command = [str(where / "postgres"), "-D", str(data), "-p", str(port), "-k", str(folder),
                   "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]  # fmt: skip
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, cwd=folder, **run_as)
            try:
                _wait(where, port, folder)
                yield Server(port, folder, process)
            finally:
                process.terminate()
                process.wait(30)


def _wait(where: Path, port: int, folder: Path) -> None:
    ready = [str(where / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-t", "1"]
    for _ in range(300):
        if subprocess.run(ready, capture_output=True).returncode == 0:
            return
        time.sleep(0.2)
    raise AssertionError((folder / "log").read_text())


def _ordinary_user() -> pwd.struct_passwd | None:
    """Whom to run as when we are root, which PostgreSQL refuses to be run by."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None
